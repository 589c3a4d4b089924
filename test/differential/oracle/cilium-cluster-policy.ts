import { namesMatch, portsMatchBy, priorityOf, type AdminAction, type Match } from './admin-policy.js';
import { blockContains } from './addresses.js';
import { choosesIdentity, hostOf, identityOf, isCiliumEndpoint } from './cilium-identity.js';
import { get, has, items, str } from './fields.js';
import { namedPortMatches, peerAddress, peerOf, subjectOf, type Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

const ACTIONS: Readonly<Record<string, AdminAction>> = { Accept: 'allow', Deny: 'deny', Pass: 'pass' };
/** UP-30: what wins among the rules of one priority and position. */
const STRONGEST_FIRST = ['deny', 'allow', 'pass'] as const;

interface Spoken {
  readonly action: AdminAction;
  readonly match: Match;
}

/** UP-31: networks are about addresses outside the cluster, and about those of nodes where a switch says so. */
function inNetworks(networks: unknown, scene: Scene): boolean {
  const [peer, address] = [peerOf(scene), peerAddress(scene)];
  if (address === null) return false;
  if (peer.type !== 'outside' && (hostOf(peer) === null || !scene.conventions.blocksMatchNodes)) return false;
  return items(networks).some((network) => blockContains(str(network), address));
}

function peerMatches(peer: unknown, scene: Scene): Match {
  if (has(peer, 'networks')) return inNetworks(get(peer, 'networks'), scene);
  if (has(peer, 'domainNames')) return namesMatch(get(peer, 'domainNames'), scene);
  if (has(peer, 'nodes')) {
    const node = scene.cluster.nodes.find(({ name }) => name === hostOf(peerOf(scene)));
    return node !== undefined && selectorMatches(get(peer, 'nodes'), node.labels);
  }
  const identity = identityOf(peerOf(scene), subjectOf(scene), peerAddress(scene), scene.cluster);
  return choosesIdentity(peer, identity, scene.conventions);
}

function spokenBy(rule: unknown, scene: Scene): Spoken | null {
  const action = ACTIONS[str(get(rule, 'action'))];
  const named = (name: string): boolean => namedPortMatches(name, scene.packet.protocol, scene);
  if (action === undefined || !portsMatchBy(get(rule, 'protocols'), scene.packet, named)) return null;
  const found = items(get(rule, scene.direction === 'ingress' ? 'from' : 'to')).map((peer) => peerMatches(peer, scene));
  const match = found.includes(true) || (found.includes('unknown') ? 'unknown' : false);
  return match === false ? null : { action, match };
}

/** UP-30: levels of priority and position, one after the other; null when no rule of the tier decides. */
export function ciliumTierAction(tier: 'Admin' | 'Baseline', scene: Scene, favour: boolean): AdminAction | null {
  const subject = subjectOf(scene);
  if (!isCiliumEndpoint(subject)) return null;
  const self = identityOf(subject, subject, null, scene.cluster);
  const levels = new Map<number, Spoken[]>();
  for (const policy of scene.cluster.objects.get('ClusterNetworkPolicy.policy.networking.k8s.io') ?? []) {
    const spec = get(policy, 'spec');
    // Subjects are never confined to the cluster: all of them are of it.
    if (get(spec, 'tier') !== tier || !choosesIdentity(get(spec, 'subject'), self, scene.conventions)) continue;
    for (const [index, rule] of items(get(spec, scene.direction)).entries()) {
      const spoken = spokenBy(rule, scene);
      const level = priorityOf(policy) * 100 + index;
      if (spoken !== null) levels.set(level, [...(levels.get(level) ?? []), spoken]);
    }
  }
  for (const [, spoken] of [...levels].sort(([a], [b]) => a - b)) {
    // What may match does where it favours what is wanted.
    const held = spoken.filter(({ action, match }) => match === true || (action === 'allow') === favour);
    const strongest = STRONGEST_FIRST.find((action) => held.some((one) => one.action === action));
    if (strongest !== undefined) return strongest;
  }
  return null;
}

/** CNP-85: whether a policy of either tier has a rule for the subject's ingress. */
export function hasIngressOfTier(scene: Scene): boolean {
  const { cluster, conventions } = scene;
  const subject = subjectOf(scene);
  const self = identityOf(subject, subject, null, cluster);
  return (cluster.objects.get('ClusterNetworkPolicy.policy.networking.k8s.io') ?? []).some(
    (policy) =>
      items(get(policy, 'spec', 'ingress')).length > 0 &&
      choosesIdentity(get(policy, 'spec', 'subject'), self, conventions),
  );
}
