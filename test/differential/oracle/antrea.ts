import type { AdminAction } from './admin-policy.js';
import { choosesPod, isChosenPod, isPeer, ofKind, textMatches, type Meant } from './antrea-peers.js';
import { nameOf, namespaceOf, protocolOf, type OracleCluster, type OraclePod } from './cluster.js';
import { get, has, items, str, type Raw } from './fields.js';
import { namedPortMatches, type Packet, type Scene } from './network-policy.js';

/** What a rule makes of a packet; `conditional` lets some requests pass. */
export type AntreaOutcome = AdminAction | 'conditional';

/** Where rules are asked: at a pod, or where clients from outside enter a Service. */
export type Place = OraclePod | 'service';

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

/** A custom tier's priority stands in its object. No tier is `application`. */
function tierPriority(policy: Raw, cluster: OracleCluster): number {
  const name = str(get(policy, 'spec', 'tier')) || 'application';
  const object = ofKind(cluster, 'Tier').find((tier) => nameOf(tier) === name);
  return BUILT_IN_TIERS[name] ?? Number(get(object, 'spec', 'priority'));
}

/** `appliedTo` of the policy, or of each of its rules. */
function appliedTo(policy: Raw, rule: unknown): readonly unknown[] {
  return items(has(rule, 'appliedTo') ? get(rule, 'appliedTo') : get(policy, 'spec', 'appliedTo'));
}

/** AT-13, AT-20: a pod by what the policy chooses, or the Service that the client entered. */
function appliesTo(policy: Raw, rule: unknown, at: Place, { cluster, packet }: Scene): boolean {
  return appliedTo(policy, rule).some((entry) => {
    const service = get(entry, 'service');
    if (at === 'service') return `${str(get(service, 'namespace'))}/${str(get(service, 'name'))}` === packet.service;
    return service === undefined && choosesPod(policy, entry, at, cluster);
  });
}

function portMatches(port: unknown, scene: Scene): boolean {
  const { packet } = scene;
  const protocol = protocolOf(port);
  if (protocol !== packet.protocol) return false;
  const client = get(port, 'sourcePort');
  if (client !== undefined && !inRange(packet.sourcePort, client, get(port, 'sourceEndPort'))) return false;
  const wanted = get(port, 'port');
  if (wanted === undefined) return true;
  if (typeof wanted === 'string') {
    const isHost = packet.destination.type === 'pod' && packet.destination.hostNetwork;
    return !isHost && namedPortMatches(wanted, protocol, scene, 'containers');
  }
  return inRange(packet.port, wanted, get(port, 'endPort'));
}

function inRange(port: number | null | undefined, low: unknown, high: unknown): boolean {
  return typeof port === 'number' && port >= Number(low) && port <= Number(high ?? low);
}

/** ICMP of either family; without a type all of it. Questions are about code 0. */
function icmpMatches(icmp: unknown, packet: Packet): boolean {
  if (packet.protocol !== 'ICMP') return false;
  return !has(icmp, 'icmpType') || (get(icmp, 'icmpType') === packet.icmpType && (get(icmp, 'icmpCode') ?? 0) === 0);
}

/** AT-34: what the rule lets pass of what it matches: everything, requests like its own, or some as far as is told. */
function requestsOf(rule: unknown, { protocol, request }: Packet): 'all' | 'some' | 'none' {
  const wanted = items(get(rule, 'l7Protocols')).map((item) => get(item, 'http'));
  if (wanted.length === 0) return 'all';
  if (protocol !== 'TCP') return 'none';
  const found = wanted.map((http): 'all' | 'some' | 'none' => {
    const parts = (['method', 'path', 'host'] as const).filter((part) => has(http, part));
    const told = parts.filter((part) => request?.[part] !== undefined);
    if (told.some((part) => !textMatches(str(get(http, part)), request?.[part] ?? ''))) return 'none';
    return request !== undefined && told.length === parts.length ? 'all' : 'some';
  });
  return (['all', 'some'] as const).find((one) => found.includes(one)) ?? 'none';
}

/** AT-28. */
function entersService(rule: unknown, policy: Raw, { packet }: Scene): boolean {
  return items(get(rule, 'toServices')).some((service) => {
    const namespace = str(get(service, 'namespace')) || namespaceOf(policy);
    return `${namespace}/${str(get(service, 'name'))}` === packet.service;
  });
}

interface Matched {
  readonly outcome: AntreaOutcome;
  readonly certain: boolean;
}

