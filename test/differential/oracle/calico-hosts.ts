import type { Address } from './addresses.js';
import { blockContains } from './addresses.js';
import {
  accountlessHolds,
  hasAddress,
  hostLabels,
  inNamespaces,
  ofKind,
  profileNamed,
  protocolOf,
} from './calico-rules.js';
import {
  compareText,
  hasDirection,
  inBothReadings,
  placed,
  policyOutcome,
  tiersOutcome,
  type Reading,
} from './calico.js';
import { calicoSelectorHolds } from './calico-selector.js';
import { enforcesByHns } from './calico-windows.js';
import { nameOf, nodeOf, type OracleCluster, type OraclePod } from './cluster.js';
import { get, has, items, str, type Raw } from './fields.js';
import { peerOf, subjectOf, type OracleDirection, type Packet, type Scene } from './network-policy.js';

/** When a policy of hosts is asked: before connections are tracked, before addresses are translated, or after. */
type Stage = 'untracked' | 'pre-dnat' | 'normal' | 'forward';

const isEvery = (host: Raw): boolean => get(host, 'spec', 'interfaceName') === '*';

function hostsOn(node: string, cluster: OracleCluster): readonly Raw[] {
  return ofKind(cluster, 'HostEndpoint').filter((host) => get(host, 'spec', 'node') === node);
}

/** CAL-50: the interface with the address, else the one that stands for all. */
function hostAt(node: string, address: Address | null, cluster: OracleCluster): Raw | undefined {
  const hosts = hostsOn(node, cluster);
  return hosts.find((host) => !isEvery(host) && hasAddress(host, address)) ?? hosts.find(isEvery);
}

function stageOf(policy: Raw): Stage {
  if (get(policy, 'spec', 'doNotTrack') === true) return 'untracked';
  return get(policy, 'spec', 'preDNAT') === true ? 'pre-dnat' : 'normal';
}

/** CAL-10, CAL-11: cluster-wide policies select hosts by their labels. */
function selectsHost(policy: Raw, host: Raw, cluster: OracleCluster): boolean {
  const labels = hostLabels(host, cluster);
  const spec = get(policy, 'spec');
  return (
    (!has(spec, 'namespaceSelector') || inNamespaces(str(get(spec, 'namespaceSelector')), labels, cluster)) &&
    calicoSelectorHolds(str(get(spec, 'selector')), labels) &&
    accountlessHolds(str(get(spec, 'serviceAccountSelector')), labels)
  );
}

/** CAL-61: the policies of one stage in all tiers; only normal ones have an end of tier. */
function stageOutcome(host: Raw, stage: Stage, direction: OracleDirection, reading: Reading): 'allow' | 'deny' | null {
  const { cluster } = reading;
  const asked = stage === 'forward' ? 'normal' : stage;
  const policies = ofKind(cluster, 'GlobalNetworkPolicy').filter(
    (policy) =>
      stageOf(policy) === asked &&
      (stage !== 'forward' || get(policy, 'spec', 'applyOnForward') === true) &&
      hasDirection(policy, direction) &&
      selectsHost(policy, host, cluster),
  );
  return tiersOutcome(
    policies.map((policy) => placed(policy, { ...reading, direction })),
    asked === 'normal',
    cluster,
  );
}

const FAILSAFE: Readonly<Record<OracleDirection, readonly string[]>> = {
  ingress: ['TCP 22', 'TCP 179', 'TCP 2379', 'TCP 2380', 'TCP 5473', 'TCP 6443', 'TCP 6666', 'TCP 6667', 'UDP 68'],
  egress: ['TCP 179', 'TCP 2379', 'TCP 2380', 'TCP 5473', 'TCP 6443', 'TCP 6666', 'TCP 6667', 'UDP 53', 'UDP 67'],
};

