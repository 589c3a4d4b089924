import { parseAddress, type Address } from './addresses.js';
import { get, items, labelMap, obj, str, type Raw } from './fields.js';

/** A port that a container of a pod declares. */
export interface NamedPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
  /** Whether a container declares it, or an init container that goes on beside these or is over when they start. */
  readonly of: 'main' | 'sidecar' | 'init';
}

export interface OraclePod {
  readonly type: 'pod';
  readonly namespace: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly serviceAccount: string;
  readonly addresses: readonly Address[];
  readonly hostNetwork: boolean;
  readonly node: string;
  readonly finished: boolean;
  readonly ports: readonly NamedPort[];
  readonly containers: readonly string[];
  readonly annotations: ReadonlyMap<string, string>;
  /** Made by an API server, so that its containers are those that run. */
  readonly isRunning: boolean;
  /** A machine outside, which the mesh takes for a workload. */
  readonly isMachine?: true;
}

export interface OracleNode {
  readonly type: 'node';
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly addresses: readonly Address[];
}

export interface OracleOutside {
  readonly type: 'outside';
  readonly addresses: readonly Address[];
  /** The name by which clients found the address; absent when it is not told. */
  readonly hostName?: string;
}

/** Something that can open or accept a connection. */
export type OracleEndpoint = OraclePod | OracleNode | OracleOutside;

/** The objects of a cluster, as the oracle needs them. */
export interface OracleCluster {
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly pods: readonly OraclePod[];
  readonly nodes: readonly OracleNode[];
  /** Every object by `Kind.group`. */
  readonly objects: ReadonlyMap<string, readonly Raw[]>;
}

/** Who judges what a pod sends to a Service and gets back itself: all policy, that of the cluster-wide tiers, or none. */
export type SelfJudge = 'policy' | 'cluster-wide' | 'nothing';

/** How the clusters that a question is asked of read address blocks, the host network and nodes. */
export interface Conventions {
  /** Whose kinds there are beside the Kubernetes ones, and in which order all of them decide. */
  readonly combination: 'spec' | 'calico' | 'antrea' | 'cilium' | 'ovn' | 'aws';
  readonly blocksMatchPods: boolean;
  readonly blocksMatchNodes: boolean;
  readonly hostPodsAreSubjects: boolean;
  readonly hostPodsArePeers: boolean;
  readonly ownNodeReachesPod: boolean;
  readonly podReachesOwnNode: boolean;
  readonly toItself: Readonly<Record<'egress' | 'ingress', SelfJudge>>;
  /** Cilium's `enable-policy: always` and the strict mode of AWS: pods are isolated without a policy too. */
  readonly always: boolean;
  /** Cilium from 1.20 on: with `enable-policy: always` the own node is kept out of pods that no rule for ingress selects. */
  readonly ownNodeNeedsRule: boolean;
  /** Cilium's release where it is told and another reading holds there. */
  readonly release: '' | '1.18' | '1.19';
  /** Cilium's `policy-default-local-cluster`: peers that name no cluster have the label of this one. */
  readonly peersAreLocal: boolean;
  /** A NetworkPolicy that isolates one direction of a pod opens the other. */
  readonly opensOtherDirection: boolean;
  /** An exception of an ipBlock may defeat blocks of other rules. */
  readonly exceptsMayDeny: boolean;
  /** Packets of an ambient mesh name the port of the workload. */
  readonly meshNamesPorts: boolean;
  /** Calico enforces policy on nodes with Windows as well. */
  readonly windowsAgents: boolean;
  /** Calico's dataplane is eBPF, on all nodes but those with Windows. */
  readonly ebpf: boolean;
  /** What Calico's hosts do with what their own pods send to them where no configuration says it, or whatever one says. */
  readonly hostAction: { readonly drops: boolean; readonly isFixed: boolean };
  /** Whose reading of the fields of NetworkPolicy holds. */
  readonly networkPolicyOf:
    | 'spec'
    | 'calico'
    | 'ovn'
    | 'kube-ovn'
    | 'antrea'
    | 'aws'
    | 'kube-router'
    | 'kube-router-nftables'
    | 'azure-npm'
    | 'kube-network-policies';
}

/** What the Kubernetes documents say where they say something. */
export const SPEC: Conventions = {
  combination: 'spec',
  blocksMatchPods: true,
  blocksMatchNodes: true,
  hostPodsAreSubjects: false,
  hostPodsArePeers: false,
  ownNodeReachesPod: true,
  podReachesOwnNode: true,
  toItself: { egress: 'cluster-wide', ingress: 'cluster-wide' },
  always: false,
  ownNodeNeedsRule: false,
  release: '',
  peersAreLocal: true,
  opensOtherDirection: false,
  exceptsMayDeny: false,
  meshNamesPorts: false,
  windowsAgents: false,
  ebpf: false,
  hostAction: { drops: false, isFixed: false },
  networkPolicyOf: 'spec',
};

export function namespaceOf(object: unknown): string {
  return str(get(object, 'metadata', 'namespace')) || 'default';
}

export function nameOf(object: unknown): string {
  return str(get(object, 'metadata', 'name'));
}

/** The protocol of a port of a container, a Service or a rule. */
export function protocolOf(port: unknown): string {
  return str(get(port, 'protocol')) || 'TCP';
}

