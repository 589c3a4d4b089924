import { blockContains, type Address } from './addresses.js';
import { namespaceOf, type Conventions, type OracleCluster, type OracleEndpoint, type OraclePod } from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { selectorMatches } from './selectors.js';

export type OracleDirection = 'ingress' | 'egress';

/** One connection attempt, as one direction of policy sees it. `port` is null for protocols without ports. */
export interface Packet {
  readonly source: OracleEndpoint;
  readonly destination: OracleEndpoint;
  readonly sourceAddress: Address | null;
  readonly destinationAddress: Address | null;
  readonly protocol: string;
  readonly port: number | null;
  readonly icmpType?: number;
  readonly request?: Request;
  readonly sourcePort?: number;
  /** `namespace/name` of the Service whose address the client used. */
  readonly service?: string;
}

/** What the question tells of the request: of HTTP, unless it says another protocol. */
export interface Request {
  readonly protocol?: 'dns' | 'grpc';
  /** The name that is looked up, or the call of gRPC. */
  readonly name?: string;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

/** What all statements read beside the policy. */
export interface Scene {
  readonly cluster: OracleCluster;
  readonly conventions: Conventions;
  readonly packet: Packet;
  readonly direction: OracleDirection;
}

/** The pod that policy of this direction is about: the source of egress, the destination of ingress. */
export function subjectOf(scene: Scene): OracleEndpoint {
  return scene.direction === 'egress' ? scene.packet.source : scene.packet.destination;
}

/** The other side. */
export function peerOf(scene: Scene): OracleEndpoint {
  return scene.direction === 'egress' ? scene.packet.destination : scene.packet.source;
}

/** The address that the other side has in this packet. */
export function peerAddress(scene: Scene): Address | null {
  return scene.direction === 'egress' ? scene.packet.destinationAddress : scene.packet.sourceAddress;
}

/** policyTypes: as listed; by default ingress, and egress when there is an egress rule. */
export function coversDirection(policy: unknown, direction: OracleDirection): boolean {
  const listed = items(get(policy, 'spec', 'policyTypes')).map(str);
  if (listed.length > 0) return listed.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  return direction === 'ingress' || items(get(policy, 'spec', 'egress')).length > 0;
}

/** A policy is about pods of its own namespace that its podSelector chooses. */
export function selectsPod(policy: unknown, pod: OraclePod): boolean {
  return namespaceOf(policy) === pod.namespace && selectorMatches(get(policy, 'spec', 'podSelector'), pod.labels);
}

/** A pod on the host network is, by convention, not a pod to peers' selectors. */
export function podPeer(scene: Scene): OraclePod | null {
  const peer = peerOf(scene);
  if (peer.type !== 'pod') return null;
  return peer.hostNetwork && !scene.conventions.hostPodsArePeers ? null : peer;
}

/** CNP-16: to Cilium, what has no labels of pods passes selectors that ask for none, if no label is added to them. */
function isWithoutLabels(peer: unknown, { conventions }: Scene): boolean {
  if (conventions.combination !== 'cilium' || conventions.peersAreLocal) return false;
  const expressionsOf = (name: string): readonly unknown[] => items(get(peer, name, 'matchExpressions'));
  const asked = [...expressionsOf('namespaceSelector'), ...expressionsOf('podSelector')];
  const named = ['namespaceSelector', 'podSelector'].some((name) => labelMap(get(peer, name, 'matchLabels')).size > 0);
  const isNegative = (expression: unknown): boolean =>
    ['NotIn', 'DoesNotExist'].includes(str(get(expression, 'operator')));
  return expressionsOf('namespaceSelector').length > 0 && !named && asked.every(isNegative);
}

/** A peer with selectors: pods of the chosen namespaces, or of the policy's own when none is chosen. */
function selectorPeerMatches(policy: unknown, peer: unknown, scene: Scene): boolean {
  const pod = podPeer(scene);
  if (pod === null) return isWithoutLabels(peer, scene);
  if (has(peer, 'namespaceSelector')) {
    const labels = scene.cluster.namespaces.get(pod.namespace) ?? new Map<string, string>();
    if (!selectorMatches(get(peer, 'namespaceSelector'), labels)) return false;
  } else if (pod.namespace !== namespaceOf(policy)) {
    return false;
  }
  return !has(peer, 'podSelector') || selectorMatches(get(peer, 'podSelector'), pod.labels);
}

/** Whether address blocks speak of this kind of peer at all. */
export function blocksSpeakOf(peer: OracleEndpoint, conventions: Conventions): boolean {
  if (peer.type === 'outside') return true;
  if (peer.type === 'node') return conventions.blocksMatchNodes;
  return peer.hostNetwork ? conventions.blocksMatchNodes : conventions.blocksMatchPods;
}

/** An ipBlock: inside `cidr` and outside every `except`. */
export function blockPeerMatches(block: unknown, scene: Scene): boolean {
  const address = peerAddress(scene);
  if (address === null || !blocksSpeakOf(peerOf(scene), scene.conventions)) return false;
  if (!blockContains(str(get(block, 'cidr')), address)) return false;
  return !items(get(block, 'except')).some((except) => blockContains(str(except), address));
}

/** A peer of a rule: an address block, or pods by selectors. */
export function networkPolicyPeerMatches(policy: unknown, peer: unknown, scene: Scene): boolean {
  if (has(peer, 'ipBlock')) return blockPeerMatches(get(peer, 'ipBlock'), scene);
  return selectorPeerMatches(policy, peer, scene);
}

/** No peers listed: every source or destination. Otherwise any of them. */
function anyPeerMatches(policy: unknown, rule: unknown, scene: Scene): boolean {
  const peers = items(get(rule, scene.direction === 'ingress' ? 'from' : 'to'));
  return peers.length === 0 || peers.some((peer) => networkPolicyPeerMatches(policy, peer, scene));
}

/** A named port is the number that the destination pod gives that name for that protocol. */
export function namedPortMatches(name: string, protocol: string, { packet, conventions }: Scene): boolean {
  if (packet.destination.type !== 'pod' || packet.protocol !== protocol) return false;
  // To Cilium a pod on the host network is its node, which has no names.
  if (packet.destination.hostNetwork && conventions.combination === 'cilium') return false;
  // The first container that declares the name decides.
  const declared = packet.destination.ports.find((port) => port.name === name && port.protocol === protocol);
  return declared?.number === packet.port;
}

function portMatches(port: unknown, scene: Scene): boolean {
  const { packet } = scene;
  const protocol = str(get(port, 'protocol')) || 'TCP';
  if (packet.protocol !== protocol) return false;
  const wanted = get(port, 'port');
  if (wanted === undefined) return true;
  if (typeof wanted === 'string') return namedPortMatches(wanted, protocol, scene);
  const last = get(port, 'endPort') ?? wanted;
  return packet.port !== null && packet.port >= Number(wanted) && packet.port <= Number(last);
}

/** No ports listed: all traffic, of every protocol. Otherwise any of them; nothing without ports matches one. */
export function anyPortMatches(rule: unknown, scene: Scene): boolean {
  const ports = items(get(rule, 'ports'));
  return ports.length === 0 || ports.some((port) => portMatches(port, scene));
}

/** A rule allows what matches one of its peers and one of its ports. */
export function ruleAllows(policy: unknown, rule: unknown, scene: Scene): boolean {
  return anyPeerMatches(policy, rule, scene) && anyPortMatches(rule, scene);
}

/** Whether any rule of a policy, which selects the subject in this direction, allows the packet. */
export function networkPolicyAllows(policy: unknown, scene: Scene): boolean {
  return items(get(policy, 'spec', scene.direction)).some((rule) => ruleAllows(policy, rule, scene));
}

/**
 * What NetworkPolicies say of one direction: `null` when none isolates the pod; else whether any rule of any isolating
 * policy allows the packet. Policies add up: there is no order and no deny.
 */
export function networkPolicyVerdict(scene: Scene): 'allow' | 'deny' | null {
  const subject = subjectOf(scene);
  if (subject.type !== 'pod') return null;
  const isolating = (scene.cluster.objects.get('NetworkPolicy.networking.k8s.io') ?? []).filter(
    (policy) => selectsPod(policy, subject) && coversDirection(policy, scene.direction),
  );
  if (isolating.length === 0) return null;
  return isolating.some((policy) => networkPolicyAllows(policy, scene)) ? 'allow' : 'deny';
}
