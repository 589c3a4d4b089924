import { partition } from '../../base/index.js';
import { ANY_PORT } from '../../model/index.js';
import type { PolicyEntry } from '../../model/index.js';
import { dialectOf } from './dialect.js';
import { exceptionsAsDeny, inOrderOfPrefix } from './longest-prefix.js';
import { numbersAmong } from './named-pods.js';
import type { RawPeer, RawRule } from './networkpolicy.parse.js';
import { compilePeers, isBlock } from './peers.compile.js';
import { compilePorts, hasNamesAlone, isNamed } from './ports.compile.js';
import type { PortPlace } from './ports.compile.js';
import { NO_ORDER } from './rule-part.js';
import type { RulePart } from './rule-part.js';

const NO_CONDITIONS: PolicyEntry['conditions'] = [];

/** The parts of a rule; mostly there is one. */
export function compileRule(rule: RawRule, place: Omit<PortPlace, 'peers'>): readonly RulePart[] {
  const { semantics } = place.env;
  const parts = apart(rule, place)
    .flatMap((one) => inOrderOfPrefix(one, semantics))
    .flatMap(({ peers, ports, order }) => compilePart({ peers, ports }, order, place));
  const open = everyPortInstead(rule, place);
  return [...parts, ...(open === null ? [] : [open]), ...exceptionsAsDeny(rule, semantics)];
}

function compilePart(rule: RawRule, order: RulePart['order'], place: Omit<PortPlace, 'peers'>): readonly RulePart[] {
  const peers = compilePeers(rule.peers, place.env);
  const { direction, namespace, env, subjects } = place;
  const { ports, open } = compilePorts(rule.ports, {
    direction,
    namespace,
    env,
    subjects,
    peers: rule.peers === null ? 'any' : 'some',
  });
  const allow: RulePart = { action: 'allow', peers, ports, conditions: NO_CONDITIONS, order };
  if (open.length === 0) return [allow];
  const maybe = open.map(({ match, why }): RulePart => {
    const conditions = [{ type: 'unsupported', what: why } as const];
    return { action: 'allow', peers, ports: { include: [match], except: [] }, conditions, order };
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
  const peers = compilePeers(pods, env);
  return { action: 'allow', peers, ports: ANY_PORT, conditions: NO_CONDITIONS, order: NO_ORDER };
}

type PodPeer = Exclude<RawPeer, { type: 'block' }>;
