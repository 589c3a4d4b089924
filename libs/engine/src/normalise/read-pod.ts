import { bareMap, field, isObject, list, path, pointer, text, textMap } from '../base/index.js';
import type { Json } from '../base/index.js';
import { protocolByName, TCP } from '../model/index.js';
import type {
  ContainerFact,
  ContainerPort,
  Labels,
  ObjectMeta,
  PodFact,
  PodPhase,
  PodShape,
  ServiceAccountFact,
} from '../model/index.js';
import { canonicalIp } from '../net/index.js';
import { describe } from './problem-list.js';
import type { ProblemList } from './problem-list.js';
import { readAnnotations } from './read-meta.js';

/** Variables whose literal values switch policy enforcement on or off; no other value is kept. */
const KEPT_ENV =
  /^(FELIX_[A-Z0-9_]+|NETWORK_POLICY_ENFORCING_MODE|EXPECT_NPC|CALICO_NETWORKING_BACKEND|IP6?|ENABLE_[A-Z_]+)$/;
const PHASES: ReadonlySet<string> = new Set(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']);

/** Reads a pod template; `at` is its JSON pointer. */
export function readTemplate(template: unknown, at: string, problems: ProblemList): PodShape {
  const metadata = field(template, 'metadata');
  return {
    ...readSpec(field(template, 'spec'), pointer(at, 'spec'), problems),
    labels: readLabels(field(metadata, 'labels'), pointer(at, 'metadata', 'labels'), problems),
    annotations: readAnnotations(field(metadata, 'annotations')),
  };
}

/** Reads a pod spec; `at` is its JSON pointer. */
function readSpec(spec: unknown, at: string, problems: ProblemList): Omit<PodShape, 'labels' | 'annotations'> {
  if (spec !== undefined && !isObject(spec)) {
    problems.error('pod.spec_type', at, `expected an object, found ${describe(spec)}`);
  }
  const containers: ContainerFact[] = [];
  const ports: ContainerPort[] = [];
  for (const [key, role] of [
    ['initContainers', 'init'],
    ['containers', 'main'],
    ['ephemeralContainers', 'ephemeral'],
  ] as const) {
    const value = field(spec, key);
    if (value !== undefined && !Array.isArray(value)) {
      problems.error('pod.containers_type', pointer(at, key), `expected a list, found ${describe(value)}`);
    }
    for (const [index, container] of list(value).entries()) {
      const actual = role === 'init' && field(container, 'restartPolicy') === 'Always' ? 'sidecar' : role;
      containers.push(readContainer(container, actual));
      ports.push(...readPorts(container, actual, () => pointer(at, key, index, 'ports'), problems));
    }
  }
  return {
    serviceAccount: text(field(spec, 'serviceAccountName')) || text(field(spec, 'serviceAccount')) || 'default',
    ...readApiToken(spec),
    hostNetwork: field(spec, 'hostNetwork') === true,
    ports,
    containers,
  };
}

/** The volume that the API server adds to pods that get a token by default is no wish of the pod. */
const DEFAULT_TOKEN = 'kube-api-access-';

function readApiToken(spec: unknown): Pick<PodShape, 'apiToken'> {
  const asks = list(field(spec, 'volumes')).some(
    (volume) =>
      !text(field(volume, 'name')).startsWith(DEFAULT_TOKEN) &&
      list(path(volume, 'projected', 'sources')).some((source) => {
        const token = field(source, 'serviceAccountToken');
        return token !== undefined && text(field(token, 'audience')) === '';
      }),
  );
  if (asks) return { apiToken: true };
  const automount = field(spec, 'automountServiceAccountToken');
  return typeof automount === 'boolean' ? { apiToken: automount } : {};
}

/** Reads a ServiceAccount: whether its pods get a token unless they say otherwise. */
export function readServiceAccount(raw: Json, meta: ObjectMeta): ServiceAccountFact {
  const refuses = field(raw, 'automountServiceAccountToken') === false;
  return { type: 'serviceaccount', meta, ...(refuses ? { apiToken: false as const } : {}) };
}

/** Labels, with an error for each value that is not text (YAML reads `version: 1.10` as a number). */
export function readLabels(value: unknown, at: string, problems: ProblemList): Labels {
  if (value !== undefined && !isObject(value)) {
    problems.error('object.labels_type', at, `expected an object of text values, found ${describe(value)}`);
  }
  if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const entry = value[key];
      if (typeof entry !== 'string' && entry !== null) {
        problems.error(
          'object.label_value',
          pointer(at, key),
          `expected text, found ${describe(entry)}; put it in quotes`,
        );
      }
    }
  }
  return textMap(value);
}

