import { blockContains } from './addresses.js';
import { get, has, items, str } from './fields.js';
import {
  anyOf,
  blocksSpeakOf,
  coversDirection,
  isKubeRouter,
  peerOf,
  podPeer,
  ruleAllows,
  selectsPod,
  subjectOf,
  type Scene,
  type Truth,
} from './network-policy.js';
import { azureReads, inOctal } from './odd-blocks.js';

/** Whether any rule of a policy, which selects the subject in this direction, allows the packet. */
export function networkPolicyAllows(policy: unknown, scene: Scene): Truth {
  if (scene.conventions.networkPolicyOf === 'kube-router-nftables') return chainAllows(policy, scene);
  const rulesOf = (one: Scene): readonly Truth[] =>
    items(get(policy, 'spec', one.direction)).map((rule) => ruleAllows(policy, rule, one));
  return anyOf([...rulesOf(scene), ...(countsBothWays(policy, scene) ? rulesOf(turned(scene)) : [])]);
}

/** NP-43: rules one after the other, of ingress first; who is excepted goes no further. */
function chainAllows(policy: unknown, scene: Scene): Truth {
  const { packet, conventions } = scene;
  const sides = {
    ingress: { field: 'from', end: packet.source, address: packet.sourceAddress },
    egress: { field: 'to', end: packet.destination, address: packet.destinationAddress },
  } as const;
  const seen: Truth[] = [];
  for (const direction of ['ingress', 'egress'] as const) {
    if (!coversDirection(policy, direction)) continue;
    const { field, end, address } = sides[direction];
    const counts = direction === scene.direction || countsBothWays(policy, scene);
    for (const rule of items(get(policy, 'spec', direction))) {
      const peers = items(get(rule, field));
      const part = (some: readonly unknown[]): Truth =>
        counts &&
        (some.length > 0 || peers.length === 0) &&
        ruleAllows(policy, { ports: get(rule, 'ports'), [field]: some }, { ...scene, direction });
      const blocks = peers.filter((peer) => has(peer, 'ipBlock'));
      // What nobody can read beside an exception stays open.
      seen.push(part(peers.filter((peer) => !has(peer, 'ipBlock'))), part(blocks));
      const excepted = blocks.flatMap((peer) => inOctal(get(peer, 'ipBlock'), conventions)?.except ?? []);
      const isExcepted = address !== null && blocksSpeakOf(end, conventions);
      if (isExcepted && excepted.some((cidr) => blockContains(cidr, address))) return anyOf(seen);
    }
  }
  return anyOf(seen);
}

const turned = (scene: Scene): Scene => ({ ...scene, direction: scene.direction === 'ingress' ? 'egress' : 'ingress' });

/** NP-35: what passes between two pods that a policy of both directions selects. */
function countsBothWays(policy: unknown, scene: Scene): boolean {
  const peer = peerOf(scene);
  const both = (['ingress', 'egress'] as const).every((direction) => coversDirection(policy, direction));
  const isChosen = peer.type === 'pod' && selectsPod(policy, peer) && podPeer(scene) !== null;
  return isKubeRouter(scene.conventions) && both && isChosen;
}

/** NP-60, NP-61: whether it programs the policy at all, of which it reads the blocks of directions without a rule for all. */
function azureHeeds(policy: unknown): Truth {
  const seen = (['ingress', 'egress'] as const).flatMap((direction) => {
    const field = direction === 'ingress' ? 'from' : 'to';
    const rules = items(get(policy, 'spec', direction));
    const isForAll = (rule: unknown): boolean => [field, 'ports'].every((name) => items(get(rule, name)).length === 0);
    if (!coversDirection(policy, direction) || rules.some(isForAll)) return [];
    const blocks = rules.flatMap((rule) => items(get(rule, field)).map((peer) => get(peer, 'ipBlock')));
    return blocks.filter((block) => str(get(block, 'cidr')) !== '').map(azureReads);
  });
  if (seen.includes(false)) return false;
  return seen.includes('open') ? 'open' : true;
}

/**
 * What NetworkPolicies say of one direction: `null` when none isolates the pod; else whether any rule of any isolating
 * policy allows the packet. Policies add up: there is no order and no deny.
 */
export function networkPolicyVerdict(scene: Scene): 'allow' | 'deny' | 'open' | null {
  const subject = subjectOf(scene);
  if (subject.type !== 'pod') return null;
  const selecting = (scene.cluster.objects.get('NetworkPolicy.networking.k8s.io') ?? []).filter((policy) =>
    selectsPod(policy, subject),
  );
  const covering = selecting.filter((policy) => coversDirection(policy, scene.direction));
  const isAzure = scene.conventions.networkPolicyOf === 'azure-npm';
  const words = covering.map((policy) => (isAzure ? azureHeeds(policy) : true));
  const isolating = covering.filter((_, index) => words[index] === true);
  const perhaps = covering.filter((_, index) => words[index] === 'open');
  // NP-40.
  const heeded = scene.conventions.networkPolicyOf === 'ovn' ? selecting : isolating;
  const allows = anyOf(heeded.map((policy) => networkPolicyAllows(policy, scene)));
  if (perhaps.length > 0 && allows !== true) {
    const alike = isolating.length > 0 && perhaps.every((policy) => networkPolicyAllows(policy, scene) === false);
    if (!alike) return 'open';
  }
  if (isolating.length === 0) return allows === false ? null : 'allow';
  return allows === 'open' ? 'open' : allows ? 'allow' : 'deny';
}
