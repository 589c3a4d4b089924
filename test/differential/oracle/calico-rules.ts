import { blockContains, parseAddress, type Address } from './addresses.js';
import { calicoSelectorHolds } from './calico-selector.js';
import { nameOf, namespaceOf, type OracleCluster, type OracleEndpoint, type OraclePod } from './cluster.js';
import { get, has, items, labelMap, str, type Raw } from './fields.js';
import { namedPortMatches, type Packet, type Scene } from './network-policy.js';
import { isOddBlock } from './odd-blocks.js';
import { addressesIn, isBehind, serviceAt, slicesOf } from './services.js';

export type Labels = ReadonlyMap<string, string>;

/** CAL-1: the two groups hold the same objects. */
export function ofKind({ objects }: OracleCluster, kind: string): readonly Raw[] {
  return ['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) => objects.get(`${kind}.${group}`) ?? []);
}

/** Whether an object is as it is stored. */
export const isStored = (policy: Raw): boolean => str(get(policy, 'apiVersion')).startsWith('crd.');

/** The labels of a namespace: its own, and its name. */
function namespaceLabels(namespace: string, cluster: OracleCluster): Labels {
  return new Map([...(cluster.namespaces.get(namespace) ?? []), ['projectcalico.org/name', namespace]]);
}

export function profileNamed(name: string, cluster: OracleCluster): Raw | undefined {
  return ofKind(cluster, 'Profile').find((profile) => nameOf(profile) === name);
}

function labelsOfProfile(name: string, cluster: OracleCluster): Labels {
  return labelMap(get(profileNamed(name, cluster), 'spec', 'labelsToApply'));
}

const prefixed = (prefix: string, labels: Labels): [string, string][] =>
  [...labels].map(([key, value]) => [prefix + key, value]);

/** What everything in a namespace inherits from it. */
function inherited(namespace: string, cluster: OracleCluster): [string, string][] {
  return [
    ...prefixed('pcns.', namespaceLabels(namespace, cluster)),
    ...labelsOfProfile(`kns.${namespace}`, cluster),
    ['projectcalico.org/namespace', namespace],
  ];
}

/** A workload's labels: inherited ones, those of its orchestration, and its own. The later win. */
export function workloadLabels(pod: OraclePod, cluster: OracleCluster): Labels {
  const account = (cluster.objects.get('ServiceAccount') ?? []).find(
    (one) => nameOf(one) === pod.serviceAccount && namespaceOf(one) === pod.namespace,
  );
  return new Map([
    ...prefixed('pcsa.', labelMap(get(account, 'metadata', 'labels'))),
    ...labelsOfProfile(`ksa.${pod.namespace}.${pod.serviceAccount}`, cluster),
    ...inherited(pod.namespace, cluster),
    ['projectcalico.org/orchestrator', 'k8s'],
    ['projectcalico.org/serviceaccount', pod.serviceAccount],
    ...pod.labels,
  ]);
}

/** CAL-47: the labels of a host endpoint are its own, before those of the profiles that it names. */
export function hostLabels(host: Raw, cluster: OracleCluster): Labels {
  const named = [...items(get(host, 'spec', 'profiles'))].reverse();
  const given = named.flatMap((name) => [...labelsOfProfile(str(name), cluster)]);
  return new Map([...given, ...labelMap(get(host, 'metadata', 'labels'))]);
}

/** Whether the host endpoint expects the address. */
export function hasAddress(host: Raw, address: Address | null): boolean {
  const expected = items(get(host, 'spec', 'expectedIPs'));
  return address !== null && expected.some((ip) => blockContains(str(ip), address));
}

/** CAL-28: whatever carries labels for an address: the workload that has it, and every host endpoint and set that names it. */
function labelsAt(endpoint: OracleEndpoint, address: Address | null, cluster: OracleCluster): Labels[] {
  const holds = (set: Raw): boolean =>
    address !== null && items(get(set, 'spec', 'nets')).some((net) => blockContains(str(net), address));
  return [
    ...(endpoint.type === 'pod' && !endpoint.hostNetwork ? [workloadLabels(endpoint, cluster)] : []),
    ...ofKind(cluster, 'HostEndpoint')
      .filter((host) => hasAddress(host, address))
      .map((host) => hostLabels(host, cluster)),
    ...ofKind(cluster, 'GlobalNetworkSet')
      .filter(holds)
      .map((set) => labelMap(get(set, 'metadata', 'labels'))),
    ...ofKind(cluster, 'NetworkSet')
      .filter(holds)
      .map((set) => new Map([...inherited(namespaceOf(set), cluster), ...labelMap(get(set, 'metadata', 'labels'))])),
  ];
}

/** `namespaceSelector`: `global()` is what is in no namespace, all others choose namespaces. */
export function inNamespaces(selector: string, labels: Labels, cluster: OracleCluster): boolean {
  const namespace = labels.get('projectcalico.org/namespace');
  if (selector === 'global()') return namespace === undefined;
  return namespace !== undefined && calicoSelectorHolds(selector, namespaceLabels(namespace, cluster));
}

/** A selector of a namespaced policy stays in its namespace unless the rule chooses namespaces. */
function inScope(policy: Raw, entity: unknown, labels: Labels, cluster: OracleCluster): boolean {
  if (has(entity, 'namespaceSelector')) return inNamespaces(str(get(entity, 'namespaceSelector')), labels, cluster);
  return get(policy, 'kind') !== 'NetworkPolicy' || labels.get('projectcalico.org/namespace') === namespaceOf(policy);
}

/** A selector over the labels of service accounts, as workloads carry them. */
export function accountHolds(selector: string, labels: Labels): boolean {
  const own = [...labels].filter(([key]) => key.startsWith('pcsa.'));
  return calicoSelectorHolds(selector, new Map(own.map(([key, value]) => [key.slice('pcsa.'.length), value])));
}

/** The same where a policy chooses what has no account: `all()` asks for one. */
export function accountlessHolds(selector: string, labels: Labels): boolean {
  return accountHolds(selector.replaceAll('all()', 'has(an-account)'), labels);
}

/** CAL-26: one of the names and the selector, which is a selector as any other, so what it misses sets miss too. */
function underAccount(entity: unknown, labels: Labels): boolean {
  const accounts = get(entity, 'serviceAccounts');
  const names = items(get(accounts, 'names')).map(str);
  const named = names.length === 0 || names.includes(labels.get('projectcalico.org/serviceaccount') ?? '');
  return named && accountHolds(str(get(accounts, 'selector')), labels);
}

/** Whether the rule asks that the address belongs to something with labels. */
export function wantsLabels(policy: Raw, entity: unknown): boolean {
  if (['selector', 'namespaceSelector'].some((field) => has(entity, field))) return true;
  if (['names', 'selector'].some((field) => has(get(entity, 'serviceAccounts'), field))) return true;
  return has(entity, 'notSelector') && get(policy, 'kind') === 'NetworkPolicy';
}

function labelsMatch(policy: Raw, entity: unknown, carried: readonly Labels[], cluster: OracleCluster): boolean {
  const chosen = (labels: Labels): boolean =>
    inScope(policy, entity, labels, cluster) &&
    calicoSelectorHolds(str(get(entity, 'selector')), labels) &&
    underAccount(entity, labels);
  const excluded = (labels: Labels): boolean =>
    has(entity, 'notSelector') && calicoSelectorHolds(str(get(entity, 'notSelector')), labels);
  // CAL-74.
  if (wantsLabels(policy, entity)) return carried.some((labels) => chosen(labels) && !excluded(labels));
  return !carried.some(excluded);
}

/** CAL-29, CAL-72: an address or a block of addresses, with bits beyond its prefix or without. */
function isBlock(text: string): boolean {
  const [base = '', length, ...rest] = text.split('/');
  const width = base.includes(':') ? 128 : 32;
  const isLength = length === undefined || (/^\d+$/.test(length) && Number(length) <= width);
  return rest.length === 0 && isLength && !isOddBlock(base) && parseAddress(base) !== null;
}

/** `nets` and `notNets` speak of addresses of their family, whoever has them. CAL-72: what is no block is not there. */
function netsMatch(entity: unknown, address: Address | null): boolean {
  const listed = (field: string): readonly string[] => items(get(entity, field)).map(str).filter(isBlock);
  const [nets, notNets] = [listed('nets'), listed('notNets')];
  const inside = (blocks: readonly string[]): boolean =>
    address !== null && blocks.some((net) => blockContains(net, address));
  const ofFamily = notNets.some((net) => net.includes(':') === (address?.family === 6));
  return (nets.length === 0 || inside(nets)) && (notNets.length === 0 || (ofFamily && !inside(notNets)));
}

type PortName = (name: string) => boolean;

/** A number, a range as `a:b`, or a name. */
function portMatches(port: unknown, own: number | null, named: PortName): boolean {
  if (typeof port === 'number') return own === port;
  const [low = '', high] = str(port).split(':');
  if (high === undefined) return named(low);
  return own !== null && own >= Number(low) && own <= Number(high);
}

function portsMatch(entity: unknown, own: number | null, named: PortName): boolean {
  const any = (field: string): boolean => items(get(entity, field)).some((port) => portMatches(port, own, named));
  return (!has(entity, 'ports') || any('ports')) && !any('notPorts');
}

/** CAL-33: what names mean at an endpoint is told by its containers, or by the host endpoints that have its address. */
function namedAt(endpoint: OracleEndpoint, address: Address | null, own: number | null, scene: Scene): PortName {
  const { cluster, packet } = scene;
  const containers = endpoint.type === 'pod' && !endpoint.hostNetwork ? endpoint.ports : [];
  const listed = ofKind(cluster, 'HostEndpoint')
    .filter((host) => hasAddress(host, address))
    .flatMap((host) => items(get(host, 'spec', 'ports')));
  return (name) =>
    own !== null &&
    (containers.some((port) => port.name === name && port.protocol === packet.protocol && port.number === own) ||
      listed.some(
        (port) =>
          get(port, 'name') === name &&
          protocolOf(get(port, 'protocol')) === packet.protocol &&
          get(port, 'port') === own,
      ));
}

/** CAL-34: names alone are those of any protocol. CAL-35: of the client's port they are its own. */
function bothPortsMatch(rule: unknown, scene: Scene): boolean {
  const { source, destination, sourceAddress, destinationAddress, sourcePort = null, port } = scene.packet;
  const sides = [
    [get(rule, 'source'), sourcePort, namedAt(source, sourceAddress, sourcePort, scene)],
    [get(rule, 'destination'), port, namedAt(destination, destinationAddress, port, scene)],
  ] as const;
  return sides.every(([entity, own, name]) => portsMatch(entity, own, name));
}

/** CAL-36, CAL-37: the address is one of the Service's, and at a destination the port too. */
function serviceMatches(policy: Raw, rule: unknown, scene: Scene): boolean {
  const { cluster, packet } = scene;
  const side = has(get(rule, 'destination'), 'services') ? 'destination' : 'source';
  const reference = get(rule, side, 'services');
  if (reference === undefined) return true;
  const name = str(get(reference, 'name'));
  const namespace = str(get(reference, 'namespace')) || namespaceOf(policy);
  const servesPort = (ports: unknown, targetOf: (port: unknown) => unknown): boolean =>
    side === 'source' || items(ports).some((port) => isOnPort(targetOf(port), str(get(port, 'protocol')), scene));
  const slices = slicesOf(namespace, name, cluster);
  if (slices.length > 0) {
    const address = side === 'source' ? packet.sourceAddress : packet.destinationAddress;
    return slices
      .filter((slice) => addressesIn(slice).some((own) => address !== null && blockContains(own, address)))
      .some((slice) => servesPort(get(slice, 'ports'), (port) => get(port, 'port')));
  }
  const service = serviceAt(namespace, name, cluster);
  const endpoint = packet[side];
  if (service === undefined || endpoint.type !== 'pod' || endpoint.hostNetwork) return false;
  if (!isBehind(service, endpoint)) return false;
  return servesPort(get(service, 'spec', 'ports'), (port) => get(port, 'targetPort') ?? get(port, 'port'));
}

function isOnPort(target: unknown, named: string, scene: Scene): boolean {
  const { packet } = scene;
  const protocol = named || 'TCP';
  if (typeof target === 'string') return namedPortMatches(target, protocol, scene, 'those that go on');
  return protocol === packet.protocol && target === packet.port;
}

/** CAL-38: whether the request is one of those that the rule allows; `open` when too little of it is told. */
export function requestMatches(rule: unknown, { request = {} }: Packet): boolean | 'open' {
  const http = get(rule, 'http');
  if (http === undefined) return true;
  const methods = items(get(http, 'methods')).map(str);
  const paths = items(get(http, 'paths'));
  const { method, path } = request;
  const checks: (boolean | 'open')[] = [];
  if (methods.length > 0 && !methods.includes('*')) {
    checks.push(method === undefined ? 'open' : methods.includes(method));
  }
  if (paths.length > 0) {
    const fits = (wanted: unknown): boolean =>
      has(wanted, 'exact') ? get(wanted, 'exact') === path : path?.startsWith(str(get(wanted, 'prefix'))) === true;
    checks.push(path === undefined ? 'open' : paths.some(fits));
  }
  if (checks.includes(false)) return false;
  // A rule that asks nothing of requests still wants to see one.
  return checks.includes('open') || (method === undefined && path === undefined && request.host === undefined)
    ? 'open'
    : true;
}

const NUMBERS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 132: 'SCTP' };

