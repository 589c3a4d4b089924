import { field, list, path, text } from '../../base/index.js';
import { and, not, objectLabel, or } from '../../model/index.js';
import type {
  AuxFact,
  CompiledPolicy,
  Condition,
  Labels,
  ObjectRef,
  PolicyEntry,
  Selector,
  Tier,
} from '../../model/index.js';
import { ProblemList } from '../../normalise/problem-list.js';
import type { CompileEnv } from '../frontend.js';
import { holdsFor, readLabelSelector } from '../shared/index.js';
import { EVERY_MEMBER } from './enrolment.js';
import { HBONE } from './hbone.js';
import { GATEWAY, gatewayClass, gatewayPods, inNamespace } from './targets.compile.js';
import { machineEntries } from './workload-entries.js';
import { MESH_TIER, meshEntry, ruleRef, STAGE } from './mesh-tier.js';

const USE_WAYPOINT = 'istio.io/use-waypoint';
const WAYPOINT_NAMESPACE = 'istio.io/use-waypoint-namespace';
const WAYPOINT_FOR = 'istio.io/waypoint-for';
const INBOUND_BINDING = 'ambient.istio.io/waypoint-inbound-binding';
const MANAGED = 'gateway.istio.io/managed';
/** Services of waypoints, and of gateways between networks, which have no waypoint. */
const NEVER_BEHIND_ONE: readonly (string | undefined)[] = ['istio.io-mesh-controller', 'istio.io-eastwest-controller'];
/** Classes of Istio's own, of which no GatewayClass has to be read. */
const OWN_CLASSES: readonly string[] = ['istio-waypoint', 'istio', 'istio-remote', 'istio-east-west'];

/** Before every tier of the CNI: what goes through a waypoint is not the connection that policies are asked about. */
export const DETOUR_TIER: Tier = {
  id: 'waypoint',
  title: 'Istio waypoint',
  order: [Number.MIN_SAFE_INTEGER],
  passTo: '',
  gate: 'cni',
};

/** Connections that a waypoint takes over: those to Services, or to workloads, of one namespace. */
interface Detour {
  readonly waypoint: ObjectRef;
  readonly servers: Selector;
  readonly through: readonly Condition[];
}

const PODS: Selector = { type: 'kind', kinds: ['pod'] };

/**
 * Connections of members that a waypoint ends and opens anew (IM-36). The client's and the server's policies then see the
 * waypoint, whose part in the flow is not evaluated: the verdict is unknown, whatever policy says of the pair.
 */
export function waypointDetours(env: CompileEnv): { policies: CompiledPolicy[]; tiers: Tier[] } {
  if (env.ambient.size === 0) return { policies: [], tiers: [] };
  const policies = [...toServices(env), ...toWorkloads(env)].map(({ waypoint, servers, through }): CompiledPolicy => {
    const what = `${objectLabel(waypoint)} is a waypoint on the way, whose part in the flow is not evaluated`;
    const conditions: readonly Condition[] = [...through, { type: 'unsupported', what }];
    const clients = and(EVERY_MEMBER, not(gatewayPods(waypoint.namespace, waypoint.name)));
    const atClient = { direction: 'egress', subject: clients, peers: { type: 'of', selectors: [servers] } } as const;
    const atServer = { direction: 'ingress', subject: servers, peers: { type: 'of', selectors: [clients] } } as const;
    const entry = (side: typeof atClient | typeof atServer, action: 'allow' | 'deny'): PolicyEntry => {
      return { ...meshEntry('around', { source: ruleRef(waypoint), ...side, action }), conditions };
    };
    const ofCni = { tier: DETOUR_TIER.id };
    const entries: PolicyEntry[] = [
      { ...entry(atClient, 'allow'), ...ofCni },
      // Whatever they say of the pair itself: neither side is known to refuse, and either may.
      { ...entry(atClient, 'deny'), ...ofCni, order: [STAGE.rest] },
      { ...entry(atServer, 'allow'), ...ofCni },
      { ...entry(atServer, 'deny'), ...ofCni, subject: and(servers, PODS), order: [STAGE.rest] },
      entry(atServer, 'allow'),
    ];
    return { policy: waypoint, entries, diagnostics: [], refused: false };
  });
  return { policies, tiers: policies.length === 0 ? [] : [DETOUR_TIER, MESH_TIER] };
}

function toServices(env: CompileEnv): readonly Detour[] {
  const found = new Map<string, { waypoint: ObjectRef; namespace: string; names: string[] }>();
  for (const { meta } of env.services.values()) {
    if (NEVER_BEHIND_ONE.includes(meta.labels[MANAGED])) continue;
    const waypoint = waypointOf(meta.labels, meta.namespace, env);
    if (waypoint === null) continue;
    const key = `${meta.namespace} ${objectLabel(waypoint)}`;
    const known = found.get(key) ?? { waypoint, namespace: meta.namespace, names: [] };
    found.set(key, known);
    known.names.push(objectLabel(meta));
  }
  return [...found.values()]
    .filter(({ waypoint }) => serves(waypoint, 'service', env))
    .map(({ waypoint, namespace, names }): Detour => {
      return { waypoint, servers: inNamespace(namespace), through: [{ type: 'service', names: names.sort() }] };
    });
}

