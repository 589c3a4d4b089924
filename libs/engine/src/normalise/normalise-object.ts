import { bareMap, field, isObject, list, path, pointerToMissing, text } from '../base/index.js';
import type { Json, JsonObject } from '../base/index.js';
import { kindId, POLICY_KINDS } from '../model/index.js';
import type { Diagnostic, Fact, ObjectMeta, PolicyKind, WorkloadFact } from '../model/index.js';
import { NESTING_LIMIT, tooDeepAt } from './nesting.js';
import { describe, ProblemList } from './problem-list.js';
import { readMeta, splitApiVersion } from './read-meta.js';
import { calledServicesOnly } from './read-called-services.js';
import { listenersOnly } from './read-envoy-config.js';
import { readEndpointSlice, readNode, readService } from './read-network.js';
import { readLabels, readPod, readServiceAccount, readTemplate } from './read-pod.js';
import { isConfigMapRead, WATCHED_KINDS } from './watched-kinds.js';
import type { WatchedKind } from './watched-kinds.js';

/**
 * What became of one raw object. `fact` is null when it is of a kind that the inventory does not keep, or when it
 * has no kind or name to keep it under; the latter comes with an `error` diagnostic.
 */
export interface NormaliseResult {
  readonly fact: Fact | null;
  readonly diagnostics: readonly Diagnostic[];
}

const BY_KIND = new Map(WATCHED_KINDS.map((watched) => [kindId(watched), watched]));
const POLICIES = WATCHED_KINDS.filter(({ role }) => role === 'policy');
const WORKLOAD_KINDS: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'ReplicationController',
]);
const ENVOY_CONFIGS: ReadonlySet<string> = new Set(['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig']);
const CALLED_BY_API_SERVER: ReadonlySet<string> = new Set([
  'ValidatingWebhookConfiguration',
  'MutatingWebhookConfiguration',
  'APIService',
]);
const NAME_LIMIT = 253;

/**
 * Turns a raw Kubernetes object into a fact. Never throws. An object with an error becomes a `rejected` fact that
 * carries its diagnostics; everything volatile or secret (managed fields, environment, most annotations) is dropped.
 */
export function normaliseObject(raw: unknown): NormaliseResult {
  const problems = new ProblemList(null);
  if (!isObject(raw)) {
    problems.error('object.type', '', `expected a Kubernetes object, found ${describe(raw)}`);
    return { fact: null, diagnostics: problems.diagnostics };
  }
  const kind = field(raw, 'kind');
  const apiVersion = field(raw, 'apiVersion');
  if (typeof kind !== 'string' || kind === '') {
    problems.error('object.kind', '/kind', `expected the object's kind, found ${describe(kind)}`);
  }
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    problems.error(
      'object.api_version',
      '/apiVersion',
      `expected the object's apiVersion, found ${describe(apiVersion)}`,
    );
  }
  if (problems.failed) return { fact: null, diagnostics: problems.diagnostics };
  const { group, version } = splitApiVersion(apiVersion as string);
  const watched = BY_KIND.get(kindId({ group, kind: kind as string }));
  if (watched === undefined) return { fact: null, diagnostics: unreadPolicyKind(raw, group, version) };
  return normaliseWatched(raw, watched, version);
}

/** What looks like a policy and is none of those that are evaluated must not be left out in silence. */
function unreadPolicyKind(raw: JsonObject, group: string, version: string): readonly Diagnostic[] {
  const kind = text(field(raw, 'kind'));
  const known = POLICIES.filter((policy) => policy.kind.toLowerCase() === kind.trim().toLowerCase());
  if (known.length === 0) return [];
  const metadata = field(raw, 'metadata');
  const [namespace, name] = [text(field(metadata, 'namespace')), text(field(metadata, 'name'))];
  const problems = new ProblemList({ group, kind, namespace, name });
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const same = known.find((policy) => policy.group === group);
  const others = known.map((policy) => `\`${policy.group}/${policy.versions[0] ?? ''}\``).join(', ');
  const message =
    same === undefined
      ? `\`${kind}\` of \`${apiVersion}\` is not evaluated, only that of ${others}`
      : `kind \`${kind.replace(/\s/g, ' ')}\` is not known, expected \`${same.kind}\``;
  problems.error('object.policy_kind', '/kind', message);
  return problems.diagnostics;
}

function normaliseWatched(raw: JsonObject, watched: WatchedKind, version: string): NormaliseResult {
  const { group, kind } = watched;
  const metadata = field(raw, 'metadata');
  const name = field(metadata, 'name') ?? field(metadata, 'generateName');
  if (typeof name !== 'string' || name === '' || name.length > NAME_LIMIT) {
    const problems = new ProblemList({ group, kind, namespace: text(field(metadata, 'namespace')), name: '' });
    const at = pointerToMissing(raw, 'metadata', 'name');
    problems.error('object.name', at, `expected a name of 1 to 253 characters, found ${describe(name)}`);
    return { fact: null, diagnostics: problems.diagnostics };
  }
  const meta = readMeta(raw, group, version, kind, watched.namespaced);
  if (watched.kind === 'ConfigMap' && !isConfigMapRead(raw, meta.name)) return { fact: null, diagnostics: [] };
  const problems = new ProblemList(meta);
  readLabels(field(metadata, 'labels'), '/metadata/labels', problems);
  const namespace = field(metadata, 'namespace');
  if (namespace !== undefined && typeof namespace !== 'string') {
    problems.error('object.namespace', '/metadata/namespace', `expected text, found ${describe(namespace)}`);
  }
  if (!watched.versions.includes(version)) {
    const known = watched.versions.map((entry) => `\`${entry}\``).join(' or ');
    problems.error(
      'object.version',
      '/apiVersion',
      `version \`${version}\` of ${kind} is not known, expected ${known}`,
    );
  }
  const fact = readFact(raw, meta, watched, problems);
  if (fact.type === 'policy' || fact.type === 'aux') checkNesting(fact.raw, problems);
  if (problems.failed) {
    return {
      fact: { type: 'rejected', meta, diagnostics: problems.diagnostics },
      diagnostics: problems.diagnostics,
    };
  }
  return { fact, diagnostics: problems.diagnostics };
}

