import { longestPrefix, prefixOf } from './addresses.js';
import { choosesPod, namesMatch, priorityOf, ruleAction, type AdminAction, type Match } from './admin-policy.js';
import { get, has, items, str, type Raw } from './fields.js';
import {
  addressForBlocks,
  anyPortMatches,
  coversDirection,
  ruleAllows,
  selectsPod,
  subjectOf,
  type Scene,
} from './network-policy.js';

/** AWS-2: of rules of one priority, whichever policy they stand in. */
const BY_STRENGTH: readonly AdminAction[] = ['deny', 'allow', 'pass'];

/** AWS-1, AWS-2: what a tier may say, by ascending priority; `pass` when nothing matches. */
export function awsTierOutcomes(tier: 'Admin' | 'Baseline', scene: Scene): ReadonlySet<AdminAction> {
  const subject = subjectOf(scene);
  const policies = (scene.cluster.objects.get('ClusterNetworkPolicy.networking.k8s.aws') ?? []).filter(
    (policy) =>
      str(get(policy, 'spec', 'tier')) === tier &&
      subject.type === 'pod' &&
      choosesPod(get(policy, 'spec', 'subject'), subject, scene),
  );
  const out = new Set<AdminAction>();
  for (const priority of [...new Set(policies.map(priorityOf))].sort((a, b) => a - b)) {
    const said = policies
      .filter((policy) => priorityOf(policy) === priority)
      .flatMap((policy) => items(get(policy, 'spec', scene.direction)))
      // Its rules have the ports of AdminNetworkPolicy (AWS-5).
      .map((rule) => ruleAction('AdminNetworkPolicy', rule, scene))
      .filter((one) => one !== null);
    for (const action of BY_STRENGTH) {
      const such = said.filter((one) => one.action === action);
      if (such.length > 0) out.add(action);
      if (such.some(({ certain }) => certain)) return out;
    }
  }
  return out.add('pass');
}

/** What a rule says of the packet, and how long a prefix it says it of: what is no block is an address. */
interface Said {
  readonly match: Match;
  readonly prefix: number;
}

const ADDRESS = 128;

/**
 * AWS-12, AWS-13: names stand for themselves, beside other peers of the rule; a rule without peers is not for all then.
 * AWS-17: each block of a rule by itself.
 */
function sayings(policy: Raw, rule: unknown, scene: Scene): readonly Said[] {
  const side = scene.direction === 'ingress' ? 'from' : 'to';
  const peers = items(get(rule, side));
  const among = (some: readonly unknown[]): Match => {
    const truth = ruleAllows(policy, { ports: get(rule, 'ports'), [side]: some }, scene);
    return truth === 'open' ? 'unknown' : truth;
  };
  const isEgress = scene.direction === 'egress';
  const names = isEgress ? [rule, ...peers].flatMap((part) => items(get(part, 'domainNames'))) : [];
  const byName = (): Match => (anyPortMatches(rule, scene, policy, 'everyone') ? namesMatch(names, scene) : false);
  const named = names.length === 0 ? [] : [{ match: byName(), prefix: ADDRESS }];
  if (peers.length === 0) return names.length > 0 ? named : [{ match: among([]), prefix: 0 }];
  const blocks = peers.filter((peer) => has(peer, 'ipBlock'));
  const others = peers.filter((peer) => !has(peer, 'ipBlock') && !(isEgress && has(peer, 'domainNames')));
  return [
    ...named,
    ...(others.length === 0 ? [] : [{ match: among(others), prefix: ADDRESS }]),
    ...blocks.map((peer) => ({ match: among([peer]), prefix: prefixOf(str(get(peer, 'ipBlock', 'cidr'))) })),
  ];
}

/** The longest prefix of the exceptions of a rule that have the address; -1 where none has it, or none counts. */
function longestException(rule: unknown, scene: Scene): number {
  const address = addressForBlocks(scene);
  if (address === null || !scene.conventions.exceptsMayDeny) return -1;
  const peers = items(get(rule, scene.direction === 'ingress' ? 'from' : 'to'));
  const excepts = peers.flatMap((peer) => items(get(peer, 'ipBlock', 'except')));
  return longestPrefix(excepts.map(str), address);
}

/** AWS-10: NetworkPolicy and ApplicationNetworkPolicy together; empty when none isolates the pod in this direction. */
export function awsNetworkPolicyOutcomes(scene: Scene): ReadonlySet<'allow' | 'deny'> {
  const { cluster, conventions, direction } = scene;
  const subject = subjectOf(scene);
  const selecting = ['NetworkPolicy.networking.k8s.io', 'ApplicationNetworkPolicy.networking.k8s.aws']
    .flatMap((id) => cluster.objects.get(id) ?? [])
    .filter((policy) => subject.type === 'pod' && selectsPod(policy, subject));
  const isolating = selecting.filter((policy) => coversDirection(policy, direction));
  // AWS-15.
  if (isolating.length === 0) return new Set(selecting.length > 0 && conventions.opensOtherDirection ? ['allow'] : []);
  const rules = isolating.flatMap((policy) => items(get(policy, 'spec', direction)).map((rule) => ({ policy, rule })));
  const said = rules.flatMap(({ policy, rule }) => sayings(policy, rule, scene));
  const longest = Math.max(-1, ...said.filter(({ match }) => match === true).map(({ prefix }) => prefix));
  const out = new Set<'allow' | 'deny'>();
  if (said.some(({ match }) => match !== false)) out.add('allow');
  if (longest < 0) out.add('deny');
  // AWS-17.
  if (rules.some(({ rule }) => longestException(rule, scene) > longest)) out.add('deny');
  return out;
}
