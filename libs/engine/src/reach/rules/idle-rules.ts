import { hasPorts, ICMP, ICMPV6 } from '../../model/index.js';
import type { Action, Direction, DirectionDecision, PolicyEntry, Protocol, RuleRef } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { externalEndpoint } from '../../compile/endpoint-directory.js';
import { compileSelector, NO } from '../../compile/match-selector.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { directionVerdict, evaluateDirection, settledVerdict } from '../../eval/evaluate-direction.js';
import type { Heeds, WalkTier } from '../../eval/walk-tiers.js';
import { inFamily, pairFamilies } from '../../eval/evaluate-pair.js';
import type { Flow } from '../../eval/flow.js';
import { matchPorts } from '../../eval/match-ports.js';
import { PORT_PROTOCOLS, UNNAMED } from '../connection-set.js';
import { portAtoms } from '../connections-between.js';
import { addressAtoms, addressBlocks, addressClasses } from '../exposure/address-atoms.js';
import { buildClasses } from '../matrix/class-table.js';
import { otherProtocols } from '../matrix/port-classes.js';
import { probePods } from './probe-pods.js';
import { ruleKey, withoutRule } from './without-rule.js';

/** A rule that could go without any verdict changing. */
export interface IdleRule {
  readonly rule: RuleRef;
  readonly direction: Direction;
  readonly action: Action;
  /**
   * `redundant`: it decides, and without it others decide alike. `shadowed`: others always decide before it.
   * `contradicted`: others always decide before it, and the other way.
   */
  readonly why: 'redundant' | 'shadowed' | 'contradicted';
  /** The rules that decide in its stead, each once; none where nothing but the default does. */
  readonly by: readonly RuleRef[];
  /** One of the flows that it matches. */
  readonly example: { readonly subject: Endpoint; readonly peer: Endpoint; readonly flow: Flow };
}

export interface IdleRules {
  readonly rules: readonly IdleRule[];
  /** How many rules were looked at, and how many not because the work was over. */
  readonly examined: number;
  readonly left: number;
}

interface Rule {
  readonly ref: RuleRef;
  readonly direction: Direction;
  readonly action: Action;
  readonly entries: readonly PolicyEntry[];
}

/** What a rule does in one gate and direction: one about hosts may judge what enters them and what they pass on. */
interface Part {
  readonly key: string;
  readonly direction: Direction;
  readonly entries: readonly PolicyEntry[];
  /** The tiers of the gate as they are, and as they would be without the rule. */
  readonly tiers: readonly WalkTier[];
  readonly without: readonly WalkTier[];
}

interface Trial {
  readonly part: Part;
  readonly subject: Endpoint;
  readonly peer: Endpoint;
  readonly flow: Flow;
  readonly heeds: Heeds;
}

/** Verdicts that one call may take. */
const BUDGET = 400_000;

/**
 * The rules of policy as written that change no verdict, with a proof by evaluation: each verdict that a rule may have a
 * part in is made with the rule and without it, over every class of endpoints, every piece of the address space outside
 * that rules tell apart, every port between two cuts, every protocol that rules name and one that none does, every
 * Service that rules ask for, what a pod sends to itself by one, and a probe for each selector of pods, so that a rule
 * about pods that do not exist yet is not idle for that. A rule that matches nothing of all this is not told: other
 * checks do.
 */
export function idleRules(snapshot: CompiledSnapshot, budget = BUDGET): IdleRules {
  const [set] = snapshot.intended.sets;
  if (set === undefined) return { rules: [], examined: 0, left: 0 };
  const places = placesOf(snapshot, set);
  const protocols = [...new Set([...PORT_PROTOCOLS, ICMP, ICMPV6, ...otherProtocols([set]), UNNAMED])];
  const addresses = addressesOf(set);
  const all = rulesOf(set);
  const rules: IdleRule[] = [];
  let spent = 0;
  let examined = 0;
  for (const rule of all) {
    if (spent >= budget) break;
    examined++;
    const trials: Trial[] = [];
    let matters = false;
    for (const trial of trialsOf(snapshot, partsOf(set, rule), { places, protocols, addresses })) {
      spent++;
      trials.push(trial);
      matters = mayMatter(trial) || spent >= budget;
      if (matters) break;
    }
    if (!matters && trials.length > 0) rules.push(idle(rule, trials));
  }
  return { rules, examined, left: all.length - examined };
}