/** Whether a pod gives a port of this protocol this name and number. */
export function declares(
  pod: OraclePod,
  name: string,
  protocol: string,
  number: number | null,
  naming: Naming = 'those that go on',
): boolean {
  return portsWithNames(pod, naming).some(
    (port) => port.name === name && port.protocol === protocol && port.number === number,
  );
}

/** A pod as it is written. */
export function podObject(pod: OraclePod, { objects }: OracleCluster): Raw | undefined {
  return (objects.get('Pod') ?? []).find((one) => nameOf(one) === pod.name && namespaceOf(one) === pod.namespace);
}

function addressesOf(texts: readonly unknown[]): Address[] {
  return texts.map((text) => parseAddress(str(text))).filter((address) => address !== null);
}

function portsOf(spec: unknown): NamedPort[] {
  const init = items(get(spec, 'initContainers'));
  const goesOn = (container: unknown): boolean => get(container, 'restartPolicy') === 'Always';
  const of = (containers: readonly unknown[], role: NamedPort['of']): NamedPort[] =>
    containers.flatMap((container) =>
      items(get(container, 'ports')).map((port) => ({
        name: str(get(port, 'name')),
        number: Number(get(port, 'containerPort')),
        protocol: protocolOf(port),
        of: role,
      })),
    );
  return [
    ...of(items(get(spec, 'containers')), 'main'),
    ...of(init.filter(goesOn), 'sidecar'),
    ...of(
      init.filter((container) => !goesOn(container)),
      'init',
    ),
  ];
}

/** NP-53: of which containers the names of ports count. */
export type Naming = 'containers' | 'those that go on' | 'all';

export function namingOf({ networkPolicyOf }: Conventions): Naming {
  if (networkPolicyOf === 'calico') return 'all';
  return ['spec', 'ovn', 'kube-ovn'].includes(networkPolicyOf) ? 'those that go on' : 'containers';
}

/** The ports of a pod whose names count. */
export function portsWithNames({ ports }: OraclePod, naming: Naming): readonly NamedPort[] {
  if (naming === 'all') return ports;
  return ports.filter(({ of }) => of === 'main' || (of === 'sidecar' && naming === 'those that go on'));
}

function podOf(object: Raw): OraclePod {
  const podIps = items(get(object, 'status', 'podIPs')).map((entry) => get(entry, 'ip'));
  const phase = str(get(object, 'status', 'phase'));
  return {
    type: 'pod',
    namespace: namespaceOf(object),
    name: nameOf(object),
    labels: labelMap(get(object, 'metadata', 'labels')),
    serviceAccount: str(get(object, 'spec', 'serviceAccountName')) || 'default',
    addresses: addressesOf(podIps.length > 0 ? podIps : [get(object, 'status', 'podIP')]),
    hostNetwork: get(object, 'spec', 'hostNetwork') === true,
    node: str(get(object, 'spec', 'nodeName')),
    finished: phase === 'Succeeded' || phase === 'Failed',
    ports: portsOf(get(object, 'spec')),
    containers: items(get(object, 'spec', 'containers')).map((container) => str(get(container, 'name'))),
    annotations: labelMap(get(object, 'metadata', 'annotations')),
    isRunning: get(object, 'metadata', 'uid') !== undefined,
  };
}

function readNode(object: Raw): OracleNode {
  return {
    type: 'node',
    name: nameOf(object),
    labels: labelMap(get(object, 'metadata', 'labels')),
    addresses: addressesOf(items(get(object, 'status', 'addresses')).map((entry) => get(entry, 'address'))),
  };
}

/** The node whose network an endpoint uses as its own. */
export function nodeOf(endpoint: OracleEndpoint): string | null {
  if (endpoint.type === 'node') return endpoint.name;
  return endpoint.type === 'pod' && endpoint.hostNetwork ? endpoint.node : null;
}

/** The group of an apiVersion, '' for the core group. */
function groupOf(object: unknown): string {
  const version = str(get(object, 'apiVersion'));
  return version.includes('/') ? (version.split('/')[0] ?? '') : '';
}

/** Sorts the objects of a cluster. Objects without a kind are left out; a namespace carries its name as a label. */
export function readCluster(raws: readonly unknown[]): OracleCluster {
  const objects = new Map<string, Raw[]>();
  for (const raw of raws) {
    const object = obj(raw);
    const kind = str(get(object, 'kind'));
    const group = groupOf(object);
    const id = group === '' ? kind : `${kind}.${group}`;
    objects.set(id, [...(objects.get(id) ?? []), object]);
  }
  const of = (id: string): readonly Raw[] => objects.get(id) ?? [];
  const namespaces = new Map<string, ReadonlyMap<string, string>>();
  const pods = of('Pod').map(podOf);
  for (const pod of pods) namespaces.set(pod.namespace, new Map([['kubernetes.io/metadata.name', pod.namespace]]));
  for (const object of of('Namespace')) {
    const labels = new Map(labelMap(get(object, 'metadata', 'labels')));
    labels.set('kubernetes.io/metadata.name', nameOf(object));
    namespaces.set(nameOf(object), labels);
  }
  return { namespaces, pods, nodes: of('Node').map(readNode), objects };
}
