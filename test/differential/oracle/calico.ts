import { blockContains, type Address } from './addresses.js';
import { calicoSelectorHolds } from './calico-selector.js';
import { nameOf, namespaceOf, type OracleCluster, type OracleEndpoint, type OraclePod } from './cluster.js';
import { get, has, items, labelMap, str, type Raw } from './fields.js';
import {
  coversDirection,
  namedPortMatches,
  networkPolicyAllows,
  selectsPod,
  subjectOf,
  type Packet,
  type Scene,
} from './network-policy.js';

type Labels = ReadonlyMap<string, string>;
type Outcome = 'allow' | 'deny' | 'pass';

const DEFAULT_TIER = 'default';
const DEFAULT_TIER_ORDER = 1_000_000;
const NETWORK_POLICY_ORDER = 1000;
const OUTCOMES: Readonly<Record<string, Outcome>> = { Allow: 'allow', Deny: 'deny', Pass: 'pass' };

function ofKind(cluster: OracleCluster, kind: string): readonly Raw[] {
  return cluster.objects.get(`${kind}.projectcalico.org`) ?? [];
}

/** The labels of a namespace: its own, and its name. */
function namespaceLabels(namespace: string, cluster: OracleCluster): Labels {
  return new Map([...(cluster.namespaces.get(namespace) ?? []), ['projectcalico.org/name', namespace]]);
}

/** What everything in a namespace inherits from it. */
function inherited(namespace: string, cluster: OracleCluster): [string, string][] {
  return [
    ...[...namespaceLabels(namespace, cluster)].map(([key, value]): [string, string] => [`pcns.${key}`, value]),
    ['projectcalico.org/namespace', namespace],
  ];
}

/** A workload's labels: inherited ones, those of its orchestration, and its own, which win. */
function workloadLabels(pod: OraclePod, cluster: OracleCluster): Labels {
  return new Map([
    ...inherited(pod.namespace, cluster),
    ['projectcalico.org/orchestrator', 'k8s'],
    ['projectcalico.org/serviceaccount', pod.serviceAccount],
    ...pod.labels,
  ]);
}

/** Whatever carries labels for an address: the workload that has it, and every network set that holds it. */
function labelsAt(endpoint: OracleEndpoint, address: Address | null, cluster: OracleCluster): Labels[] {
  const holds = (set: Raw): boolean =>
    address !== null && items(get(set, 'spec', 'nets')).some((net) => blockContains(str(net), address));
  return [
    ...(endpoint.type === 'pod' && !endpoint.hostNetwork ? [workloadLabels(endpoint, cluster)] : []),
    ...ofKind(cluster, 'GlobalNetworkSet')
      .filter(holds)
      .map((set) => labelMap(get(set, 'metadata', 'labels'))),
    ...ofKind(cluster, 'NetworkSet')
      .filter(holds)
      .map((set) => new Map([...inherited(namespaceOf(set), cluster), ...labelMap(get(set, 'metadata', 'labels'))])),
  ];
}

/** `namespaceSelector`: `global()` is what is in no namespace, all others choose namespaces. */
function inNamespaces(selector: string, labels: Labels, cluster: OracleCluster): boolean {
  const namespace = labels.get('projectcalico.org/namespace');
  if (selector === 'global()') return namespace === undefined;
  return namespace !== undefined && calicoSelectorHolds(selector, namespaceLabels(namespace, cluster));
}

/** A selector of a namespaced policy stays in its namespace unless the rule chooses namespaces. */
function inScope(policy: Raw, entity: unknown, labels: Labels, cluster: OracleCluster): boolean {
  if (has(entity, 'namespaceSelector')) return inNamespaces(str(get(entity, 'namespaceSelector')), labels, cluster);
  return get(policy, 'kind') !== 'NetworkPolicy' || labels.get('projectcalico.org/namespace') === namespaceOf(policy);
}

/** `serviceAccounts.names`: only workloads have an account. */
function underAccount(entity: unknown, labels: Labels): boolean {
  const names = items(get(entity, 'serviceAccounts', 'names')).map(str);
  return names.length === 0 || names.includes(labels.get('projectcalico.org/serviceaccount') ?? '');
}