/** One endpoint for each class, pods that need not exist among them, and one address for each class of outside ones. */
function placesOf(snapshot: CompiledSnapshot, set: PolicySet): readonly Endpoint[] {
  const blocks = addressBlocks([snapshot.intended]);
  const outside = ([4, 6] as const).flatMap((family) => {
    const atoms = addressAtoms(blocks, family);
    const first = addressClasses(blocks, atoms);
    return atoms
      .filter((_, index) => first[index] === index)
      .map((atom) => externalEndpoint({ family, value: atom.from }))
      .filter((endpoint) => snapshot.directory.owner(endpoint.ips[0] as Endpoint['ips'][number]) === null);
  });
  // Not of `set.rules`: those that policies share speak of no namespace.
  const entries = set.policies.flatMap((policy) => policy.entries);
  const pods = [...snapshot.endpoints, ...probePods(entries, snapshot)];
  return [...buildClasses(pods, [set]).representatives, ...outside];
}

type Addressed = Pick<Flow, 'service'> & { readonly heeds?: Heeds };

/** How a client may address the other side as far as rules ask: as it is, through a Service, or through one more. */
function addressesOf(set: PolicySet): readonly Addressed[] {
  const conditions = set.policies.flatMap((policy) => policy.entries).flatMap((entry) => entry.conditions);
  const services = new Set<string>();
  let asked = false;
  for (const condition of conditions) {
    asked ||= condition.type === 'direct' || (condition.type === 'unsupported' && condition.before !== undefined);
    for (const name of condition.type === 'service' ? condition.names : []) services.add(name);
  }
  if (!asked && services.size === 0) return [{}];
  return [{}, ...[...services, NO_NAMED_SERVICE].map((service) => ({ service }))];
}

const NO_NAMED_SERVICE = '';

function rulesOf(set: PolicySet): readonly Rule[] {
  const found = new Map<string, PolicyEntry[]>();
  for (const entry of set.policies.flatMap((policy) => policy.entries)) {
    if (entry.source.index < 0 || entry.peers.type === 'none') continue;
    const { policy, pointer } = entry.source;
    const key = JSON.stringify([policy.group, policy.kind, policy.namespace, policy.name, pointer]);
    const known = found.get(key);
    if (known === undefined) found.set(key, [entry]);
    else known.push(entry);
  }
  return [...found.values()].map((entries) => {
    const [first] = entries as [PolicyEntry];
    return { ref: first.source, direction: first.direction, action: first.action, entries };
  });
}

function partsOf(set: PolicySet, { entries }: Rule): readonly Part[] {
  return set.gates.flatMap(({ tiers }) =>
    (['ingress', 'egress'] as const).flatMap((direction): readonly Part[] => {
      const isHere = (entry: PolicyEntry): boolean => tiers.some(({ tier }) => tier.id === entry.tier);
      const here = entries.filter((entry) => entry.direction === direction && isHere(entry));
      const [first] = here;
      if (first === undefined) return [];
      const key = ruleKey(first);
      return [{ key, direction, entries: here, tiers, without: withoutRule(tiers, direction, key) }];
    }),
  );
}

/** What trials are made of. */
interface Tried {
  readonly places: readonly Endpoint[];
  readonly protocols: readonly Protocol[];
  readonly addresses: readonly Addressed[];
}

function* trialsOf(snapshot: CompiledSnapshot, parts: readonly Part[], tried: Tried): Generator<Trial> {
  for (const part of parts) yield* trialsOfPart(snapshot, part, tried);
}

function* trialsOfPart(
  snapshot: CompiledSnapshot,
  part: Part,
  { places, protocols, addresses }: Tried,
): Generator<Trial> {
  const matchers = part.entries.map((entry) => ({
    entry,
    subject: compileSelector(entry.subject),
    peers: entry.peers.type === 'of' ? entry.peers.selectors.map(compileSelector) : null,
  }));
  const ownService = byItsService(snapshot, part);
  for (const subject of places) {
    const own = matchers.filter((one) => one.subject(subject, subject) !== NO);
    if (own.length === 0) continue;
    for (const peer of places) {
      // Of two alike one stands for both; what is no pod is there once.
      if (peer === subject && subject.kind !== 'pod') continue;
      const ways = peer === subject ? [...addresses, ...ownService] : addresses;
      // A block matches in its own family alone, so a pair with two is two trials.
      for (const family of pairFamilies(subject, peer)) {
        const ends = [inFamily(subject, family), inFamily(peer, family)] as const;
        const entries = own
          .filter(({ peers }) => peers === null || anyHolds(peers, ends[1], ends[0]))
          .map(({ entry }) => entry);
        for (const flow of flowsOf(snapshot, entries, part.direction, ends, family, protocols)) {
          for (const { heeds = 'isolation', ...address } of ways) {
            yield { part, subject: ends[0], peer: ends[1], flow: { ...flow, ...address }, heeds };
          }
        }
      }
    }
  }
}