/** CAL-31: a name or a number. */
export function protocolOf(value: unknown): unknown {
  return typeof value === 'number' ? NUMBERS[value] : value;
}

function protocolMatches(rule: unknown, packet: Packet): boolean {
  const own = packet.protocol === 'ICMP' && packet.destinationAddress?.family === 6 ? 'ICMPv6' : packet.protocol;
  if (has(rule, 'protocol') && protocolOf(get(rule, 'protocol')) !== own) return false;
  // CAL-32: without a type neither asks for anything.
  const asks = (key: string): boolean => has(get(rule, key), 'type');
  if (asks('icmp') && !icmpMatches(get(rule, 'icmp'), packet)) return false;
  if (asks('notICMP') && icmpMatches(get(rule, 'notICMP'), packet)) return false;
  return !has(rule, 'notProtocol') || protocolOf(get(rule, 'notProtocol')) !== own;
}

/** Questions are about code 0. */
function icmpMatches(icmp: unknown, packet: Packet): boolean {
  return get(icmp, 'type') === packet.icmpType && (get(icmp, 'code') ?? 0) === 0;
}

function familyMatches(rule: unknown, address: Address | null): boolean {
  return !has(rule, 'ipVersion') || get(rule, 'ipVersion') === address?.family;
}

/** Everything that a rule gives must hold: protocol, source and destination. */
export function ruleMatches(policy: Raw, rule: unknown, scene: Scene): boolean {
  const { cluster, packet } = scene;
  const side = (entity: unknown, endpoint: OracleEndpoint, address: Address | null): boolean =>
    netsMatch(entity, address) && labelsMatch(policy, entity, labelsAt(endpoint, address, cluster), cluster);
  return (
    protocolMatches(rule, packet) &&
    familyMatches(rule, packet.destinationAddress) &&
    side(get(rule, 'source'), packet.source, packet.sourceAddress) &&
    side(get(rule, 'destination'), packet.destination, packet.destinationAddress) &&
    serviceMatches(policy, rule, scene) &&
    bothPortsMatch(rule, scene)
  );
}
