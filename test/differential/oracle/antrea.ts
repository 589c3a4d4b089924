import { blockContains } from './addresses.js';
import type { AdminAction } from './admin-policy.js';
import { nameOf, namespaceOf, type OracleCluster, type OraclePod } from './cluster.js';
import { get, has, items, nonEmpty, str, type Raw } from './fields.js';
import {
  blocksSpeakOf,
  namedPortMatches,
  peerAddress,
  peerOf,
  podPeer,
  subjectOf,
  type Packet,
  type Scene,
} from './network-policy.js';
import { selectorMatches } from './selectors.js';

const BUILT_IN_TIERS: Readonly<Record<string, number>> = {
  emergency: 50,
  securityops: 100,
  networkops: 150,
  platform: 200,
  application: 250,
  baseline: 253,
};
const BASELINE = 253;
const ACTIONS: Readonly<Record<string, AdminAction>> = { Allow: 'allow', Drop: 'deny', Reject: 'deny', Pass: 'pass' };

function ofKind(cluster: OracleCluster, kind: string): readonly Raw[] {
  return cluster.objects.get(`${kind}.crd.antrea.io`) ?? [];
}

/** A custom tier's priority stands in its object. No tier is `application`. */
function tierPriority(policy: Raw, cluster: OracleCluster): number {
  const name = str(get(policy, 'spec', 'tier')) || 'application';
  const object = ofKind(cluster, 'Tier').find((tier) => nameOf(tier) === name);
  return BUILT_IN_TIERS[name] ?? Number(get(object, 'spec', 'priority'));
}

function isNamespaced(policy: Raw): boolean {
  return get(policy, 'kind') === 'NetworkPolicy';
}

/** Selectors of pods: without namespaceSelector all namespaces, or the own one when there is such. */
function selectorsChoose(chooser: unknown, home: string | null, pod: OraclePod, cluster: OracleCluster): boolean {
  const labels = cluster.namespaces.get(pod.namespace) ?? new Map<string, string>();
  if (has(chooser, 'namespaceSelector')) {
    if (!selectorMatches(get(chooser, 'namespaceSelector'), labels)) return false;
  } else if (home !== null && pod.namespace !== home) {
    return false;
  }
  return selectorMatches(get(chooser, 'podSelector'), pod.labels);
}

function runsUnder(account: unknown, pod: OraclePod): boolean {
  return pod.namespace === str(get(account, 'namespace')) && pod.serviceAccount === str(get(account, 'name'));
}

/** The group that a policy names: a ClusterGroup, or a Group of its own namespace. */
function groupOf(policy: Raw, name: string, cluster: OracleCluster): Raw | undefined {
  if (!isNamespaced(policy)) return ofKind(cluster, 'ClusterGroup').find((group) => nameOf(group) === name);
  return ofKind(cluster, 'Group').find((group) => nameOf(group) === name && namespaceOf(group) === namespaceOf(policy));
}

/** Pods that a group, an account or selectors choose. */
function choosesPod(policy: Raw, chooser: unknown, pod: OraclePod, cluster: OracleCluster): boolean {
  const home = isNamespaced(policy) ? namespaceOf(policy) : null;
  if (has(chooser, 'serviceAccount')) return runsUnder(get(chooser, 'serviceAccount'), pod);
  if (has(chooser, 'group')) {
    const group = groupOf(policy, str(get(chooser, 'group')), cluster);
    const spec = get(group, 'spec');
    return (has(spec, 'podSelector') || has(spec, 'namespaceSelector')) && selectorsChoose(spec, home, pod, cluster);
  }
  return selectorsChoose(chooser, home, pod, cluster);
}

/** `appliedTo` of the policy, or of each of its rules. */
function appliesTo(policy: Raw, rule: unknown, pod: OraclePod, cluster: OracleCluster): boolean {
  const entries = has(rule, 'appliedTo') ? get(rule, 'appliedTo') : get(policy, 'spec', 'appliedTo');
  return items(entries).some((entry) => choosesPod(policy, entry, pod, cluster));
}

function blockMatches(block: unknown, scene: Scene): boolean {
  const address = peerAddress(scene);
  if (address === null || !blocksSpeakOf(peerOf(scene), scene.conventions)) return false;
  if (!blockContains(str(get(block, 'cidr')), address)) return false;
  return !items(get(block, 'except')).some((except) => blockContains(str(except), address));
}

/** The blocks that a peer lists itself or through its group. */
function blocksOf(policy: Raw, peer: unknown, cluster: OracleCluster): readonly unknown[] {
  if (has(peer, 'ipBlock')) return [get(peer, 'ipBlock')];
  if (!has(peer, 'group')) return [];
  return items(get(groupOf(policy, str(get(peer, 'group')), cluster), 'spec', 'ipBlocks'));
}