/** What a pod sends to itself by a Service, where that is not judged as between two pods. (UP-45) */
function byItsService({ intended }: CompiledSnapshot, { direction, tiers }: Part): readonly Addressed[] {
  const judge = intended.sets[0]?.semantics.toItself[direction];
  if (judge !== 'cluster-wide' || tiers.some(({ tier }) => tier.gate === 'mesh')) return [];
  return [{ service: NO_NAMED_SERVICE, heeds: 'cluster-wide' }];
}

function anyHolds(peers: readonly Matcher[], peer: Endpoint, subject: Endpoint): boolean {
  return peers.some((matcher) => matcher(peer, subject) !== NO);
}

/** One flow for each piece of the ports that an entry may match, and for each protocol without ports. */
function* flowsOf(
  snapshot: CompiledSnapshot,
  entries: readonly PolicyEntry[],
  direction: Direction,
  [subject, peer]: readonly [Endpoint, Endpoint],
  family: Flow['family'],
  protocols: readonly Protocol[],
): Generator<Flow> {
  if (entries.length === 0) return;
  const [source, destination] = direction === 'egress' ? [subject, peer] : [peer, subject];
  for (const protocol of protocols) {
    const ports = hasPorts(protocol) ? portAtoms([snapshot.intended], source, destination, protocol) : [[null]];
    for (const [port = null] of ports) {
      const flow: Flow = { protocol, port, family };
      if (entries.some((entry) => matchPorts(entry.ports, flow, destination) !== NO)) yield flow;
    }
  }
}

/**
 * Where a verdict hangs on a request or on what an address is, nobody has shown that the rule has no part in it. A pod
 * whose address is not known is no such case: every address is tried on its own.
 */
function mayMatter({ part, subject, peer, flow, heeds }: Trial): boolean {
  const { direction, tiers, without } = part;
  const settled = (by: readonly WalkTier[]) => settledVerdict(by, direction, subject, peer, flow, heeds);
  const verdict = settled(tiers);
  if (verdict !== null) return verdict !== settled(without);
  if (peer.ips.length > 0 || part.entries.some((entry) => entry.conditions.length > 0)) return true;
  const judge = (by: readonly WalkTier[]) => directionVerdict(by, direction, subject, peer, flow, heeds);
  return judge(tiers) !== judge(without);
}

/** What makes a rule idle, from all the flows that it matches. */
function idle(rule: Rule, trials: readonly Trial[]): IdleRule {
  const by = new Map<string, RuleRef>();
  let decides = false;
  let alike = false;
  for (const { part, subject, peer, flow, heeds } of trials) {
    const { key, direction, tiers, without } = part;
    const judge = (tried: readonly WalkTier[]) => evaluateDirection(tried, direction, subject, peer, flow, heeds);
    const keysOf = (decision: DirectionDecision) =>
      deciders(decision, rule.action, part).map((ref) => [ruleKey({ source: ref, direction }), ref] as const);
    const decision = judge(tiers);
    decides ||= keysOf(decision).some(([own]) => own === key);
    alike ||= decision.verdict === rule.action || rule.action === 'pass';
    for (const [other, ref] of keysOf(judge(without))) if (other !== key) by.set(other, ref);
  }
  const { flow, subject, peer } = trials[0] as Trial;
  return {
    rule: rule.ref,
    direction: rule.direction,
    action: rule.action,
    why: decides ? 'redundant' : alike ? 'shadowed' : 'contradicted',
    by: [...by.values()],
    example: { subject, peer, flow },
  };
}

/** The rules that decide a flow. A pass decides only that its tier is left, as others of the tier may. */
function deciders({ steps, determining }: DirectionDecision, action: Action, { entries }: Part): readonly RuleRef[] {
  const passes = steps.filter(({ outcome, tier }) => outcome === 'pass' && tier === entries[0]?.tier);
  return action === 'pass' && passes.length > 0 ? passes.flatMap(({ rules }) => rules) : determining;
}
