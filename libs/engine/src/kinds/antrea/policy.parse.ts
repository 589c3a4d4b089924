import { field, isObject, path, pointer, pointerToMissing } from '../../base/index.js';
import type { JsonObject } from '../../base/index.js';
import { ICMP, IGMP } from '../../model/index.js';
import type { Direction, PolicyFact } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawAntreaPolicy, RawAppliedTo, RawRule } from './antrea.raw.js';
import { parseAppliedTo } from './applied-to.parse.js';
import { readItems, readText, warnUnknownFields } from './fields.parse.js';
import { parseRule } from './rule.parse.js';
import { BASELINE_TIER, tierName } from './tiers.js';

const PRIORITIES = { low: 1, high: 10_000 } as const;

/**
 * Reads a policy as the schema and admission accept it (antrea-io/antrea pkg/controller/networkpolicy/validate.go);
 * what they refuse is an error. `cluster` tells ClusterNetworkPolicy from NetworkPolicy.
 */
export function parseAntreaPolicy(fact: PolicyFact, cluster: boolean, problems: ProblemList): RawAntreaPolicy {
  const spec = field(fact.raw, 'spec');
  if (!isObject(spec)) problems.error('antrea.spec', '/spec', `expected an object, found ${describe(spec)}`);
  warnUnknownFields(spec, ['tier', 'priority', 'appliedTo', 'ingress', 'egress'], '/spec', problems);
  const rulesOf = (direction: Direction): RawRule[] =>
    readItems(field(spec, direction), pointer('/spec', direction), problems).map((rule, index) =>
      parseRule(rule, direction, cluster, pointer('/spec', direction, index), problems),
    );
  const raw: RawAntreaPolicy = {
    tier: tierName(readText(field(spec, 'tier'), '/spec/tier', problems)),
    priority: readPriority(fact.raw, problems),
    appliedTo: parseAppliedTo(
      field(spec, 'appliedTo'),
      cluster ? 'cluster' : 'namespaced',
      '/spec/appliedTo',
      problems,
    ),
    rules: { ingress: rulesOf('ingress'), egress: rulesOf('egress') },
  };
  checkNames(raw, problems);
  checkPlacement(raw, problems);
  checkServices(raw, problems);
  checkIgmp(raw, problems);
  checkPass(raw, problems);
  return raw;
}

function readPriority(policy: JsonObject, problems: ProblemList): number {
  const { low, high } = PRIORITIES;
  const value = path(policy, 'spec', 'priority');
  if (typeof value === 'number' && value >= low && value <= high) return value;
  const at = pointerToMissing(policy, 'spec', 'priority');
  problems.error('antrea.priority', at, `expected a number from 1 to 10000, found ${describe(value)}`);
  return high;
}

interface Placed {
  readonly rule: RawRule;
  readonly direction: Direction;
  readonly at: string;
}

function placed(raw: RawAntreaPolicy): Placed[] {
  return (['ingress', 'egress'] as const).flatMap((direction) =>
    raw.rules[direction].map((rule, index) => ({ rule, direction, at: pointer('/spec', direction, index) })),
  );
}

/** Names given to rules are unique in the policy, over both directions (AT-42). */
function checkNames(raw: RawAntreaPolicy, problems: ProblemList): void {
  const seen = new Set<string>();
  for (const { rule, at } of placed(raw)) {
    if (rule.name === '') continue;
    if (seen.has(rule.name)) {
      problems.error('antrea.rule_name', pointer(at, 'name'), `another rule is named \`${rule.name}\` too`);
    }
    seen.add(rule.name);
  }
}

/** appliedTo stands in the spec or in every rule (AT-12). */
function checkPlacement(raw: RawAntreaPolicy, problems: ProblemList): void {
  const rules = placed(raw);
  const withOwn = rules.filter(({ rule }) => rule.appliedTo.length > 0);
  if (raw.appliedTo.length > 0) {
    for (const { at } of withOwn) {
      problems.error('antrea.applied_to_twice', pointer(at, 'appliedTo'), 'the policy has an `appliedTo` already');
    }
    return;
  }
  if (withOwn.length === 0) {
    problems.error('antrea.applied_to_missing', '/spec', 'the policy or every rule needs an `appliedTo`');
    return;
  }
  for (const { rule, at } of rules) {
    if (rule.appliedTo.length > 0) continue;
    problems.error('antrea.applied_to_partly', at, 'other rules have an `appliedTo`, so every rule needs one');
  }
}

const toService = (appliedTo: readonly RawAppliedTo[]): boolean => appliedTo[0]?.type === 'service';

/** Rules that apply to Services are ingress rules whose peers are blocks (AT-19). */
function checkServices(raw: RawAntreaPolicy, problems: ProblemList): void {
  for (const { rule, direction, at } of placed(raw)) {
    if (!toService(raw.appliedTo) && !toService(rule.appliedTo)) continue;
    if (direction === 'egress') {
      problems.error('antrea.service_egress', at, 'an egress rule cannot apply to a Service');
    } else if (rule.peers?.some((peer) => peer.type !== 'block' || peer.mixed)) {
      problems.error(
        'antrea.service_peer',
        pointer(at, 'from'),
        'a rule that applies to a Service takes only `ipBlock`',
      );
    }
  }
}

/** Nothing stands beside IGMP in its rule or a later one, and no ICMP in an earlier one either (AT-27). */
function checkIgmp(raw: RawAntreaPolicy, problems: ProblemList): void {
  let [igmp, icmp] = [false, false];
  for (const { rule, at } of placed(raw)) {
    const protocols = new Set(rule.ports?.map(({ match }) => match.protocol));
    igmp = protocols.delete(IGMP) || igmp;
    icmp ||= protocols.has(ICMP);
    const more = protocols.size > 0 || rule.peers !== null || (rule.services ?? []).length > 0;
    if (igmp && (icmp || more)) {
      const message = 'IGMP cannot stand beside peers, ports or other protocols, nor before a rule that has them';
      problems.error('antrea.igmp_mixed', at, message);
    }
  }
}

function checkPass(raw: RawAntreaPolicy, problems: ProblemList): void {
  if (raw.tier !== BASELINE_TIER) return;
  for (const { rule, at } of placed(raw)) {
    if (rule.action === 'Pass') {
      problems.error('antrea.pass_in_baseline', pointer(at, 'action'), 'the baseline tier knows no `Pass`');
    }
  }
}