/** Whether the rule asks that the address belongs to something with labels. */
function wantsLabels(policy: Raw, entity: unknown): boolean {
  if (['selector', 'namespaceSelector', 'serviceAccounts'].some((field) => has(entity, field))) return true;
  return has(entity, 'notSelector') && get(policy, 'kind') === 'NetworkPolicy';
}

function labelsMatch(policy: Raw, entity: unknown, carried: readonly Labels[], cluster: OracleCluster): boolean {
  const chosen = (labels: Labels): boolean =>
    inScope(policy, entity, labels, cluster) &&
    calicoSelectorHolds(str(get(entity, 'selector')), labels) &&
    underAccount(entity, labels);
  if (wantsLabels(policy, entity) && !carried.some(chosen)) return false;
  return !(
    has(entity, 'notSelector') && carried.some((labels) => calicoSelectorHolds(str(get(entity, 'notSelector')), labels))
  );
}

/** `nets` and `notNets` speak of addresses, whoever has them. */
function netsMatch(entity: unknown, address: Address | null): boolean {
  const inside = (field: string): boolean =>
    address !== null && items(get(entity, field)).some((net) => blockContains(str(net), address));
  return (!has(entity, 'nets') || inside('nets')) && !inside('notNets');
}

/** A number, a range as `a:b`, or a name that the destination resolves. */
function portMatches(port: unknown, packet: Packet): boolean {
  if (typeof port === 'number') return packet.port === port;
  const [low = '', high] = str(port).split(':');
  if (high === undefined) return namedPortMatches(low, packet.protocol, packet);
  return packet.port !== null && packet.port >= Number(low) && packet.port <= Number(high);
}

function portsMatch(entity: unknown, packet: Packet): boolean {
  const any = (field: string): boolean => items(get(entity, field)).some((port) => portMatches(port, packet));
  return (!has(entity, 'ports') || any('ports')) && !any('notPorts');
}

function protocolMatches(rule: unknown, packet: Packet): boolean {
  const own = packet.protocol === 'ICMP' && packet.destinationAddress?.family === 6 ? 'ICMPv6' : packet.protocol;
  if (has(rule, 'protocol') && get(rule, 'protocol') !== own) return false;
  if (has(rule, 'icmp') && !icmpMatches(get(rule, 'icmp'), packet)) return false;
  if (has(rule, 'notICMP') && icmpMatches(get(rule, 'notICMP'), packet)) return false;
  return !has(rule, 'notProtocol') || get(rule, 'notProtocol') !== own;
}

/** Questions are about code 0. */
function icmpMatches(icmp: unknown, packet: Packet): boolean {
  return get(icmp, 'type') === packet.icmpType && (get(icmp, 'code') ?? 0) === 0;
}

function familyMatches(rule: unknown, address: Address | null): boolean {
  return !has(rule, 'ipVersion') || get(rule, 'ipVersion') === address?.family;
}

/** Everything that a rule gives must hold: protocol, source and destination. */
function ruleMatches(policy: Raw, rule: unknown, { cluster, packet }: Scene): boolean {
  const side = (entity: unknown, endpoint: OracleEndpoint, address: Address | null): boolean =>
    netsMatch(entity, address) && labelsMatch(policy, entity, labelsAt(endpoint, address, cluster), cluster);
  return (
    protocolMatches(rule, packet) &&
    familyMatches(rule, packet.destinationAddress) &&
    side(get(rule, 'source'), packet.source, packet.sourceAddress) &&
    side(get(rule, 'destination'), packet.destination, packet.destinationAddress) &&
    portsMatch(get(rule, 'destination'), packet)
  );
}

/** `types`, or the directions that have rules; ingress when none has. */
function hasDirection(policy: Raw, direction: 'ingress' | 'egress'): boolean {
  const types = items(get(policy, 'spec', 'types')).map(str);
  if (types.length > 0) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  const egress = items(get(policy, 'spec', 'egress')).length > 0;
  return direction === 'egress' ? egress : !egress || items(get(policy, 'spec', 'ingress')).length > 0;
}

/** Which workloads a policy is about. */
function selectsWorkload(policy: Raw, pod: OraclePod, cluster: OracleCluster): boolean {
  const labels = workloadLabels(pod, cluster);
  const spec = get(policy, 'spec');
  if (get(policy, 'kind') === 'NetworkPolicy' && namespaceOf(policy) !== pod.namespace) return false;
  if (has(spec, 'namespaceSelector') && !inNamespaces(str(get(spec, 'namespaceSelector')), labels, cluster))
    return false;
  return calicoSelectorHolds(str(get(spec, 'selector')), labels);
}