function toWorkloads(env: CompileEnv): readonly Detour[] {
  const found = new Map<string, Detour>();
  const note = (labels: Labels, namespace: string): void => {
    const key = [namespace, labels[USE_WAYPOINT], labels[WAYPOINT_NAMESPACE]].join(' ');
    const waypoint = found.has(key) ? null : waypointOf(labels, namespace, env);
    if (waypoint === null) return;
    const said = and(saying(USE_WAYPOINT, labels), saying(WAYPOINT_NAMESPACE, labels));
    const servers = and(inNamespace(namespace), said, not(servingGateways(namespace, env)));
    found.set(key, { waypoint, servers, through: [] });
  };
  for (const { meta } of env.namespaces.values()) note({}, meta.name);
  for (const { meta, shape } of env.pods)
    if (shape.labels[USE_WAYPOINT] !== undefined) note(shape.labels, meta.namespace);
  for (const { meta, template } of env.workloads)
    if (template.labels[USE_WAYPOINT] !== undefined) note(template.labels, meta.namespace);
  for (const { labels, namespace } of machineEntries(env))
    if (labels[USE_WAYPOINT] !== undefined) note(labels, namespace);
  return [...found.values()].filter(({ waypoint }) => serves(waypoint, 'workload', env));
}

/** Pods whose label is that of `labels`, or who have none either. */
function saying(key: string, labels: Labels): Selector {
  const value = labels[key];
  if (value === undefined) return { type: 'label', owner: 'pod', key, op: 'notExists', values: [] };
  return { type: 'label', owner: 'pod', key, op: 'in', values: [value] };
}

/** The pods of a namespace that serve its Gateways, which are behind no waypoint themselves. */
function servingGateways(namespace: string, env: CompileEnv): Selector {
  const gateways = env.aux(GATEWAY).filter(({ meta }) => meta.namespace === namespace);
  return or(...gateways.map(({ meta }) => gatewayPods(namespace, meta.name)));
}

/** The waypoint that an object names itself, else its namespace, where that is let use it; `none` is no waypoint. */
function waypointOf(own: Labels, namespace: string, env: CompileEnv): ObjectRef | null {
  const labels = own[USE_WAYPOINT] === undefined ? (env.namespaces.get(namespace)?.meta.labels ?? {}) : own;
  const name = labels[USE_WAYPOINT];
  if (name === undefined || name === '' || name === 'none') return null;
  const home = labels[WAYPOINT_NAMESPACE] ?? namespace;
  const waypoint: ObjectRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: home, name };
  return isOpenTo(namespace, waypoint, env) ? waypoint : null;
}

const gatewayOf = ({ namespace, name }: ObjectRef, env: CompileEnv): AuxFact | undefined =>
  env.aux(GATEWAY).find(({ meta }) => meta.namespace === namespace && meta.name === name);

/**
 * Whether a waypoint lets a namespace use it: its first listener of HBONE on its port says so, without one its own
 * namespace alone may. What is bound to another listener, and what is not known, may be used.
 */
function isOpenTo(namespace: string, waypoint: ObjectRef, env: CompileEnv): boolean {
  const gateway = gatewayOf(waypoint, env);
  if (gateway === undefined || !OWN_CLASSES.includes(gatewayClass(gateway))) return true;
  if (gateway.meta.annotations[INBOUND_BINDING] !== undefined) return true;
  const listener = list(path(gateway.raw, 'spec', 'listeners')).find(
    (one) => field(one, 'protocol') === 'HBONE' && field(one, 'port') === HBONE,
  );
  const allowed = path(listener, 'allowedRoutes', 'namespaces');
  const from = text(field(allowed, 'from'));
  if (from === 'All') return true;
  if (from !== 'Selector') return namespace === waypoint.namespace;
  const problems = new ProblemList(gateway.meta);
  const selector = readLabelSelector(field(allowed, 'selector'), 'namespace', '/spec/listeners', problems);
  return holdsFor(selector, env.namespaces.get(namespace)?.meta.labels ?? {});
}

/** A waypoint serves Services unless its label says otherwise, or perhaps that of its class. */
function serves(waypoint: ObjectRef, what: 'service' | 'workload', env: CompileEnv): boolean {
  const gateway = gatewayOf(waypoint, env);
  const said = gateway?.meta.labels[WAYPOINT_FOR];
  if (said === undefined)
    return what === 'service' || (gateway !== undefined && !OWN_CLASSES.includes(gatewayClass(gateway)));
  return said === what || said === 'all';
}