/** What is kept as it came must not be able to exhaust the stack of anyone who walks it. */
function checkNesting(kept: JsonObject, problems: ProblemList): void {
  const at = tooDeepAt(kept);
  if (at !== null) problems.error('object.depth', at, `nested deeper than ${NESTING_LIMIT} levels, flatten it`);
}

function readFact(raw: JsonObject, meta: ObjectMeta, watched: WatchedKind, problems: ProblemList): Fact {
  if (watched.role === 'policy') return { type: 'policy', meta, raw: keptRaw(raw, watched) };
  if (ENVOY_CONFIGS.has(meta.kind)) return { type: 'aux', meta, raw: listenersOnly(raw) };
  if (CALLED_BY_API_SERVER.has(meta.kind)) return { type: 'aux', meta, raw: calledServicesOnly(raw) };
  if (watched.role === 'aux') return { type: 'aux', meta, raw: keptRaw(raw, watched) };
  if (WORKLOAD_KINDS.has(meta.kind)) return readWorkload(raw, meta, problems);
  switch (meta.kind) {
    case 'Namespace':
      return { type: 'namespace', meta: withNameLabel(meta) };
    case 'Pod':
      return readPod(raw, meta, problems);
    case 'Node':
      return readNode(raw, meta);
    case 'Service':
      return readService(raw, meta, problems);
    case 'EndpointSlice':
      return readEndpointSlice(raw, meta, problems);
    case 'ServiceAccount':
      return readServiceAccount(raw, meta);
    default:
      return { type: 'aux', meta, raw: keptRaw(raw, watched) };
  }
}

/** The API server gives every namespace this label; a manifest may leave it out. */
function withNameLabel(meta: ObjectMeta): ObjectMeta {
  const labels = Object.assign(bareMap<string>(), meta.labels, { 'kubernetes.io/metadata.name': meta.name });
  return { ...meta, labels };
}

/** What is kept of a policy or auxiliary object: its specification, data or rights, and what its status says of it. */
function keptRaw(raw: JsonObject, watched: WatchedKind): JsonObject {
  const kept: Record<string, Json> = {};
  for (const key of ['spec', 'specs', 'data', 'endpoints', 'rules', 'roleRef', 'subjects'] as const) {
    const value = field(raw, key);
    if (value !== undefined) kept[key] = value;
  }
  const status = field(raw, 'status');
  const conditions = field(status, 'conditions');
  // Gateways of the Gateway API have addresses.
  const found = field(status, 'addresses');
  const addresses = found === undefined ? {} : { addresses: found };
  if (conditions !== undefined) kept['status'] = { conditions: stableConditions(conditions), ...addresses };
  else if (status !== undefined && watched.role === 'aux') kept['status'] = status;
  // Antrea's controller information has no spec: its version is a field of its own.
  const version = field(raw, 'version');
  if (version !== undefined) kept['version'] = version;
  return kept;
}

/** Conditions without their times, which change although nothing that matters does. */
function stableConditions(value: Json): Json {
  return list(value).map((condition) => ({
    type: text(field(condition, 'type')),
    status: text(field(condition, 'status')),
    reason: text(field(condition, 'reason')),
    message: text(field(condition, 'message')),
  }));
}

function readWorkload(raw: JsonObject, meta: ObjectMeta, problems: ProblemList): WorkloadFact {
  const spec = field(raw, 'spec');
  const status = field(raw, 'status');
  const cron = meta.kind === 'CronJob';
  const steps = cron ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template'];
  const template = path(raw, ...steps);
  const at = pointerToMissing(raw, ...steps);
  if (template === undefined) problems.error('workload.template', at, 'expected a pod template, found nothing');
  const replicas = field(spec, 'replicas') ?? field(status, 'desiredNumberScheduled');
  const ready = field(status, 'readyReplicas') ?? field(status, 'numberReady');
  return {
    type: 'workload',
    meta,
    replicas: typeof replicas === 'number' ? replicas : null,
    readyReplicas: typeof ready === 'number' ? ready : null,
    template: readTemplate(template, at, problems),
  };
}

/**
 * The policy kind of an object. Calico's storage group holds the same objects as its API group, so both map to one.
 */
export function policyKindOf(ref: { readonly group: string; readonly kind: string }): PolicyKind | null {
  // Very many objects are asked about: the id is not put together for each.
  return POLICY_KIND_OF.get(ref.kind)?.get(ref.group) ?? null;
}

/** By kind and group. */
const POLICY_KIND_OF: ReadonlyMap<string, ReadonlyMap<string, PolicyKind>> = policyKindTable();

function policyKindTable(): Map<string, Map<string, PolicyKind>> {
  const out = new Map<string, Map<string, PolicyKind>>();
  for (const id of POLICY_KINDS) {
    const dot = id.indexOf('.');
    const [kind, group] = [id.slice(0, dot), id.slice(dot + 1)];
    const groups = out.get(kind) ?? new Map<string, PolicyKind>();
    out.set(kind, groups.set(group, id));
    if (group === 'projectcalico.org') groups.set('crd.projectcalico.org', id);
  }
  return out;
}
