import { partition } from '../../base/index.js';
import { and, ANY_PORT } from '../../model/index.js';
import type { PolicyEntry, Selector, Semantics } from '../../model/index.js';
import { anyBlock } from '../shared/index.js';
import { dialectOf } from './dialect.js';
import { numbersAmong } from './named-pods.js';
import type { RawPeer, RawRule } from './networkpolicy.parse.js';
import { compilePeers, isBlock } from './peers.compile.js';
import { compilePorts, hasNamesAlone, isNamed } from './ports.compile.js';
import type { PortPlace } from './ports.compile.js';

/** What a rule makes of some peers and ports. */
export type RulePart = Pick<PolicyEntry, 'action' | 'peers' | 'ports' | 'conditions'>;

const NO_CONDITIONS: PolicyEntry['conditions'] = [];

/** The parts of a rule; mostly there is one. */
export function compileRule(rule: RawRule, place: Omit<PortPlace, 'peers'>): readonly RulePart[] {
  const parts = apart(rule, place).flatMap((one) => compilePart(one, place));
  const more = [everyPortInstead(rule, place), exceptAsDeny(rule, place.env.semantics)];
  return more.reduce<readonly RulePart[]>((all, part) => (part === null ? all : [...all, part]), parts);
}

function compilePart(rule: RawRule, place: Omit<PortPlace, 'peers'>): readonly RulePart[] {
  const peers = compilePeers(rule.peers, place.env);
  const { direction, namespace, env, subjects } = place;
  const { ports, open } = compilePorts(rule.ports, {
    direction,
    namespace,
    env,
    subjects,
    peers: rule.peers === null ? 'any' : 'some',
  });
  const allow: RulePart = { action: 'allow', peers, ports, conditions: NO_CONDITIONS };
  if (open.length === 0) return [allow];
  const maybe = open.map(({ match, why }): RulePart => {
    const conditions = [{ type: 'unsupported', what: why } as const];
    return { action: 'allow', peers, ports: { include: [match], except: [] }, conditions };
  });
  return [allow, ...maybe];
}

/** Where names of egress are those of pods that selectors choose, blocks are left with the other ports. (NP-34, NP-37, NP-48) */
function apart(rule: RawRule, { direction, env }: Omit<PortPlace, 'peers'>): readonly RawRule[] {
  const { peers, ports } = rule;
  if (direction === 'ingress' || peers === null || ports === null) return [rule];
  if (dialectOf(env.semantics).egressNames === 'of-address' || !ports.some(isNamed)) return [rule];
  const [blocks, others] = partition(peers, isBlock);
  if (blocks.length === 0) return [rule];
  const numbered = ports.filter((port) => !isNamed(port));
  return [
    ...(others.length === 0 ? [] : [{ peers: others, ports }]),
    ...(numbered.length === 0 ? [] : [{ peers: blocks, ports: numbered }]),
  ];
}

/** What a rule opens between pods where it has names for ports alone, and nobody whom it is about has one. (NP-47) */
function everyPortInstead(rule: RawRule, place: Omit<PortPlace, 'peers'>): RulePart | null {
  const { direction, namespace, env, subjects } = place;
  if (dialectOf(env.semantics).namesOfNobody !== 'every-port' || !hasNamesAlone(rule)) return null;
  const pods = (rule.peers ?? []).filter((peer): peer is PodPeer => !isBlock(peer));
  if (pods.length === 0) return null;
  const selectors = direction === 'ingress' ? [subjects] : pods.map(({ selector }) => selector);
  const isThere = (rule.ports ?? []).some(
    ({ port, protocol }) =>
      numbersAmong({ selectors, namespace, hosts: false }, String(port), protocol, env).length > 0,
  );
  if (isThere) return null;
  return { action: 'allow', peers: compilePeers(pods, env), ports: ANY_PORT, conditions: NO_CONDITIONS };
}

type PodPeer = Exclude<RawPeer, { type: 'block' }>;

/**
 * Where an exception becomes a deny that may defeat blocks of other rules (AWS): pods have addresses of their own there,
 * which win. Null for a rule that makes none.
 */
function exceptAsDeny(rule: RawRule, semantics: Semantics): RulePart | null {
  if (semantics.ipBlockExcept !== 'narrowed') return null;
  const except = (rule.peers ?? []).flatMap((peer) => (isBlock(peer) ? peer.except : []));
  if (except.length === 0) return null;
  const outside: Selector = { type: 'kind', kinds: ['external', 'node', 'hostpod'] };
  const what = 'an exception becomes a deny that may defeat blocks of other rules';
  return {
    action: 'deny',
    peers: { type: 'of', selectors: [and(outside, anyBlock(except, semantics))] },
    ports: ANY_PORT,
    conditions: [{ type: 'unsupported', what }],
  };
}
