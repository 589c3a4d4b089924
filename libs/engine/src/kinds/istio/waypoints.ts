import { and, objectLabel } from '../../model/index.js';
import type {
  CompiledPolicy,
  Condition,
  Direction,
  Labels,
  ObjectRef,
  PolicyEntry,
  Selector,
  Tier,
} from '../../model/index.js';
import type { CompileEnv } from '../frontend.js';
import { EVERY_MEMBER, meshMembers } from './enrolment.js';
import { MESH_TIER, meshEntry, ruleRef } from './mesh-tier.js';

const USE_WAYPOINT = 'istio.io/use-waypoint';
const WAYPOINT_NAMESPACE = 'istio.io/use-waypoint-namespace';
const WAYPOINT_FOR = 'istio.io/waypoint-for';
const GATEWAY = 'Gateway.gateway.networking.k8s.io';
const AMBIENT = meshMembers('ambient');

/** Before every tier of the CNI: what goes through a waypoint is not the connection that policies are asked about. */
const DETOUR_TIER: Tier = {
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
 * waypoint, whose part in the flow is not evaluated: the verdict of each is unknown, whatever policy says of the pair.
 */
export function waypointDetours(env: CompileEnv): { policies: CompiledPolicy[]; tiers: Tier[] } {
  // Servers are members in the ambient mode, so no other namespace has any.
  const homes = [...env.ambient].filter((namespace) => env.namespaces.has(namespace)).sort();
  const detours = homes.flatMap((namespace) => detoursOf(namespace, env));
  const policies = detours.map(({ waypoint, servers, through }): CompiledPolicy => {
    const what = `${objectLabel(waypoint)} is a waypoint on the way, whose part in the flow is not evaluated`;
    const conditions: readonly Condition[] = [...through, { type: 'unsupported', what }];
    const source = ruleRef(waypoint);
    const detour = (direction: Direction, subject: Selector, peer: Selector): PolicyEntry => ({
      ...meshEntry('custom', { source, subject, action: 'allow' }),
      tier: DETOUR_TIER.id,
      direction,
      peers: { type: 'of', selectors: [peer] },
      conditions,
    });
    const entries = [detour('egress', EVERY_MEMBER, servers), detour('ingress', servers, EVERY_MEMBER)];
    const judged = meshEntry('authentication', { source, subject: servers, action: 'deny' });
    entries.push({ ...judged, peers: { type: 'of', selectors: [EVERY_MEMBER] }, conditions });
    return { policy: waypoint, entries, diagnostics: [], refused: false };
  });
  return { policies, tiers: policies.length === 0 ? [] : [DETOUR_TIER, MESH_TIER] };
}

function detoursOf(namespace: string, env: CompileEnv): readonly Detour[] {
  const ofNamespace = env.namespaces.get(namespace)?.meta.labels ?? {};
  const servers = and({ type: 'namespace', names: [namespace] }, AMBIENT);
  const byWaypoint = new Map<string, { waypoint: ObjectRef; services: string[] }>();
  for (const service of env.services.values()) {
    if (service.meta.namespace !== namespace) continue;
    const waypoint = waypointOf({ ...ofNamespace, ...service.meta.labels }, namespace);
    if (waypoint === null || !serves(waypoint, 'service', env)) continue;
    const key = objectLabel(waypoint);
    const known = byWaypoint.get(key) ?? { waypoint, services: [] };
    byWaypoint.set(key, known);
    known.services.push(objectLabel(service.meta));
  }
  const out = [...byWaypoint.values()].map(({ waypoint, services }): Detour => {
    return { waypoint, servers, through: [{ type: 'service', names: services.sort() }] };
  });
  const label = (op: 'in' | 'notExists', ...values: readonly string[]): Selector => {
    return and(servers, { type: 'label', owner: 'pod', key: USE_WAYPOINT, op, values });
  };
  const workloads = (labels: Labels, chosen: Selector): void => {
    const waypoint = waypointOf(labels, namespace);
    if (waypoint !== null && serves(waypoint, 'workload', env)) out.push({ waypoint, servers: chosen, through: [] });
  };
  workloads(ofNamespace, label('notExists'));
  const own = env.pods
    .filter(({ meta }) => meta.namespace === namespace)
    .map(({ shape }) => shape.labels[USE_WAYPOINT]);
  for (const name of new Set(own)) {
    if (name !== undefined) workloads({ ...ofNamespace, [USE_WAYPOINT]: name }, label('in', name));
  }
  return out;
}

function waypointOf(labels: Labels, namespace: string): ObjectRef | null {
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
