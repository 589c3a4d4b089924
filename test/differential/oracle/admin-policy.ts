import { blockContains } from './addresses.js';
import { declares, namingOf, protocolOf, type OracleEndpoint, type OraclePod } from './cluster.js';
import { get, has, items, str, type Raw } from './fields.js';
import { blocksSpeakOf, podPeer, peerOf, subjectOf, type Packet, type Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

/** The three kinds share their shape: subject, priority, ordered rules. They differ in ports and in names of actions. */
export type AdminKind = 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';
export type AdminAction = 'allow' | 'deny' | 'pass';

/** Whether a part of a rule holds; `unknown` where nobody can tell. */
export type Match = boolean | 'unknown';

/** What a rule says, for certain or perhaps. */
export interface Said {
  readonly action: AdminAction;
  readonly certain: boolean;
}

const ACTIONS: Readonly<Record<string, AdminAction>> = { Allow: 'allow', Accept: 'allow', Deny: 'deny', Pass: 'pass' };
const PEER_FIELDS = ['namespaces', 'pods', 'networks', 'nodes', 'domainNames'] as const;

function namespaceLabels(pod: OraclePod, scene: Scene): ReadonlyMap<string, string> {
  return scene.cluster.namespaces.get(pod.namespace) ?? new Map<string, string>();
}

/** `namespaces`: all pods of the chosen namespaces. `pods`: of these, the chosen ones; no namespaceSelector means all. */
export function choosesPod(chooser: unknown, pod: OraclePod, scene: Scene): boolean {
  if (has(chooser, 'namespaces')) return selectorMatches(get(chooser, 'namespaces'), namespaceLabels(pod, scene));
  if (!has(chooser, 'pods')) return false;
  const pods = get(chooser, 'pods');
  return (
    selectorMatches(get(pods, 'namespaceSelector'), namespaceLabels(pod, scene)) &&
    selectorMatches(get(pods, 'podSelector'), pod.labels)
  );
}

/** `networks`: the peer's address, whoever owns it where blocks speak of pods. */
function networksMatch(networks: unknown, scene: Scene): boolean {
  const address = scene.packet.destinationAddress;
  if (address === null || !blocksSpeakOf(peerOf(scene), scene.conventions)) return false;
  return items(networks).some((network) => blockContains(str(network), address));
}

/** `nodes`: nodes by their labels, and whoever uses a node's network. */
function nodesMatch(selector: unknown, scene: Scene): boolean {
  const name = nodeNameOf(peerOf(scene));
  const node = scene.cluster.nodes.find((candidate) => candidate.name === name);
  return node !== undefined && selectorMatches(selector, node.labels);
}

function nodeNameOf(endpoint: OracleEndpoint): string | null {
  if (endpoint.type === 'node') return endpoint.name;
  return endpoint.type === 'pod' && endpoint.hostNetwork ? endpoint.node : null;
}

/** Whether we know what kind of peer this is. */
function isKnownPeer(peer: unknown): boolean {
  return PEER_FIELDS.some((field) => has(peer, field));
}

/** `domainNames`: a leading `*.` stands for at least one label. Whose name an outside address has must be told. */
export function namesMatch(names: unknown, scene: Scene): Match {
  const peer = peerOf(scene);
  if (peer.type !== 'outside') return false;
  const { hostName } = peer;
  if (hostName === undefined) return 'unknown';
  return items(names).some((name) => {
    const wanted = str(name).toLowerCase().replace(/\.$/, '');
    if (!wanted.startsWith('*.')) return hostName === wanted;
    const end = wanted.slice(1);
    return hostName.endsWith(end) && hostName.length > end.length;
  });
}

function peerMatches(peer: unknown, scene: Scene): Match {
  if (has(peer, 'networks')) return networksMatch(get(peer, 'networks'), scene);
  if (has(peer, 'domainNames')) return namesMatch(get(peer, 'domainNames'), scene);
  if (has(peer, 'nodes')) return nodesMatch(get(peer, 'nodes'), scene);
  const pod = podPeer(scene);
  return pod !== null && choosesPod(peer, pod, scene);
}

/** Ports of v1alpha1: number, range or name; the protocol defaults to TCP, a name has the protocol of the named port. */
function alphaOnePortMatches(port: unknown, scene: Scene): boolean {
  const { packet } = scene;
  if (has(port, 'namedPort')) return anyNamedPort(str(get(port, 'namedPort')), scene);
  const given = has(port, 'portNumber') ? get(port, 'portNumber') : get(port, 'portRange');
  const low = Number(get(given, 'port') ?? get(given, 'start'));
  const high = Number(get(given, 'port') ?? get(given, 'end'));
  return packet.protocol === protocolOf(given) && inRange(packet.port, low, high);
}

/** Ports of v1alpha2: one protocol with a number or a range, or a name of any protocol. */
function alphaTwoPortMatches(entry: unknown, packet: Packet, named: (name: string) => boolean): boolean {
  if (has(entry, 'destinationNamedPort')) return named(str(get(entry, 'destinationNamedPort')));
  const field = packet.protocol.toLowerCase();
  if (!['tcp', 'udp', 'sctp'].includes(field) || !has(entry, field)) return false;
  const port = get(entry, field, 'destinationPort');
  if (port === undefined) return true;
  if (has(port, 'number')) return packet.port === Number(get(port, 'number'));
  return inRange(packet.port, Number(get(port, 'range', 'start')), Number(get(port, 'range', 'end')));
}

function inRange(port: number | null, low: number, high: number): boolean {
  return port !== null && port >= low && port <= high;
}

function anyNamedPort(name: string, { packet, conventions }: Scene): boolean {
  const { destination, protocol, port } = packet;
  return destination.type === 'pod' && declares(destination, name, protocol, port, namingOf(conventions));
}

/** No ports given: the protocol is not considered. */
function portsMatch(kind: AdminKind, rule: unknown, scene: Scene): boolean {
  const entries = items(get(rule, kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports'));
  if (entries.length === 0) return true;
  if (kind !== 'ClusterNetworkPolicy') return entries.some((entry) => alphaOnePortMatches(entry, scene));
  return portsMatchBy(entries, scene.packet, (name) => anyNamedPort(name, scene));
}

/** `protocols` of v1alpha2, where names mean what the engine takes them for. */
export function portsMatchBy(protocols: unknown, packet: Packet, named: (name: string) => boolean): boolean {
  const entries = items(protocols);
  return entries.length === 0 || entries.some((entry) => alphaTwoPortMatches(entry, packet, named));
}

/**
 * What one rule does with the packet; null when it does not match. A rule with a peer of a kind that is not known fails
 * closed: that peer adds nothing to an allow, and a deny or a pass becomes a deny of everything.
 */
export function ruleAction(kind: AdminKind, rule: unknown, scene: Scene): Said | null {
  const action = ACTIONS[str(get(rule, 'action'))];
  if (action === undefined) return null;
  const peers = items(get(rule, scene.direction === 'ingress' ? 'from' : 'to'));
  if (action !== 'allow' && peers.some((peer) => !isKnownPeer(peer))) return { action: 'deny', certain: true };
  const found = peers.map((peer) => peerMatches(peer, scene));
  if (found.every((match) => match === false) || !portsMatch(kind, rule, scene)) return null;
  return { action, certain: found.includes(true) };
}

/** UP-37: what rules of one priority say, position by position. */
function actionsByPosition(kind: AdminKind, policies: readonly Raw[], scene: Scene): readonly Said[] {
  const lists = policies
    .filter((policy) => concerns(policy, scene))
    .map((policy) => items(get(policy, 'spec', scene.direction)));
  const out: Said[] = [];
  for (let position = 0; position < Math.max(0, ...lists.map((rules) => rules.length)); position++) {
    const said = lists.flatMap((rules) => ruleAction(kind, rules[position], scene) ?? []);
    out.push(...said);
    if (said.some(({ certain }) => certain)) break;
  }
  return out;
}

function concerns(policy: Raw, scene: Scene): boolean {
  const subject = subjectOf(scene);
  return subject.type === 'pod' && choosesPod(get(policy, 'spec', 'subject'), subject, scene);
}

/** The first rule of a policy that matches decides for it; rules before it that may match could have. */
function policyActions(kind: AdminKind, policy: Raw, scene: Scene): readonly Said[] {
  if (!concerns(policy, scene)) return [];
  const out: Said[] = [];
  for (const rule of items(get(policy, 'spec', scene.direction))) {
    const said = ruleAction(kind, rule, scene);
    if (said !== null) out.push(said);
    if (said?.certain === true) break;
  }
  return out;
}

/**
 * What an admin tier may say: policies in ascending priority, the first that matches decides. Among equal priorities the
 * order is open, so each of them may be the first: the answer is the set of outcomes, `pass` when nothing matches.
 * With OVN-Kubernetes only rules at one position are without order.
 */
export function tierOutcomes(kind: AdminKind, tier: string, scene: Scene): ReadonlySet<AdminAction> {
  const policies = (scene.cluster.objects.get(`${kind}.policy.networking.k8s.io`) ?? []).filter(
    (policy) => kind !== 'ClusterNetworkPolicy' || str(get(policy, 'spec', 'tier')) === tier,
  );
  // UP-39.
  const taken = (priority: number): boolean => scene.conventions.combination !== 'ovn' || priority <= 99;
  const priorities = [...new Set(policies.map(priorityOf))].filter(taken).sort((a, b) => a - b);
  const out = new Set<AdminAction>();
  for (const priority of priorities) {
    const equal = policies.filter((policy) => priorityOf(policy) === priority);
    const said =
      scene.conventions.combination === 'ovn'
        ? actionsByPosition(kind, equal, scene)
        : equal.flatMap((policy) => policyActions(kind, policy, scene));
    for (const { action } of said) out.add(action);
    if (said.some(({ certain }) => certain)) return out;
  }
  return out.add('pass');
}

export function priorityOf(policy: Raw): number {
  return Number(get(policy, 'spec', 'priority') ?? 0);
}