/** What one rule does with the packet; null when it does not match. */
function ruleOutcome(policy: Raw, rule: unknown, at: Place, scene: Scene): Matched | null {
  if (!appliesTo(policy, rule, at, scene)) return null;
  if (has(rule, 'toServices') && !entersService(rule, policy, scene)) return null;
  const peers = items(get(rule, scene.direction === 'ingress' ? 'from' : 'to'));
  const subject = at === 'service' ? null : at;
  const { packet } = scene;
  const met = peersOf(policy, peers, subject, scene).flatMap(({ meant, hasNames }) => {
    const kind = kindMatches(rule, hasNames, scene);
    if (meant === false || kind === false) return [];
    return meant === true && kind === true ? [true] : [false];
  });
  if (met.length === 0) return null;
  const requests = requestsOf(rule, packet);
  const action = ACTIONS[str(get(rule, 'action'))] ?? 'deny';
  // AT-36: what the requests do not match is dropped.
  const outcome = requests === 'all' ? action : requests === 'some' ? 'conditional' : 'deny';
  return { outcome, certain: met.includes(true) };
}

/** The peers of a rule, or everyone, and whether port names are resolved there: in egress at chosen pods only (AT-44). */
function peersOf(
  policy: Raw,
  peers: readonly unknown[],
  subject: OraclePod | null,
  scene: Scene,
): readonly { readonly meant: Meant; readonly hasNames: boolean }[] {
  if (peers.length === 0) return [{ meant: true, hasNames: true }];
  return peers.map((peer) => {
    const meant = isPeer(policy, peer, subject, scene);
    return { meant, hasNames: scene.direction === 'ingress' || isChosenPod(policy, peer, meant, scene) };
  });
}

/** Ports and protocols add up; neither is everything. `unknown` where only the group of an IGMP message would tell. */
function kindMatches(rule: unknown, hasNames: boolean, scene: Scene): Meant {
  const ports = items(get(rule, 'ports')).filter((port) => hasNames || typeof get(port, 'port') !== 'string');
  const protocols = items(get(rule, 'protocols'));
  if (!has(rule, 'ports') && protocols.length === 0) return true;
  const kinds = [
    ...ports.map((port) => portMatches(port, scene)),
    ...protocols.map((one) =>
      has(one, 'igmp') ? igmpMatches(get(one, 'igmp'), scene.packet) : icmpMatches(get(one, 'icmp'), scene.packet),
    ),
  ];
  return kinds.includes(true) || (kinds.includes('unknown') && 'unknown');
}

/** AT-27: by type; of which group a message speaks is not told. */
function igmpMatches(igmp: unknown, { protocol, icmpType }: Packet): Meant {
  if (protocol !== 'IGMP') return false;
  if (has(igmp, 'igmpType') && get(igmp, 'igmpType') !== icmpType) return false;
  return has(igmp, 'groupAddress') ? 'unknown' : true;
}

/** What the rules at one position of policies of equal rank say: more than one word where the order is open. */
function matchedAt(policies: readonly Raw[], index: number, at: Place, scene: Scene): readonly Matched[] {
  return policies.flatMap((policy) => {
    const rule = items(get(policy, 'spec', scene.direction))[index];
    return rule === undefined ? [] : (ruleOutcome(policy, rule, at, scene) ?? []);
  });
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
export function antreaTierOutcomes(scene: Scene, part: 'regular' | 'baseline', at: Place): ReadonlySet<AntreaOutcome> {
  const policies = [...ofKind(scene.cluster, 'ClusterNetworkPolicy'), ...ofKind(scene.cluster, 'NetworkPolicy')].filter(
    (policy) => tierPriority(policy, scene.cluster) >= BASELINE === (part === 'baseline'),
  );
  const out = new Set<AntreaOutcome>();
  const ranks = [...new Set(policies.map((policy) => rankOf(policy, scene.cluster)))].sort();
  for (const rank of ranks) {
    const equal = policies.filter((policy) => rankOf(policy, scene.cluster) === rank);
    const longest = Math.max(...equal.map((policy) => items(get(policy, 'spec', scene.direction)).length));
    for (let index = 0; index < longest; index++) {
      const found = matchedAt(equal, index, at, scene);
      for (const { outcome } of found) out.add(outcome);
      if (found.some(({ certain }) => certain)) return out;
    }
  }
  return out.add('pass');
}
