import { isObject } from '../base/index.js';
import type { Json } from '../base/index.js';
import type { Fact, Labels, ObjectMeta } from '../model/index.js';
import { topOwner, workloadKey } from '../compile/build-endpoints.js';
import { reshaped } from './apply-changes.js';

const NAME_KEYS: ReadonlySet<string> = new Set([
  'kubernetes.io/metadata.name',
  'projectcalico.org/name',
  'io.kubernetes.pod.namespace',
  'k8s:io.kubernetes.pod.namespace',
]);
const BYSTANDERS: ReadonlySet<string> = new Set(['endpointslice', 'node']);
/** What the control plane has of its own in every cluster, and what says nothing of what can talk to what. */
const OTHER_GROUPS: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiregistration.k8s.io',
  'rbac.authorization.k8s.io',
]);
const OWN_SERVICE_ACCOUNT = 'default';

/**
 * Facts as somebody declares them, for comparing two places that run the same: without what a cluster makes by itself
 * (pods of workloads, ReplicaSets, endpoint slices, nodes, rights and webhooks), and without identities, times and addresses.
 */
export function declaredFacts(facts: Iterable<Fact>): Fact[] {
  const out: Fact[] = [];
  for (const fact of facts) {
    if (BYSTANDERS.has(fact.type) || OTHER_GROUPS.has(fact.meta.group)) continue;
    if (fact.meta.owner !== null && fact.type !== 'policy') continue;
    if (fact.type === 'serviceaccount' && fact.meta.name === OWN_SERVICE_ACCOUNT) continue;
    out.push(withoutCircumstance(fact));
  }
  return out;
}

function withoutCircumstance(fact: Fact): Fact {
  const meta: ObjectMeta = { ...fact.meta, uid: '', createdAt: '', owner: null, deleting: false };
  switch (fact.type) {
    case 'namespace':
      return { ...fact, meta: { ...meta, labels: { ...meta.labels, 'kubernetes.io/metadata.name': meta.name } } };
    case 'pod':
      return { ...fact, meta, node: '', hostIps: [], ips: [], phase: 'Running', ready: true };
    case 'workload':
      return { ...fact, meta, replicas: null, readyReplicas: null };
    case 'service':
      return {
        ...fact,
        meta,
        clusterIps: fact.headless ? fact.clusterIps : [],
        loadBalancerIps: [],
        ports: fact.ports.map((port) => ({ ...port, nodePort: 0, targetPort: port.targetPort ?? port.port })),
      };
    default:
      return { ...fact, meta };
  }
}

/**
 * What is declared, as it would run where `live` runs: on its nodes, and with its pods in the place of the templates they
 * come from. So that a folder and a cluster differ in what is written, not in that a folder has no addresses.
 */
export function settledFacts(declared: readonly Fact[], live: readonly Fact[]): Fact[] {
  const owners = new Map(
    live.filter((fact) => fact.type === 'workload').map((fact) => [workloadKey(fact.meta.namespace, fact.meta), fact]),
  );
  const templates = new Map(
    declared
      .filter((fact) => fact.type === 'workload')
      .map((fact) => [workloadKey(fact.meta.namespace, fact.meta), fact.template]),
  );
  const hasNodes = declared.some(({ type }) => type === 'node');
  const running = live.flatMap((fact): Fact[] => {
    if (fact.type === 'node') return hasNodes ? [] : [fact];
    if (fact.type !== 'pod') return [];
    const owner = topOwner(fact, owners);
    const template = owner === null ? undefined : templates.get(workloadKey(fact.meta.namespace, owner));
    return template === undefined ? [] : [reshaped(fact, template)];
  });
  return [...declared, ...running];
}

/** Facts under other names of namespaces: objects, label selectors and owners follow. Names not in `names` stay. */
export function renameNamespaces(facts: readonly Fact[], names: Readonly<Record<string, string>>): Fact[] {
  if (Object.keys(names).length === 0) return [...facts];
  const renamed = (name: string): string => (Object.hasOwn(names, name) ? (names[name] ?? name) : name);
  return facts.map((fact): Fact => {
    const meta: ObjectMeta = {
      ...fact.meta,
      namespace: renamed(fact.meta.namespace),
      name: fact.type === 'namespace' ? renamed(fact.meta.name) : fact.meta.name,
      labels: fact.type === 'namespace' ? renameLabels(fact.meta.labels, renamed) : fact.meta.labels,
    };
    if (fact.type === 'policy' || fact.type === 'aux') {
      return { ...fact, meta, raw: renameIn(fact.raw, renamed) as typeof fact.raw };
    }
    return { ...fact, meta };
  });
}

function renameLabels(labels: Labels, renamed: (name: string) => string): Labels {
  const entries = Object.entries(labels).map(([key, value]) => [key, NAME_KEYS.has(key) ? renamed(value) : value]);
  return Object.fromEntries(entries) as Labels;
}

/** Renames where a selector names a namespace by its label, however the kind writes that. */
function renameIn(value: Json, renamed: (name: string) => string): Json {
  if (typeof value === 'string') return renameExpression(value, renamed);
  if (Array.isArray(value)) return value.map((entry: Json) => renameIn(entry, renamed));
  if (!isObject(value)) return value;
  const key = value['key'];
  if (typeof key === 'string' && NAME_KEYS.has(key) && Array.isArray(value['values'])) {
    const values = (value['values'] as Json[]).map((entry) => (typeof entry === 'string' ? renamed(entry) : entry));
    return { ...value, values };
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      const isName = typeof entry === 'string' && (NAME_KEYS.has(name) || name === 'namespace');
      return [name, isName ? renamed(entry) : entry === undefined ? entry : renameIn(entry, renamed)];
    }),
  );
}

const EXPRESSION = /((?:kubernetes\.io\/metadata\.name|projectcalico\.org\/name)\s*[!=]=\s*)(['"])([^'"]*)\2/g;

function renameExpression(text: string, renamed: (name: string) => string): string {
  return text.replace(
    EXPRESSION,
    (_, test: string, quote: string, name: string) => `${test}${quote}${renamed(name)}${quote}`,
  );
}
