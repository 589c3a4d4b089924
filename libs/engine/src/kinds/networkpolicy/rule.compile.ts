import { partition } from '../../base/index.js';
import { and, ANY_PORT } from '../../model/index.js';
import type { PolicyEntry, Selector, Semantics } from '../../model/index.js';
import { anyBlock } from '../shared/index.js';
import { dialectOf } from './dialect.js';
import type { RawPort, RawRule } from './networkpolicy.parse.js';
import { compilePeers, isBlock } from './peers.compile.js';
import { compilePorts } from './ports.compile.js';
import type { PortPlace } from './ports.compile.js';

/** What a rule makes of some peers and ports. */
export type RulePart = Pick<PolicyEntry, 'action' | 'peers' | 'ports' | 'conditions'>;

const NO_CONDITIONS: PolicyEntry['conditions'] = [];

/** The parts of a rule; mostly there is one. */
export function compileRule(rule: RawRule, place: Omit<PortPlace, 'peers'>): readonly RulePart[] {
  const except = exceptAsDeny(rule, place.env.semantics);
  const parts = apart(rule, place).flatMap((one) => compilePart(one, place));
  return except === null ? parts : [...parts, except];
}

function compilePart(rule: RawRule, place: Omit<PortPlace, 'peers'>): readonly RulePart[] {
  const peers = compilePeers(rule.peers, place.env);
  const { direction, namespace, env } = place;
  const { ports, open } = compilePorts(rule.ports, {
    direction,
    namespace,
    env,
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

/** Where names of egress are those of pods that selectors choose, blocks are left with the other ports. (NP-34, NP-37) */
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

const isNamed = ({ port }: RawPort): boolean => typeof port === 'string';

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
