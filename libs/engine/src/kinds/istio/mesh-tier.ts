import { and, ANY_PORT, TCP } from '../../model/index.js';
import type { Condition, ObjectRef, PolicyEntry, PortSpec, RuleRef, Selector, Tier } from '../../model/index.js';
import { ALL_PORTS, equalRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import { AMBIENT_GROUPS, meshMembers, PARTIAL_WHY } from './enrolment.js';
import type { MeshMode } from './enrolment.js';

/** The mesh is a gate beside the CNI, told after it: what the one admits the other may still refuse (IM-5). */
export const MESH_TIER: Tier = {
  id: 'mesh',
  title: 'Istio',
  order: [Number.MAX_SAFE_INTEGER],
  passTo: '',
  openToOwnNode: AMBIENT_GROUPS,
  gate: 'mesh',
};

/** The order in which the mesh decides (IM-8), after what goes around it. */
export const STAGE = { around: -1, authentication: 0, custom: 1, deny: 2, allow: 3, rest: 4 } as const;
export type Stage = keyof typeof STAGE;

export function ruleRef(policy: ObjectRef, pointer = '', index = -1): RuleRef {
  return { policy, pointer, index, name: '' };
}

/** An entry of the mesh: it decides at the destination, and about TCP only. */
export function meshEntry(stage: Stage, entry: Pick<PolicyEntry, 'source' | 'subject' | 'action'>): PolicyEntry {
  return {
    direction: 'ingress',
    tier: MESH_TIER.id,
    order: [STAGE[stage]],
    tieUndefined: false,
    peers: { type: 'any' },
    ports: tcpPorts(ALL_PORTS),
    family: null,
    isolates: false,
    conditions: [],
    ...entry,
  };
}

/** Ports of a sidecar's own that it does not take, for probes and metrics (IM-64). */
const OF_PROXY: Ranges = [
  [15020, 15021],
  [15090, 15090],
];

/** What goes around the proxies of some workloads is let pass, whatever the policy says that holds there (IM-4, IM-64). */
export function aroundProxies(policy: ObjectRef, subject: Selector): readonly PolicyEntry[] {
  const around = (members: readonly MeshMode[], name: string, more: Partial<PolicyEntry>): PolicyEntry => {
    const source = { ...ruleRef(policy), name };
    const where = and(subject, meshMembers(...members));
    return { ...meshEntry('around', { source, subject: where, action: 'allow' }), ...more };
  };
  return [
    around(['partial'], '', { conditions: [{ type: 'unsupported', what: PARTIAL_WHY }] }),
    around(['sidecar', 'partial'], "ports of the sidecar's own", { ports: tcpPorts(OF_PROXY) }),
  ];
}

export function tcpPorts(ports: Ranges): PortSpec {
  if (equalRanges(ports, ALL_PORTS)) return { ...ANY_PORT, include: [{ type: 'protocol', protocol: TCP }] };
  return { include: ports.map(([from, to]) => ({ type: 'range', protocol: TCP, from, to })), except: [] };
}

/** That a client used one of these Services, on some of their own ports. */
export function throughServices(names: readonly string[], ports: Ranges): Extract<Condition, { type: 'service' }> {
  return { type: 'service', names, ...(equalRanges(ports, ALL_PORTS) ? {} : { ports }) };
}
