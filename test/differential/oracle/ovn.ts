import { blockContains } from './addresses.js';
import { namespaceOf, nameOf, nodeOf, type OracleCluster, type OracleEndpoint, type OraclePod } from './cluster.js';
import { get, has, items, str, type Raw } from './fields.js';
import { peerAddress, peerOf, subjectOf, type Packet, type Scene } from './network-policy.js';
import { selectorMatches } from './selectors.js';

type Outcome = 'allow' | 'deny';

const ofKind = (cluster: OracleCluster, kind: string): readonly Raw[] =>
  cluster.objects.get(`${kind}.k8s.ovn.org`) ?? [];

/** EF-6: `*.` at the beginning is exactly one label; case and a dot at the end do not matter. */
function isName(pattern: string, name: string): boolean {
  const clean = (text: string): string[] => text.toLowerCase().replace(/\.$/, '').split('.');
  const [wanted, found] = [clean(pattern), clean(name)];
  return (
    wanted.length === found.length && wanted.every((label, at) => (at === 0 && label === '*') || label === found[at])
  );
}

/** EF-4, EF-7: whether a rule is about the destination; `open` where the name of an outside address is not told. */
function isDestination(to: unknown, scene: Scene): boolean | 'open' {
  const peer = peerOf(scene);
  const address = peerAddress(scene);
  if (has(to, 'cidrSelector')) {
    const isOfPodNetwork = peer.type === 'pod' && !peer.hostNetwork;
    return !isOfPodNetwork && address !== null && blockContains(str(get(to, 'cidrSelector')), address);
  }
  if (has(to, 'nodeSelector')) {
    const node = scene.cluster.nodes.find((one) => one.name === nodeOf(peer));
    return node !== undefined && selectorMatches(get(to, 'nodeSelector'), node.labels) && isListed(node.name, scene);
  }
  if (peer.type !== 'outside') return false;
  return peer.hostName === undefined ? 'open' : isName(str(get(to, 'dnsName')), peer.hostName);
}

/** EF-7: whether the addresses of a node are told, where those of any are. */
function isListed(name: string, { cluster }: Scene): boolean {
  const nodes = cluster.objects.get('Node') ?? [];
  const listed = nodes.filter((node) => get(node, 'metadata', 'annotations', 'k8s.ovn.org/host-cidrs') !== undefined);
  return listed.length === 0 || listed.some((node) => nameOf(node) === name);
}

/** EF-8. */
function isPort(rule: unknown, { protocol, port }: Packet): boolean {
  const ports = items(get(rule, 'ports'));
  return ports.length === 0 || ports.some((one) => get(one, 'protocol') === protocol && get(one, 'port') === port);
}

/** EF-1 to EF-3, EF-9: what may come of the rules of the pod's namespace: two outcomes where a rule may match. */
export function firewallOutcomes(scene: Scene): ReadonlySet<Outcome> {
  const subject = subjectOf(scene);
  const out = new Set<Outcome>();
  if (scene.direction === 'egress' && subject.type === 'pod' && !subject.hostNetwork) {
    const own = ofKind(scene.cluster, 'EgressFirewall').find((one) => namespaceOf(one) === subject.namespace);
    for (const rule of items(get(own, 'spec', 'egress'))) {
      const about = isDestination(get(rule, 'to'), scene);
      if (about === false || !isPort(rule, scene.packet)) continue;
      out.add(get(rule, 'type') === 'Allow' ? 'allow' : 'deny');
      if (about === true) return out;
    }
  }
  return out.add('allow');
}

/** UDN-1, UDN-2: the networks that take the place of the default one in a namespace. */
function networksOf(namespace: string, cluster: OracleCluster): readonly string[] {
  const labels = cluster.namespaces.get(namespace) ?? new Map<string, string>();
  if (!labels.has('k8s.ovn.org/primary-user-defined-network')) return [];
  const isPrimary = (network: unknown): boolean => get(network, 'layer2', 'role') === 'Primary';
  const own = ofKind(cluster, 'UserDefinedNetwork').filter(
    (one) => namespaceOf(one) === namespace && isPrimary(get(one, 'spec')),
  );
  const shared = ofKind(cluster, 'ClusterUserDefinedNetwork').filter(
    (one) => isPrimary(get(one, 'spec', 'network')) && selectorMatches(get(one, 'spec', 'namespaceSelector'), labels),
  );
  return [...own.map((one) => `${namespace}/${nameOf(one)}`), ...shared.map(nameOf)];
}

const networksOfEndpoint = (endpoint: OracleEndpoint, cluster: OracleCluster): readonly string[] =>
  endpoint.type === 'pod' && !endpoint.hostNetwork ? networksOf(endpoint.namespace, cluster) : [];

/** UDN-5: the list of the annotation, as it is generated. */
function opens({ annotations }: OraclePod, { protocol, port }: Packet): boolean {
  const list: unknown = JSON.parse(annotations.get('k8s.ovn.org/open-default-ports') ?? '[]');
  return items(list).some((one) => {
    if (str(get(one, 'protocol')).toUpperCase() !== protocol) return false;
    return protocol === 'ICMP' || get(one, 'port') === port;
  });
}

/** UDN-3 to UDN-6: whether there is a way between the networks. */
export function networkOutcome(scene: Scene): Outcome {
  const { cluster, packet, direction } = scene;
  const [subject, peer] = [subjectOf(scene), peerOf(scene)];
  if (subject.type !== 'pod' || peer.type !== 'pod' || peer.hostNetwork) return 'allow';
  const theirs = networksOfEndpoint(peer, cluster);
  if (networksOfEndpoint(subject, cluster).every((network) => theirs.includes(network))) return 'allow';
  const isDns = packet.service === 'kube-system/kube-dns' || packet.service === 'openshift-dns/dns-default';
  return (direction === 'egress' ? isDns : opens(subject, packet)) ? 'allow' : 'deny';
}
