import { blockContains } from './addresses.js';
import { choosesPod, namesMatch, priorityOf, ruleAction, type AdminAction, type Match } from './admin-policy.js';
import { get, has, items, str, type Raw } from './fields.js';
import {
  addressForBlocks,
  anyPortMatches,
  coversDirection,
  peerOf,
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

/** AWS-12, AWS-13: names stand for themselves, beside other peers of the rule; a rule without peers is not for all then. */
function ruleMatches(policy: Raw, rule: unknown, scene: Scene): Match {
  const peers = items(get(rule, 'to'));
  const names = [rule, ...peers].flatMap((part) => items(get(part, 'domainNames')));
  const allowed = (one: unknown): Match => {
    const truth = ruleAllows(policy, one, scene);
    return truth === 'open' ? 'unknown' : truth;
  };
  if (names.length === 0 || scene.direction === 'ingress') return allowed(rule);
  const others = peers.filter((peer) => !has(peer, 'domainNames'));
  const byPeers = others.length > 0 && allowed({ ports: get(rule, 'ports'), to: others });
  const byName = anyPortMatches(rule, scene, policy, 'everyone') && namesMatch(names, scene);
  return byPeers === true || byName === true || (byPeers === 'unknown' || byName === 'unknown' ? 'unknown' : false);
}

/** Whether an exception speaks of the peer, unless it is a pod, which has an address of its own there. */
function isExcepted(rule: unknown, scene: Scene): boolean {
  const [peer, address] = [peerOf(scene), addressForBlocks(scene)];
  if (address === null || (peer.type === 'pod' && !peer.hostNetwork)) return false;
  return items(get(rule, scene.direction === 'ingress' ? 'from' : 'to'))
    .flatMap((one) => items(get(one, 'ipBlock', 'except')))
    .some((except) => blockContains(str(except), address));
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
  const rules = isolating.flatMap((policy) =>
    items(get(policy, 'spec', direction)).map((rule) => ({ rule, match: ruleMatches(policy, rule, scene) })),
  );
  const out = new Set<'allow' | 'deny'>();
  if (rules.some(({ match }) => match !== false)) out.add('allow');
  if (!rules.some(({ match }) => match === true)) out.add('deny');
  if (conventions.exceptsMayDeny && rules.some(({ rule }) => isExcepted(rule, scene))) out.add('deny');
  return out;
}