/** CAL-55: what speaks of a host, first the host's own, then the oldest that selects its node, then that of all. */
function felixFor(node: string, cluster: OracleCluster): readonly Raw[] {
  const all = ofKind(cluster, 'FelixConfiguration');
  const labels = cluster.nodes.find(({ name }) => name === node)?.labels ?? new Map<string, string>();
  const isSelecting = (one: Raw): boolean => {
    const selector = str(get(one, 'spec', 'nodeSelector'));
    const isScoped = nameOf(one) !== 'default' && !nameOf(one).startsWith('node.') && selector !== '';
    return isScoped && calicoSelectorHolds(selector, labels);
  };
  const age = (one: Raw): string => `${str(get(one, 'metadata', 'creationTimestamp'))} ${nameOf(one)}`;
  const [oldest] = all.filter(isSelecting).sort((a, b) => compareText(age(a), age(b)));
  const named = (name: string): readonly Raw[] => all.filter((one) => nameOf(one) === name);
  return [...named(`node.${node}`), ...(oldest === undefined ? [] : [oldest]), ...named('default')];
}

/** CAL-54. `net` limits the other side: the client of what comes in, the server of what goes out. */
function isFailsafe(host: Raw, direction: OracleDirection, { cluster, packet }: Scene): boolean {
  const field = direction === 'ingress' ? 'failsafeInboundHostPorts' : 'failsafeOutboundHostPorts';
  const felix = felixFor(str(get(host, 'spec', 'node')), cluster).find((one) => has(get(one, 'spec'), field));
  if (felix === undefined) return FAILSAFE[direction].includes(`${packet.protocol} ${packet.port}`);
  const far = direction === 'ingress' ? packet.sourceAddress : packet.destinationAddress;
  return items(get(felix, 'spec', field)).some((entry) => {
    const net = str(get(entry, 'net'));
    const isPort = protocolOf(str(get(entry, 'protocol')).toUpperCase()) === packet.protocol;
    return isPort && get(entry, 'port') === packet.port && (net === '' || (far !== null && blockContains(net, far)));
  });
}

/** CAL-46, CAL-47: its profiles in their order, then denial. Pass denies with eBPF. */
function profilesOutcome(host: Raw, reading: Reading): 'allow' | 'deny' {
  for (const name of items(get(host, 'spec', 'profiles')).map(str)) {
    const profile = profileNamed(name, reading.cluster);
    if (profile === undefined && name === 'projectcalico-default-allow') return 'allow';
    const outcome = profile === undefined ? null : policyOutcome(profile, reading);
    if (outcome === 'allow' || outcome === 'deny') return outcome;
    if (outcome === 'pass' && reading.conventions.ebpf && !enforcesByHns(str(get(host, 'spec', 'node')), reading))
      return 'deny';
  }
  return 'deny';
}

/** What begins or ends at a host. (CAL-52, CAL-60, CAL-61, CAL-67) */
function ownOutcome(host: Raw, reading: Reading): 'allow' | 'deny' {
  const { direction } = reading;
  const peer = peerOf(reading);
  const isOwnPod = peer.type === 'pod' && peer.node === get(host, 'spec', 'node');
  if (isOwnPod && !isEvery(host)) return 'allow';
  if (isFailsafe(host, direction, reading)) return 'allow';
  const early: Stage[] = isOwnPod ? ['pre-dnat'] : ['untracked', 'pre-dnat'];
  for (const stage of early) {
    const outcome =
      stage === 'pre-dnat' && direction === 'egress' ? null : stageOutcome(host, stage, direction, reading);
    if (outcome !== null) return outcome;
  }
  if (isOwnPod) return 'allow';
  return stageOutcome(host, 'normal', direction, reading) ?? profilesOutcome(host, reading);
}

/** CAL-53, CAL-55: whether a host drops what its own pods send to it; Felix for Windows has no such setting. */
function dropsOwnPods(node: string, { cluster, conventions }: Scene): boolean {
  const labels = cluster.nodes.find(({ name }) => name === node)?.labels;
  if (labels?.get('kubernetes.io/os') === 'windows') return false;
  const told = felixFor(node, cluster).find((one) => has(get(one, 'spec'), ACTION));
  if (told === undefined || conventions.hostAction.isFixed) return conventions.hostAction.drops;
  return str(get(told, 'spec', ACTION)).toLowerCase() === 'drop';
}

const ACTION = 'defaultEndpointToHostAction';

