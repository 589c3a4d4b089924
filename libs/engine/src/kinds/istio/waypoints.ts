import { and, not, objectLabel } from '../../model/index.js';
import type { CompiledPolicy, Condition, Labels, ObjectRef, PolicyEntry, Selector, Tier } from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { EVERY_MEMBER } from './enrolment.js';
import { gatewayPods, inNamespace } from './targets.compile.js';
import { MESH_TIER, meshEntry, ruleRef, STAGE } from './mesh-tier.js';

const USE_WAYPOINT = 'istio.io/use-waypoint';
const WAYPOINT_NAMESPACE = 'istio.io/use-waypoint-namespace';
const WAYPOINT_FOR = 'istio.io/waypoint-for';
const GATEWAY = 'Gateway.gateway.networking.k8s.io';

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
      // Whatever they say of the pair itself: neither side is known to refuse, and one may.
      { ...entry(atClient, 'deny'), ...ofCni, order: [STAGE.rest] },
      { ...entry(atServer, 'allow'), ...ofCni },
      entry(atServer, 'allow'),
    ];
    return { policy: waypoint, entries, diagnostics: [], refused: false };
  });
  return { policies, tiers: policies.length === 0 ? [] : [DETOUR_TIER, MESH_TIER] };
}

function toServices(env: CompileEnv): readonly Detour[] {
  const found = new Map<string, { waypoint: ObjectRef; namespace: string; names: string[] }>();
  for (const { meta } of env.services.values()) {
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
    const waypoint = waypointOf(labels, namespace, env);
    if (waypoint === null) return;
    const values = [labels[USE_WAYPOINT], labels[WAYPOINT_NAMESPACE]];
    const servers = and(inNamespace(namespace), saying(USE_WAYPOINT, labels), saying(WAYPOINT_NAMESPACE, labels));
    found.set([namespace, ...values].join(' '), { waypoint, servers, through: [] });
  };
  for (const { meta } of env.namespaces.values()) note({}, meta.name);
  for (const { meta, shape } of env.pods)
    if (shape.labels[USE_WAYPOINT] !== undefined) note(shape.labels, meta.namespace);
  return [...found.values()].filter(({ waypoint }) => serves(waypoint, 'workload', env));
}

/** Pods whose label is that of `labels`, or who have none either. */
function saying(key: string, labels: Labels): Selector {
  const value = labels[key];
  if (value === undefined) return { type: 'label', owner: 'pod', key, op: 'notExists', values: [] };
  return { type: 'label', owner: 'pod', key, op: 'in', values: [value] };
}

/** The waypoint that an object names itself, else its namespace; `none` is no waypoint. */
function waypointOf(own: Labels, namespace: string, env: CompileEnv): ObjectRef | null {
  const labels = own[USE_WAYPOINT] === undefined ? (env.namespaces.get(namespace)?.meta.labels ?? {}) : own;
  const name = labels[USE_WAYPOINT];
  if (name === undefined || name === '' || name === 'none') return null;
  const home = labels[WAYPOINT_NAMESPACE] ?? namespace;
  return { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: home, name };
}

/** A waypoint serves Services unless its label says otherwise. */
function serves(waypoint: ObjectRef, what: 'service' | 'workload', env: CompileEnv): boolean {
  const gateway = env
    .aux(GATEWAY)
    .find(({ meta }) => meta.namespace === waypoint.namespace && meta.name === waypoint.name);
  const said = gateway?.meta.labels[WAYPOINT_FOR] ?? 'service';
  return said === what || said === 'all';
}