/** The first rule that matches decides for its policy; Log only writes a line. */
function policyOutcome(policy: Raw, scene: Scene): Outcome | null {
  for (const rule of items(get(policy, 'spec', scene.direction))) {
    const outcome = OUTCOMES[str(get(rule, 'action'))];
    if (outcome !== undefined && ruleMatches(policy, rule, scene)) return outcome;
  }
  return null;
}

/** One policy in its place, for one subject and direction. */
interface Placed {
  readonly tier: string;
  readonly order: number;
  readonly key: string;
  readonly outcome: () => Outcome | null;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The Calico policies that select the subject in this direction. */
function calicoPolicies(subject: OraclePod, scene: Scene): Placed[] {
  return [...ofKind(scene.cluster, 'NetworkPolicy'), ...ofKind(scene.cluster, 'GlobalNetworkPolicy')]
    .filter((policy) => selectsWorkload(policy, subject, scene.cluster) && hasDirection(policy, scene.direction))
    .map((policy) => ({
      tier: str(get(policy, 'spec', 'tier')) || DEFAULT_TIER,
      order: Number(get(policy, 'spec', 'order') ?? Infinity),
      key: `${nameOf(policy)}/${get(policy, 'kind') === 'NetworkPolicy' ? namespaceOf(policy) : ''}/${str(get(policy, 'kind'))}`,
      outcome: () => policyOutcome(policy, scene),
    }));
}

/** Kubernetes' NetworkPolicy: in the default tier at order 1000, with Allow rules only. */
function kubernetesPolicies(subject: OraclePod, scene: Scene): Placed[] {
  return (scene.cluster.objects.get('NetworkPolicy.networking.k8s.io') ?? [])
    .filter((policy) => selectsPod(policy, subject) && coversDirection(policy, scene.direction))
    .map((policy) => ({
      tier: DEFAULT_TIER,
      order: NETWORK_POLICY_ORDER,
      key: nameOf(policy),
      outcome: () => (networkPolicyAllows(policy, scene) ? 'allow' : null),
    }));
}

interface Tier {
  readonly name: string;
  readonly exists: boolean;
  readonly order: number;
  readonly end: Outcome;
}

function tierNamed(name: string, cluster: OracleCluster): Tier {
  const object = ofKind(cluster, 'Tier').find((tier) => nameOf(tier) === name);
  if (name === DEFAULT_TIER) return { name, exists: true, order: DEFAULT_TIER_ORDER, end: 'deny' };
  return {
    name,
    exists: object !== undefined,
    order: Number(get(object, 'spec', 'order') ?? Infinity),
    end: get(object, 'spec', 'defaultAction') === 'Pass' ? 'pass' : 'deny',
  };
}

/** Tiers that exist come first; by order, then by name. */
function compareTiers(a: Tier, b: Tier): number {
  if (a.exists !== b.exists) return a.exists ? -1 : 1;
  return a.order === b.order ? compareText(a.name, b.name) : a.order - b.order;
}

function comparePlaced(a: Placed, b: Placed): number {
  return a.order === b.order ? compareText(a.key, b.key) : a.order - b.order;
}

/** The first policy of a tier that decides, or how the tier ends. */
function tierOutcome(tier: Tier, placed: readonly Placed[]): Outcome {
  for (const policy of placed.filter((one) => one.tier === tier.name).sort(comparePlaced)) {
    const outcome = policy.outcome();
    if (outcome !== null) return outcome;
  }
  return tier.end;
}

/** Tier after tier, of those with a policy for the subject; in the end the profile of its namespace allows. */
export function calicoVerdict(scene: Scene): 'allow' | 'deny' {
  const subject = subjectOf(scene);
  if (subject.type !== 'pod') return 'allow';
  const placed = [...calicoPolicies(subject, scene), ...kubernetesPolicies(subject, scene)];
  const tiers = [...new Set(placed.map((policy) => policy.tier))].map((name) => tierNamed(name, scene.cluster));
  for (const tier of tiers.sort(compareTiers)) {
    const outcome = tierOutcome(tier, placed);
    if (outcome !== 'pass') return outcome;
  }
  return 'allow';
}
