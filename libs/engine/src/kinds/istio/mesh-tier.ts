import { and, ANY_PORT, TCP } from '../../model/index.js';
import type { Condition, ObjectRef, PolicyEntry, PortSpec, RuleRef, Selector, Tier } from '../../model/index.js';
import { ALL_PORTS, equalRanges } from '../../net/index.js';
import type { Ranges } from '../../net/index.js';
import { meshMembers, PARTIAL_WHY } from './enrolment.js';

/** The mesh is a gate beside the CNI, told after it: what the one admits the other may still refuse (IM-5). */
export const MESH_TIER: Tier = {
  id: 'mesh',
  title: 'Istio',
  order: [Number.MAX_SAFE_INTEGER],
  passTo: '',
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

/** What goes around a sidecar is let pass by it, whatever the policy says that holds there (IM-4). */
export function aroundSidecars(policy: ObjectRef, subject: Selector): PolicyEntry {
  const where = and(subject, meshMembers('partial'));
  const entry = meshEntry('around', { source: ruleRef(policy), subject: where, action: 'allow' });
  return { ...entry, conditions: [{ type: 'unsupported', what: PARTIAL_WHY }] };
}

export function tcpPorts(ports: Ranges): PortSpec {
  if (equalRanges(ports, ALL_PORTS)) return { ...ANY_PORT, include: [{ type: 'protocol', protocol: TCP }] };
  return { include: ports.map(([from, to]) => ({ type: 'range', protocol: TCP, from, to })), except: [] };
}

/** That a client used one of these Services, on some of their own ports. */
export function throughServices(names: readonly string[], ports: Ranges): Extract<Condition, { type: 'service' }> {
  return { type: 'service', names, ...(equalRanges(ports, ALL_PORTS) ? {} : { ports }) };
}