function readContainer(value: Json, role: ContainerFact['role']): ContainerFact {
  const env = bareMap<string>();
  for (const entry of list(field(value, 'env'))) {
    const name = text(field(entry, 'name'));
    const literal = field(entry, 'value');
    if (KEPT_ENV.test(name) && typeof literal === 'string') env[name] = literal;
  }
  const words = [...list(field(value, 'command')), ...list(field(value, 'args'))];
  return {
    name: text(field(value, 'name')),
    image: text(field(value, 'image')),
    role,
    args: words.filter((word, index): word is string => isKeptWord(word, words[index - 1])),
    env,
    ...elevation(field(value, 'securityContext')),
  };
}

/** Flags only: positional words may be scripts or carry secrets. But for where a DNS cache listens. */
function isKeptWord(word: Json, before: Json | undefined): boolean {
  if (typeof word !== 'string') return false;
  if (/^--?[a-z][\w-]*(=[\w.,:/-]*)?$/i.test(word)) return true;
  return typeof before === 'string' && /^--?localip$/.test(before) && /^[\da-f.:,]+$/i.test(word);
}

function readPorts(
  container: Json,
  role: ContainerFact['role'],
  at: () => string,
  problems: ProblemList,
): ContainerPort[] {
  const out: ContainerPort[] = [];
  for (const [index, entry] of list(field(container, 'ports')).entries()) {
    const port = field(entry, 'containerPort');
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
      const found = describe(port);
      problems.error(
        'pod.port',
        pointer(at(), index, 'containerPort'),
        `expected a port from 1 to 65535, found ${found}`,
      );
      continue;
    }
    const name = field(entry, 'protocol');
    const protocol = name === undefined ? TCP : typeof name === 'string' ? protocolByName(name) : null;
    if (protocol === null) {
      const found = describe(name);
      problems.error('pod.protocol', pointer(at(), index, 'protocol'), `expected TCP, UDP or SCTP, found ${found}`);
      continue;
    }
    const hostPort = field(entry, 'hostPort');
    const hostIp = canonicalIp(text(field(entry, 'hostIP')));
    out.push({
      name: text(field(entry, 'name')),
      port,
      protocol,
      hostPort: typeof hostPort === 'number' ? hostPort : 0,
      init: role === 'init',
      ...(role === 'sidecar' && { sidecar: true as const }),
      ...(hostIp !== null && !ANY_ADDRESS.has(hostIp) && { hostIp }),
    });
  }
  return out;
}

/** As an address of a host these mean all that it has. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Capabilities that reach beyond the container's own sockets. */
const NETWORK_CAPABILITIES: ReadonlySet<string> = new Set(['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'ALL']);

function elevation(context: Json | undefined): Pick<ContainerFact, 'elevated'> {
  const added = list(path(context, 'capabilities', 'add')).map((name) => text(name).toUpperCase().replace(/^CAP_/, ''));
  const found = added.filter((name) => NETWORK_CAPABILITIES.has(name));
  const elevated = [...(field(context, 'privileged') === true ? ['privileged'] : []), ...found];
  return elevated.length === 0 ? {} : { elevated };
}

/** Reads a Pod. Addresses that cannot be parsed are reported and left out. */
export function readPod(raw: Json, meta: ObjectMeta, problems: ProblemList): PodFact {
  const spec = field(raw, 'spec');
  const status = field(raw, 'status');
  const phase = text(field(status, 'phase'));
  const ips = readIps(status, 'podIPs', 'podIP', problems);
  const ready = list(field(status, 'conditions')).find((condition) => field(condition, 'type') === 'Ready');
  return {
    type: 'pod',
    meta,
    shape: { ...readSpec(spec, '/spec', problems), labels: meta.labels, annotations: meta.annotations },
    node: text(field(spec, 'nodeName')),
    hostIps: readIps(status, 'hostIPs', 'hostIP', problems),
    ips,
    // A manifest has no status: it stands for a pod that runs.
    phase: PHASES.has(phase) ? (phase as PodPhase) : 'Running',
    ready: ready === undefined ? phase === '' || phase === 'Running' : field(ready, 'status') === 'True',
  };
}

function readIps(status: unknown, plural: string, single: string, problems: ProblemList): string[] {
  const found: string[] = [];
  const add = (value: unknown, ...at: readonly (string | number)[]): void => {
    if (value === undefined || value === '' || found.includes(value as string)) return;
    const ip = typeof value === 'string' ? canonicalIp(value) : null;
    if (ip === null) {
      problems.error('object.address', pointer('/status', ...at), `expected an IP address, found ${describe(value)}`);
    } else if (!found.includes(ip)) found.push(ip);
  };
  for (const [index, entry] of list(field(status, plural)).entries()) add(field(entry, 'ip'), plural, index, 'ip');
  add(field(status, single), single);
  return found;
}
