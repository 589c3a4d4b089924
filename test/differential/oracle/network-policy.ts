import { blockContains, longestPrefix, type Address } from './addresses.js';
import {
  type Conventions,
  declares,
  namespaceOf,
  type Naming,
  namingOf,
  nodeOf,
  type OracleCluster,
  type OracleEndpoint,
  type OraclePod,
  portsWithNames,
  protocolOf,
} from './cluster.js';
import { get, has, items, labelMap, str } from './fields.js';
import { azureReadsAlike, inOctal, isOddBlock } from './odd-blocks.js';
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
  /** The port of that Service, where it is told. */
  readonly servicePort?: number;
}

export type KafkaField = 'apiKey' | 'apiVersion' | 'clientID' | 'topic';

/** What the question tells of the request: of HTTP, unless it says another protocol. */
export interface Request {
  readonly protocol?: 'dns' | 'grpc' | 'kafka';
  /** The name that is looked up, or the call of gRPC. */
  readonly name?: string;
  /** What is told of a request of Kafka. */
  readonly kafka?: Readonly<Partial<Record<KafkaField, string>>>;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** The block of a client that it says it is forwarded for. */
  readonly forwarded?: string;
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
function isWithoutLabels(peer: unknown, scene: Scene): boolean {
  const { conventions } = scene;
  // CNP-25: a real agent labels the nodes of its cluster.
  const isOfCluster = conventions.release !== '' && nodeOf(peerOf(scene)) !== null;
  if (conventions.combination !== 'cilium' || (conventions.peersAreLocal && !isOfCluster)) return false;
  const expressionsOf = (name: string): readonly unknown[] => items(get(peer, name, 'matchExpressions'));
  const asked = [...expressionsOf('namespaceSelector'), ...expressionsOf('podSelector')];
  const named = ['namespaceSelector', 'podSelector'].some((name) => labelMap(get(peer, name, 'matchLabels')).size > 0);
  const isNegative = (expression: unknown): boolean =>
    ['NotIn', 'DoesNotExist'].includes(str(get(expression, 'operator')));
  return expressionsOf('namespaceSelector').length > 0 && !named && asked.every(isNegative);
}

/** A peer with selectors: pods of the chosen namespaces, or of the policy's own when none is chosen. */
function selectorPeerMatches(policy: unknown, peer: unknown, scene: Scene): boolean {
  const both = has(peer, 'namespaceSelector') && has(peer, 'podSelector');
  const pod = scene.conventions.networkPolicyOf === 'ovn' && both ? hostPodToo(scene) : podPeer(scene);
  if (pod === null) return isWithoutLabels(peer, scene);
  if (has(peer, 'namespaceSelector')) {
    const labels = scene.cluster.namespaces.get(pod.namespace) ?? new Map<string, string>();
    if (!selectorMatches(get(peer, 'namespaceSelector'), labels)) return false;
  } else if (pod.namespace !== namespaceOf(policy)) {
    return false;
  }
  return !has(peer, 'podSelector') || selectorMatches(get(peer, 'podSelector'), pod.labels);
}

/** NP-30. */
function hostPodToo(scene: Scene): OraclePod | null {
  const peer = peerOf(scene);
  return peer.type === 'pod' ? peer : null;
}

/** Whether address blocks speak of this kind of peer at all. */
export function blocksSpeakOf(peer: OracleEndpoint, conventions: Conventions): boolean {
  if (peer.type === 'outside') return true;
  if (peer.type === 'node') return conventions.blocksMatchNodes;
  return peer.hostNetwork ? conventions.blocksMatchNodes : conventions.blocksMatchPods;
}

/** The address of the other side, where blocks speak of it. */
export function addressForBlocks(scene: Scene): Address | null {
  return blocksSpeakOf(peerOf(scene), scene.conventions) ? peerAddress(scene) : null;
}

/** An ipBlock: inside `cidr` and outside every `except`. */
export function blockPeerMatches(block: unknown, scene: Scene): boolean {
  const address = addressForBlocks(scene);
  if (address === null) return false;
  if (!blockContains(str(get(block, 'cidr')), address)) return false;
  return !items(get(block, 'except')).some((except) => blockContains(str(except), address));
}

/** A named port is the number that the destination pod gives that name for that protocol. */
export function namedPortMatches(
  name: string,
  protocol: string,
  { packet, conventions, direction, cluster }: Scene,
  naming: Naming = namingOf(conventions),
): boolean {
  if (packet.protocol !== protocol) return false;
  if (conventions.release !== '' && direction === 'egress') return isNumberOfCluster(name, packet, cluster);
  if (packet.destination.type !== 'pod') return false;
  // To Cilium a pod on the host network is its node, which has no names; Antrea and kube-router pass it over.
  const passesOver = conventions.networkPolicyOf === 'antrea' || isKubeRouter(conventions);
  if (packet.destination.hostNetwork && (conventions.combination === 'cilium' || passesOver)) return false;
  return declares(packet.destination, name, protocol, packet.port, naming);
}

/** CNP-55: the one number that the pods of the cluster give a name, at every peer. */
function isNumberOfCluster(name: string, { protocol, port }: Packet, { pods }: OracleCluster): boolean {
  const given = pods
    .filter(({ hostNetwork, finished }) => !hostNetwork && !finished)
    .flatMap(({ ports }) => ports)
    .filter((one) => one.of === 'main' && one.name === name && one.protocol === protocol);
  const numbers = new Set(given.map(({ number }) => number));
  return numbers.size === 1 && port !== null && numbers.has(port);
}

/** Whom a rule's ports are asked for: everyone, or a peer of one of the two kinds. */
type Asked = 'everyone' | 'selected' | 'block';

function portMatches(port: unknown, policy: unknown, asked: Asked, scene: Scene): boolean {
  const { packet } = scene;
  const protocol = protocolOf(port);
  if (packet.protocol !== protocol) return false;
  const wanted = get(port, 'port');
  if (wanted === undefined) return true;
  if (typeof wanted === 'string') return nameMatches(wanted, protocol, policy, asked, scene);
  const last = get(port, 'endPort') ?? wanted;
  return packet.port !== null && packet.port >= Number(wanted) && packet.port <= Number(last);
}

/** NP-17, and what engines make of it: NP-31, NP-34, NP-37, NP-48. */
function nameMatches(name: string, protocol: string, policy: unknown, asked: Asked, scene: Scene): boolean {
  const engine = scene.conventions.networkPolicyOf;
  if (engine === 'ovn') return true;
  if (engine === 'aws' && scene.direction === 'ingress') {
    return scene.cluster.pods.some(
      (pod) =>
        selectsPod(policy, pod) && !pod.finished && declares(pod, name, protocol, scene.packet.port, 'containers'),
    );
  }
  if (engine === 'aws') return asked === 'selected' && namedPortMatches(name, protocol, scene);
  const isOther = engine !== 'antrea' && !isKubeRouter(scene.conventions);
  if (isOther || scene.direction === 'ingress') return namedPortMatches(name, protocol, scene);
  if (asked === 'block') return false;
  if (asked === 'selected' || engine === 'antrea') return namedPortMatches(name, protocol, scene);
  return scene.cluster.pods.some(
    (pod) =>
      pod.namespace === namespaceOf(policy) &&
      !pod.hostNetwork &&
      !pod.finished &&
      declares(pod, name, protocol, scene.packet.port, 'containers'),
  );
}

/** No ports listed: all traffic, of every protocol. Otherwise any of them; nothing without ports matches one. */
export function anyPortMatches(
  rule: unknown,
  scene: Scene,
  policy: unknown = null,
  asked: Asked = 'selected',
): boolean {
  const ports = items(get(rule, 'ports'));
  return ports.length === 0 || heeded(ports, scene).some((port) => portMatches(port, policy, asked, scene));
}

/** NP-32. */
function heeded(ports: readonly unknown[], { conventions }: Scene): readonly unknown[] {
  if (conventions.networkPolicyOf !== 'ovn') return ports;
  const isNumbered = (port: unknown): boolean => typeof get(port, 'port') === 'number';
  return ports.filter(
    (port) => isNumbered(port) || !ports.some((other) => isNumbered(other) && protocolOf(other) === protocolOf(port)),
  );
}

/** `open` where it cannot be told. */
export type Truth = boolean | 'open';

export const anyOf = (truths: readonly Truth[]): Truth => truths.includes(true) || (truths.includes('open') && 'open');

/** A rule allows what matches one of its peers, of which none is everyone, and one of its ports. */
export function ruleAllows(policy: unknown, rule: unknown, scene: Scene): Truth {
  const peers = items(get(rule, scene.direction === 'ingress' ? 'from' : 'to'));
  const atPort = (asked: Asked): boolean => anyPortMatches(rule, scene, policy, asked);
  if (peers.length === 0) return atPort('everyone');
  const [blocks, others] = [
    peers.filter((peer) => has(peer, 'ipBlock')),
    peers.filter((peer) => !has(peer, 'ipBlock')),
  ];
  const bySelector =
    (atPort('selected') || opensEveryPort(policy, rule, others, scene)) &&
    anyOf(others.map((peer) => selected(policy, peer, scene)));
  const byBlock =
    atPort('block') &&
    blocksMatch(
      blocks.map((peer) => get(peer, 'ipBlock')),
      scene,
    );
  const either = anyOf([bySelector, byBlock]);
  return either === true && isExceptedOfRule(blocks, peers.length, scene) ? 'open' : either;
}

/** NP-52. */
function isExceptedOfRule(blocks: readonly unknown[], peers: number, scene: Scene): boolean {
  const address = addressForBlocks(scene);
  if (scene.conventions.networkPolicyOf !== 'kube-ovn' || peers < 2 || address === null) return false;
  return blocks
    .flatMap((block) => items(get(block, 'ipBlock', 'except')))
    .some((except) => blockContains(str(except), address));
}

/** NP-47: a rule whose ports are names that nobody has, of those whom it lets by or who may be sent to. */
function opensEveryPort(policy: unknown, rule: unknown, others: readonly unknown[], scene: Scene): boolean {
  const ports = items(get(rule, 'ports'));
  if (!isKubeRouter(scene.conventions) || ports.length === 0) return false;
  if (!ports.every((port) => typeof get(port, 'port') === 'string')) return false;
  const isAsked = (pod: OraclePod): boolean => {
    if (pod.hostNetwork || pod.finished) return false;
    if (scene.direction === 'ingress') return selectsPod(policy, pod);
    const sentTo = { ...scene, packet: { ...scene.packet, destination: pod } };
    return others.some((peer) => selectorPeerMatches(policy, peer, sentTo));
  };
  const hasOne = (pod: OraclePod): boolean =>
    ports.some((port) =>
      portsWithNames(pod, 'containers').some(
        ({ name, protocol }) => name === get(port, 'port') && protocol === protocolOf(port),
      ),
    );
  return !scene.cluster.pods.some((pod) => isAsked(pod) && hasOne(pod));
}

function selected(policy: unknown, peer: unknown, scene: Scene): Truth {
  if (selectorPeerMatches(policy, peer, scene)) return true;
  return scene.conventions.networkPolicyOf === 'azure-npm' && azureMayMatch(policy, peer, scene) ? 'open' : false;
}

/** NP-41: as if values of `NotIn` beside others were not written. NP-42: whoever is no pod passes what is only excluded. */
function azureMayMatch(policy: unknown, peer: unknown, scene: Scene): boolean {
  if (!has(peer, 'namespaceSelector')) return false;
  const asked = (name: string): readonly unknown[] => items(get(peer, name, 'matchExpressions'));
  const ofNamespaces = asked('namespaceSelector');
  if (podPeer(scene) !== null) {
    const kept = ofNamespaces.filter(
      (one) => str(get(one, 'operator')) !== 'NotIn' || new Set(items(get(one, 'values'))).size < 2,
    );
    const labels = get(peer, 'namespaceSelector', 'matchLabels') ?? {};
    const relaxed = { namespaceSelector: { matchLabels: labels, matchExpressions: kept } };
    const pods = has(peer, 'podSelector') ? { podSelector: get(peer, 'podSelector') } : {};
    return selectorPeerMatches(policy, { ...relaxed, ...pods }, scene);
  }
  const named = ['namespaceSelector', 'podSelector'].some((name) => labelMap(get(peer, name, 'matchLabels')).size > 0);
  const negative = [...ofNamespaces, ...asked('podSelector')].every((one) =>
    ['NotIn', 'DoesNotExist'].includes(str(get(one, 'operator'))),
  );
  return !named && ofNamespaces.length > 0 && negative;
}

function blocksMatch(blocks: readonly unknown[], scene: Scene): Truth {
  if (isKubeRouter(scene.conventions)) return oneSetMatches(blocks, scene);
  return anyOf(blocks.map((block) => readBlockMatches(block, scene)));
}

/** A block of IPv4 as engines make it out: NP-45, NP-46, NP-49, NP-50, NP-51, NP-61. */
function readBlockMatches(block: unknown, scene: Scene): Truth {
  const except = items(get(block, 'except')).map(str);
  const cidr = str(get(block, 'cidr'));
  switch (scene.conventions.networkPolicyOf) {
    case 'calico': {
      if (isOddBlock(cidr)) return true;
      const lost = except.findIndex(isOddBlock);
      return blockPeerMatches({ cidr, except: lost < 0 ? except : except.slice(0, lost) }, scene);
    }
    case 'antrea':
    case 'aws':
      return [cidr, ...except].some(isOddBlock) ? 'open' : blockPeerMatches(block, scene);
    case 'ovn':
      return (
        ![cidr, ...except].some((text) => isOddBlock(text) || /\/0\d/.test(text)) && blockPeerMatches(block, scene)
      );
    case 'azure-npm':
      // NP-60, NP-61: a prefix is decimal, whatever stands before it.
      return azureReadsAlike(block)
        ? longestDecides([cidr.replace(/\/0+(?=\d)/, '/')], except, scene) === true
        : 'open';
    default:
      return blockPeerMatches(block, scene);
  }
}

export const isKubeRouter = ({ networkPolicyOf }: Conventions): boolean =>
  networkPolicyOf === 'kube-router' || networkPolicyOf === 'kube-router-nftables';

/**
 * NP-36: of blocks and exceptions the longest one that has the address; what is both at once is open. NP-43: any exception.
 */
function oneSetMatches(blocks: readonly unknown[], scene: Scene): Truth {
  const read = blocks.map((block) => inOctal(block, scene.conventions));
  const known = read.filter((block) => block !== null);
  const within = known.flatMap(({ cidr }) => (/^(::|0:.*)\/0$/.test(cidr) ? ['2000::/3', 'fd00::/8'] : [cidr]));
  const without = known.flatMap(({ except }) => except);
  return anyOf([longestDecides(within, without, scene), read.includes(null) ? 'open' : false]);
}

function longestDecides(within: readonly string[], without: readonly string[], scene: Scene): Truth {
  const address = addressForBlocks(scene);
  if (address === null) return false;
  const [block, exception] = [longestPrefix(within, address), longestPrefix(without, address)];
  if (scene.conventions.networkPolicyOf === 'kube-router-nftables') return block >= 0 && exception < 0;
  return block === exception && block >= 0 ? 'open' : block > exception;
}
