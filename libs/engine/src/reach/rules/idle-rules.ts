import { hasPorts, ICMP, ICMPV6 } from '../../model/index.js';
import type { Action, Direction, DirectionDecision, PolicyEntry, Protocol, RuleRef } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { externalEndpoint } from '../../compile/endpoint-directory.js';
import { compileSelector, NO } from '../../compile/match-selector.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { directionVerdict, evaluateDirection, settledVerdict } from '../../eval/evaluate-direction.js';
import type { WalkTier } from '../../eval/evaluate-direction.js';
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

interface Trial {
  readonly subject: Endpoint;
  readonly peer: Endpoint;
  readonly flow: Flow;
}

/** Verdicts that one call may take. */
const BUDGET = 400_000;

/**
 * The rules of policy as written that change no verdict, with a proof by evaluation: each verdict that a rule may have a
 * part in is made with the rule and without it, over every class of endpoints, every piece of the address space outside
 * that rules tell apart, every port between two cuts, every protocol that rules name and one that none does, and a probe
 * for each selector of pods, so that a rule about pods that do not exist yet is not idle for that. A rule that matches
 * nothing of all this is not told: other checks do.
 */
export function idleRules(snapshot: CompiledSnapshot, budget = BUDGET): IdleRules {
  const [set] = snapshot.intended.sets;
  if (set === undefined) return { rules: [], examined: 0, left: 0 };
  const places = placesOf(snapshot, set);
  const protocols = [...new Set([...PORT_PROTOCOLS, ICMP, ICMPV6, ...otherProtocols([set]), UNNAMED])];
  const all = rulesOf(set);
  const rules: IdleRule[] = [];
  let spent = 0;
  let examined = 0;
  for (const rule of all) {
    if (spent >= budget) break;
    examined++;
    const ways = waysOf(set, rule);
    const trials: Trial[] = [];
    let matters = false;
    for (const trial of trialsOf(snapshot, rule, places, protocols)) {
      spent++;
      trials.push(trial);
      matters = mayMatter(ways, rule, trial) || spent >= budget;
      if (matters) break;
    }
    if (!matters && trials.length > 0) rules.push(idle(ways, rule, trials));
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

function rulesOf(set: PolicySet): readonly Rule[] {
  const found = new Map<string, { first: PolicyEntry; entries: PolicyEntry[] }>();
  for (const entry of set.policies.flatMap((policy) => policy.entries)) {
    if (entry.source.index < 0 || entry.peers.type === 'none') continue;
    const key = ruleKey(entry);
    const known = found.get(key);
    if (known === undefined) found.set(key, { first: entry, entries: [entry] });
    else known.entries.push(entry);
  }
  return [...found.values()].map(({ first, entries }) => {
    return { ref: first.source, direction: first.direction, action: first.action, entries };
  });
}

function* trialsOf(
  snapshot: CompiledSnapshot,
  rule: Rule,
  places: readonly Endpoint[],
  protocols: readonly Protocol[],
): Generator<Trial> {
  const matchers = rule.entries.map((entry) => ({
    entry,
    subject: compileSelector(entry.subject),
    peers: entry.peers.type === 'of' ? entry.peers.selectors.map(compileSelector) : null,
  }));
  for (const subject of places) {
    const own = matchers.filter((one) => one.subject(subject, subject) !== NO);
    if (own.length === 0) continue;
    for (const peer of places) {
      if (peer === subject) continue;
      // A block matches in its own family alone, so a pair with two is two trials.
      for (const family of pairFamilies(subject, peer)) {
        const ends = [inFamily(subject, family), inFamily(peer, family)] as const;
        const entries = own
          .filter(({ peers }) => peers === null || anyHolds(peers, ends[1], ends[0]))
          .map(({ entry }) => entry);
        for (const flow of flowsOf(snapshot, entries, rule.direction, ends, family, protocols)) {
          yield { subject: ends[0], peer: ends[1], flow };
        }
      }
    }
  }
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

/** The tiers of a rule's gate as they are, and as they would be without it. */
interface Ways {
  readonly tiers: readonly WalkTier[];
  readonly without: readonly WalkTier[];
}

function waysOf(set: PolicySet, { direction, entries }: Rule): Ways {
  const [first] = entries as readonly [PolicyEntry];
  const tiers = set.gates.find((gate) => gate.tiers.some((ready) => ready.tier.id === first.tier))?.tiers ?? [];
  return { tiers, without: withoutRule(tiers, direction, ruleKey(first)) };
}

/**
 * Where a verdict hangs on a request or on what an address is, nobody has shown that the rule has no part in it. A pod
 * whose address is not known is no such case: every address is tried on its own.
 */
function mayMatter({ tiers, without }: Ways, rule: Rule, { subject, peer, flow }: Trial): boolean {
  const settled = (by: readonly WalkTier[]) => settledVerdict(by, rule.direction, subject, peer, flow);
  const verdict = settled(tiers);
  if (verdict !== null) return verdict !== settled(without);
  if (peer.ips.length > 0 || rule.entries.some((entry) => entry.conditions.length > 0)) return true;
  const judge = (by: readonly WalkTier[]) => directionVerdict(by, rule.direction, subject, peer, flow);
  return judge(tiers) !== judge(without);
}

/** What makes a rule idle, from all the flows that it matches. */
function idle({ tiers, without }: Ways, rule: Rule, trials: readonly Trial[]): IdleRule {
  const key = ruleKey(rule.entries[0] as PolicyEntry);
  const by = new Map<string, RuleRef>();
  let decides = false;
  let alike = false;
  for (const { subject, peer, flow } of trials) {
    const judge = (tried: readonly WalkTier[]) => evaluateDirection(tried, rule.direction, subject, peer, flow);
    const keysOf = (decision: DirectionDecision) =>
      deciders(decision, rule).map((ref) => [ruleKey({ source: ref, direction: rule.direction }), ref] as const);
    const decision = judge(tiers);
    decides ||= keysOf(decision).some(([own]) => own === key);
    alike ||= decision.verdict === rule.action || rule.action === 'pass';
    for (const [other, ref] of keysOf(judge(without))) if (other !== key) by.set(other, ref);
  }
  return {
    rule: rule.ref,
    direction: rule.direction,
    action: rule.action,
    why: decides ? 'redundant' : alike ? 'shadowed' : 'contradicted',
    by: [...by.values()],
    example: trials[0] as Trial,
  };
}

/** The rules that decide a flow. A pass decides only that its tier is left, as others of the tier may. */
function deciders({ steps, determining }: DirectionDecision, { action, entries }: Rule): readonly RuleRef[] {
  const passes = steps.filter(({ outcome, tier }) => outcome === 'pass' && tier === entries[0]?.tier);
  return action === 'pass' && passes.length > 0 ? passes.flatMap(({ rules }) => rules) : determining;
}
