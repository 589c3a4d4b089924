import type { JsonObject } from '../../base/index.js';
import type {
  AuxFact,
  ContainerFact,
  NamespaceFact,
  NodeFact,
  ObjectMeta,
  PodFact,
  PodShape,
  PolicyFact,
  WorkloadFact,
} from '../../model/index.js';

/** A container as tests write it. */
export interface ContainerSketch {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A DaemonSet or Deployment as tests write it. Without `wanted` it has no status, as in a manifest. */
export interface AgentSketch {
  readonly kind?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerSketch[];
  readonly wanted?: number;
  readonly ready?: number;
  readonly hostNetwork?: boolean;
}

function meta(group: string, kind: string, namespace: string, name: string): ObjectMeta {
  return {
    group,
    kind,
    version: 'v1',
    namespace,
    name,
    uid: `${kind}/${namespace}/${name}`,
    labels: {},
    annotations: {},
    owner: null,
    createdAt: '',
    deleting: false,
  };
}

function shape(sketch: AgentSketch): PodShape {
  return {
    labels: sketch.labels ?? {},
    annotations: {},
    serviceAccount: 'default',
    hostNetwork: sketch.hostNetwork ?? true,
    ports: [],
    containers: sketch.containers.map((container): ContainerFact => ({
      name: container.name,
      image: container.image ?? '',
      role: 'main',
      args: container.args ?? [],
      env: container.env ?? {},
    })),
  };
}

/** A DaemonSet of `kube-system` unless the sketch says otherwise. */
export function daemonSet(name: string, sketch: AgentSketch): WorkloadFact {
  return {
    type: 'workload',
    meta: {
      ...meta('apps', sketch.kind ?? 'DaemonSet', sketch.namespace ?? 'kube-system', name),
      labels: sketch.labels ?? {},
    },
    replicas: sketch.wanted ?? null,
    readyReplicas: sketch.ready ?? sketch.wanted ?? null,
    template: shape(sketch),
  };
}

/** A pod of a DaemonSet on a node. */
export function daemonPod(owner: string, node: string, sketch: AgentSketch, ready = true): PodFact {
  const namespace = sketch.namespace ?? 'kube-system';
  const own = meta('', 'Pod', namespace, `${owner}-${node}`);
  return {
    type: 'pod',
    meta: { ...own, owner: { group: 'apps', kind: 'DaemonSet', name: owner, uid: '' }, labels: sketch.labels ?? {} },
    shape: shape(sketch),
    node,
    hostIps: [],
    ips: [],
    phase: 'Running',
    ready,
  };
}

/** A Node as tests write it. */
export interface NodeSketch {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly kubelet?: string;
  readonly providerId?: string;
  readonly podCidrs?: readonly string[];
}

export function node(name: string, sketch: NodeSketch = {}): NodeFact {
  return {
    type: 'node',
    meta: { ...meta('', 'Node', '', name), labels: sketch.labels ?? {}, annotations: sketch.annotations ?? {} },
    addresses: [],
    podCidrs: sketch.podCidrs ?? [],
    kubeletVersion: sketch.kubelet ?? 'v1.31.2',
    osImage: '',
    providerId: sketch.providerId ?? '',
    ready: true,
  };
}

export function configMap(name: string, data: Readonly<Record<string, string>>): AuxFact {
  return { type: 'aux', meta: meta('', 'ConfigMap', 'kube-system', name), raw: { data } };
}

export function aux(group: string, kind: string, name: string, raw: JsonObject, namespace = ''): AuxFact {
  return { type: 'aux', meta: meta(group, kind, namespace, name), raw };
}

export function policy(group: string, kind: string, name: string, namespace = 'shop'): PolicyFact {
  return { type: 'policy', meta: meta(group, kind, namespace, name), raw: {} };
}

export function namespace(name: string): NamespaceFact {
  return { type: 'namespace', meta: meta('', 'Namespace', '', name) };
}

/** kube-proxy: proof that DaemonSets of the system can be read, and nothing more. */
export const KUBE_PROXY = daemonSet('kube-proxy', {
  labels: { 'k8s-app': 'kube-proxy' },
  containers: [{ name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.31.2' }],
  wanted: 2,
});
