import {
  hasPorts,
  kindId,
  objectKey,
  protocolName,
  type ContainerPort,
  type Diagnostic,
  type Fact,
  type Labels,
  type OwnerRef,
  type PodShape,
} from '#engine';

/** What every object of the inventory tells. `namespace` is '' for cluster-scoped kinds. */
export interface ObjectHeader {
  /** Kind with group, as `NetworkPolicy.networking.k8s.io`. */
  readonly kindId: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly owner: OwnerRef | null;
  /** RFC 3339, null when unknown. */
  readonly createdAt: string | null;
  readonly deleting: boolean;
  /** True when the object could not be read; its details are then null and the diagnostics say why. */
  readonly rejected: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface PortView {
  readonly name: string;
  readonly port: number | null;
  readonly protocol: string;
  /** Where a Service sends the traffic: a port number or name, '' for "the same". */
  readonly targetPort: string;
  readonly nodePort: number | null;
  readonly hostPort: number | null;
}

export interface PodDetails {
  readonly node: string;
  readonly addresses: readonly string[];
  readonly phase: string;
  readonly ready: boolean;
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  readonly ports: readonly PortView[];
}

export interface WorkloadDetails {
  /** null when unknown. */
  readonly replicas: number | null;
  readonly readyReplicas: number | null;
  readonly podLabels: Labels;
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  readonly ports: readonly PortView[];
}

export interface ServiceDetails {
  readonly type: string;
  readonly headless: boolean;
  readonly clusterAddresses: readonly string[];
  readonly externalAddresses: readonly string[];
  readonly externalName: string;
  /** null when the Service has no selector. */
  readonly selector: Labels | null;
  readonly ports: readonly PortView[];
}

export interface NodeDetails {
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  readonly podCidrs: readonly string[];
  readonly kubeletVersion: string;
  readonly osImage: string;
  readonly ready: boolean;
}

/** One object: the header, and the details of its kind (all null when the kind has none or the object was rejected). */
export interface ObjectView extends ObjectHeader {
  readonly pod: PodDetails | null;
  readonly workload: WorkloadDetails | null;
  readonly service: ServiceDetails | null;
  readonly node: NodeDetails | null;
}

/** How the inventory shows a fact; `diagnostics` are what compiling the snapshot found about this object. */
export function objectView(fact: Fact, diagnostics: readonly Diagnostic[]): ObjectView {
  const { meta } = fact;
  return {
    kindId: kindId(meta),
    group: meta.group,
    version: meta.version,
    kind: meta.kind,
    namespace: meta.namespace,
    name: meta.name,
    uid: meta.uid,
    labels: meta.labels,
    annotations: meta.annotations,
    owner: meta.owner,
    createdAt: meta.createdAt === '' ? null : meta.createdAt,
    deleting: meta.deleting,
    rejected: fact.type === 'rejected',
    diagnostics: fact.type === 'rejected' ? merge(fact.diagnostics, diagnostics) : diagnostics,
    pod: fact.type === 'pod' ? podDetails(fact) : null,
    workload: fact.type === 'workload' ? workloadDetails(fact) : null,
    service: fact.type === 'service' ? serviceDetails(fact) : null,
    node: fact.type === 'node' ? nodeDetails(fact) : null,
  };
}

/** Diagnostics by the key of the object that they are about. */
export function diagnosticsByObject(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, readonly Diagnostic[]> {
  const out = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    if (diagnostic.object === null) continue;
    const key = objectKey(diagnostic.object);
    const known = out.get(key);
    if (known === undefined) out.set(key, [diagnostic]);
    else known.push(diagnostic);
  }
  return out;
}

function merge(own: readonly Diagnostic[], compiled: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set(own.map(identity));
  return [...own, ...compiled.filter((diagnostic) => !seen.has(identity(diagnostic)))];
}

const identity = (diagnostic: Diagnostic): string => `${diagnostic.code} ${diagnostic.pointer} ${diagnostic.message}`;

function podDetails(pod: Fact & { type: 'pod' }): PodDetails {
  return {
    node: pod.node,
    addresses: pod.ips,
    phase: pod.phase,
    ready: pod.ready,
    ...shapeDetails(pod.shape),
  };
}

function workloadDetails(workload: Fact & { type: 'workload' }): WorkloadDetails {
  return {
    replicas: workload.replicas,
    readyReplicas: workload.readyReplicas,
    podLabels: workload.template.labels,
    ...shapeDetails(workload.template),
  };
}

function shapeDetails(shape: PodShape): Pick<PodDetails, 'hostNetwork' | 'serviceAccount' | 'ports'> {
  return {
    hostNetwork: shape.hostNetwork,
    serviceAccount: shape.serviceAccount,
    ports: shape.ports.map(containerPort),
  };
}

function containerPort(port: ContainerPort): PortView {
  return {
    name: port.name,
    port: hasPorts(port.protocol) ? port.port : null,
    protocol: protocolName(port.protocol),
    targetPort: '',
    nodePort: null,
    hostPort: port.hostPort === 0 ? null : port.hostPort,
  };
}

function serviceDetails(service: Fact & { type: 'service' }): ServiceDetails {
  return {
    type: service.serviceType,
    headless: service.headless,
    clusterAddresses: service.clusterIps,
    externalAddresses: [...service.externalIps, ...service.loadBalancerIps],
    externalName: service.externalName,
    selector: service.selector,
    ports: service.ports.map((port) => ({
      name: port.name,
      port: port.port,
      protocol: protocolName(port.protocol),
      targetPort: port.targetPort === null ? '' : String(port.targetPort),
      nodePort: port.nodePort === 0 ? null : port.nodePort,
      hostPort: null,
    })),
  };
}

function nodeDetails(node: Fact & { type: 'node' }): NodeDetails {
  return {
    addresses: node.addresses,
    podCidrs: node.podCidrs,
    kubeletVersion: node.kubeletVersion,
    osImage: node.osImage,
    ready: node.ready,
  };
}