/** `namespaces.match: Self`: pods of the subject's namespace. */
function inOwnNamespace(peer: unknown, subject: OraclePod, pod: OraclePod): boolean {
  return pod.namespace === subject.namespace && selectorMatches(get(peer, 'podSelector'), pod.labels);
}

function peerMatches(policy: Raw, peer: unknown, subject: OraclePod, scene: Scene): boolean {
  if (blocksOf(policy, peer, scene.cluster).some((block) => blockMatches(block, scene))) return true;
  const pod = podPeer(scene);
  if (pod === null || has(peer, 'ipBlock')) return false;
  if (has(peer, 'namespaces')) return inOwnNamespace(peer, subject, pod);
  return choosesPod(policy, peer, pod, scene.cluster);
}

function portMatches(port: unknown, packet: Packet): boolean {
  const protocol = str(get(port, 'protocol')) || 'TCP';
  if (protocol !== packet.protocol) return false;
  const wanted = get(port, 'port');
  if (wanted === undefined) return true;
  if (typeof wanted === 'string') return namedPortMatches(wanted, protocol, packet);
  return packet.port !== null && packet.port >= Number(wanted) && packet.port <= Number(get(port, 'endPort') ?? wanted);
}

/** ICMP of either family; without a type all of it. Questions are about code 0. */
function icmpMatches(icmp: unknown, packet: Packet): boolean {
  if (packet.protocol !== 'ICMP') return false;
  return !has(icmp, 'icmpType') || (get(icmp, 'icmpType') === packet.icmpType && (get(icmp, 'icmpCode') ?? 0) === 0);
}

/** What one rule does with the packet; null when it does not match. */
function ruleAction(policy: Raw, rule: unknown, subject: OraclePod, scene: Scene): AdminAction | null {
  if (!appliesTo(policy, rule, subject, scene.cluster)) return null;
  const peers = items(get(rule, scene.direction === 'ingress' ? 'from' : 'to'));
  if (peers.length > 0 && !peers.some((peer) => peerMatches(policy, peer, subject, scene))) return null;
  const { packet } = scene;
  const kinds = [
    ...items(get(rule, 'ports')).map((port) => portMatches(port, packet)),
    ...items(get(rule, 'protocols')).map((protocol) => icmpMatches(get(protocol, 'icmp'), packet)),
  ];
  if (kinds.length > 0 && !kinds.includes(true)) return null;
  return ACTIONS[str(get(rule, 'action'))] ?? null;
}

/** What the rules at one position of policies of equal rank say: more than one word where the order is open. */
function actionsAt(
  policies: readonly Raw[],
  index: number,
  subject: OraclePod,
  scene: Scene,
): ReadonlySet<AdminAction> {
  return nonEmpty(
    policies.map((policy) => {
      const rule = items(get(policy, 'spec', scene.direction))[index];
      return rule === undefined ? null : ruleAction(policy, rule, subject, scene);
    }),
  );
}

/** Where a policy stands: tier first, then its priority. */
function rankOf(policy: Raw, cluster: OracleCluster): string {
  const pad = (value: number): string => String(Math.round(value * 1000)).padStart(12, '0');
  return pad(tierPriority(policy, cluster)) + pad(Number(get(policy, 'spec', 'priority')));
}

/**
 * Tiers by priority, policies by theirs, rules by position, the two kinds together; the first that matches decides.
 * `pass` when nothing matches, and when a rule says so: it leaves all regular tiers at once.
 */
export function antreaTierOutcomes(scene: Scene, part: 'regular' | 'baseline'): ReadonlySet<AdminAction> {
  const subject = subjectOf(scene);
  if (subject.type !== 'pod') return new Set<AdminAction>(['pass']);
  const policies = [...ofKind(scene.cluster, 'ClusterNetworkPolicy'), ...ofKind(scene.cluster, 'NetworkPolicy')].filter(
    (policy) => tierPriority(policy, scene.cluster) >= BASELINE === (part === 'baseline'),
  );
  const ranks = [...new Set(policies.map((policy) => rankOf(policy, scene.cluster)))].sort();
  for (const rank of ranks) {
    const equal = policies.filter((policy) => rankOf(policy, scene.cluster) === rank);
    const longest = Math.max(...equal.map((policy) => items(get(policy, 'spec', scene.direction)).length));
    for (let index = 0; index < longest; index++) {
      const found = actionsAt(equal, index, subject, scene);
      if (found.size > 0) return found;
    }
  }
  return new Set<AdminAction>(['pass']);
}