export function calicoHostVerdict(scene: Scene): 'allow' | 'deny' | 'conditional' {
  const { packet, cluster, direction } = scene;
  const node = nodeOf(subjectOf(scene)) ?? '';
  const peer = peerOf(scene);
  const isOwnPod = peer.type === 'pod' && nodeOf(peer) === null && peer.node === node;
  if (direction === 'ingress' && isOwnPod && dropsOwnPods(node, scene)) return 'deny';
  const address = direction === 'egress' ? packet.sourceAddress : packet.destinationAddress;
  const host = hostAt(node, address, cluster);
  return host === undefined ? 'allow' : inBothReadings(scene, (reading) => ownOutcome(host, reading));
}

/** Of ICMP the answer has a type of its own. */
const ANSWERS = { 4: { 8: 0, 13: 14, 15: 16, 17: 18 }, 6: { 128: 129 } } as const;

/** The packet that answers this one. */
function replyTo(packet: Packet): Packet {
  const { source, destination, sourceAddress, destinationAddress, port, sourcePort = null, icmpType } = packet;
  const answers: Readonly<Record<number, number>> = ANSWERS[destinationAddress?.family ?? 4];
  return {
    source: destination,
    destination: source,
    sourceAddress: destinationAddress,
    destinationAddress: sourceAddress,
    protocol: packet.protocol,
    port: sourcePort,
    ...(port === null ? {} : { sourcePort: port }),
    ...(icmpType === undefined ? {} : { icmpType: answers[icmpType] ?? -1 }),
  };
}

/** CAL-75: what untracked policy of a host lets pass one way it must let pass the other way, and nothing else. */
export function calicoReplyVerdict(scene: Scene): 'allow' | 'deny' | 'unknown' {
  const { packet, cluster, direction } = scene;
  const node = nodeOf(subjectOf(scene)) ?? '';
  const peer = peerOf(scene);
  const host = hostAt(node, direction === 'egress' ? packet.sourceAddress : packet.destinationAddress, cluster);
  if (host === undefined || (peer.type === 'pod' && peer.node === node)) return 'allow';
  if (isFailsafe(host, direction, scene)) return 'allow';
  const back = direction === 'egress' ? 'ingress' : 'egress';
  const there = stageOutcome(host, 'untracked', direction, { ...scene, favour: true });
  const answer: Reading = { ...scene, packet: replyTo(packet), direction: back, favour: true };
  const reply = stageOutcome(host, 'untracked', back, answer);
  const isLost = reply === 'deny' || (there === 'allow' && reply === null);
  if (packet.protocol !== 'TCP' && packet.protocol !== 'SCTP') return isLost ? 'unknown' : 'allow';
  return isLost || (there !== 'allow' && reply === 'allow') ? 'deny' : 'allow';
}

/**
 * What a host with an endpoint for every interface forwards for a pod: it enters and leaves the host, whichever way it
 * goes. Failsafe ports stay open in the early stages, which look at everything that enters. (CAL-64 to CAL-66)
 */
function forwardOutcome(host: Raw, pod: OraclePod, reading: Reading): 'allow' | 'deny' {
  const peer = peerOf(reading);
  const comesFromOutside = reading.direction === 'ingress' && !(peer.type === 'pod' && peer.node === pod.node);
  const failsafe = isFailsafe(host, 'ingress', reading);
  const early = (stage: Stage): 'allow' | 'deny' | null =>
    failsafe ? null : stageOutcome(host, stage, 'ingress', reading);
  if (comesFromOutside && early('untracked') === 'deny') return 'deny';
  const entering = early('pre-dnat') ?? stageOutcome(host, 'forward', 'ingress', reading);
  return entering === 'deny' ? 'deny' : (stageOutcome(host, 'forward', 'egress', reading) ?? 'allow');
}

export function calicoForwardVerdict(scene: Scene, pod: OraclePod): 'allow' | 'deny' | 'conditional' {
  const host = hostsOn(pod.node, scene.cluster).find(isEvery);
  if (host === undefined || nodeOf(peerOf(scene)) === pod.node) return 'allow';
  return inBothReadings(scene, (reading) => forwardOutcome(host, pod, reading));
}
