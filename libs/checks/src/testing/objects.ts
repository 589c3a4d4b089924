import { rawNamespace, rawNetworkPolicy, rawPod, type RawPodOptions } from '#engine/testing';

export { rawNamespace as namespace, rawNetworkPolicy as policy };

let addresses = 0;

/** A running pod with an address of its own; `app` gives it that label, `port` a TCP port named `http`. */
export function pod(fullName: string, options: RawPodOptions & { readonly port?: number } = {}): unknown {
  addresses = (addresses % 200) + 1;
  const { port, labels, ...rest } = options;
  return rawPod(fullName, {
    ip: `10.244.0.${addresses}`,
    node: 'n1',
    labels: labels ?? { app: fullName.split('/')[1] ?? '' },
    ports: port === undefined ? [] : [{ name: 'http', containerPort: port }],
    ...rest,
  });
}

/** A node with a block of pod addresses. */
export function node(name = 'n1', extra: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR: '10.244.0.0/24', ...extra },
    status: { addresses: [{ type: 'InternalIP', address: '172.18.0.2' }] },
  };
}

export interface RawService {
  readonly selector?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly clusterIP?: string;
  readonly internalTrafficPolicy?: string;
  readonly ports: readonly {
    readonly name?: string;
    readonly port: number;
    readonly targetPort?: number | string;
    readonly protocol?: string;
  }[];
}

export function service(fullName: string, { labels, ...spec }: RawService): unknown {
  const [ns, name] = fullName.split('/');
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: ns, labels: labels ?? {} }, spec };
}

/** The cluster's DNS: its namespace, Service and one resolver that listens on `port`. */
export function dns(port = 53, more: Partial<RawService> = {}): unknown[] {
  const labels = { 'k8s-app': 'kube-dns' };
  const ports = ['UDP', 'TCP'].map((protocol) => ({
    name: `dns-${protocol.toLowerCase()}`,
    protocol,
    port: 53,
    targetPort: port,
  }));
  const containerPorts = ['UDP', 'TCP'].map((protocol) => ({ containerPort: port, protocol }));
  return [
    rawNamespace('kube-system'),
    pod('kube-system/coredns', { labels, ports: containerPorts }),
    service('kube-system/kube-dns', { labels, selector: labels, clusterIP: '10.96.0.10', ports, ...more }),
  ];
}

/** Cilium of a release and a policy of which it cannot be told whether it leads clients of `dns()` past its pods. */
export function mayLeadPastDns(): unknown[] {
  const toPorts = [{ port: '53', protocol: 'UDP' }];
  const frontend = { addressMatcher: { ip: '10.96.0.10', toPorts } };
  return [cilium(), localRedirect('kube-system/cache', frontend, { app: 'cache' }, ...toPorts)];
}

/** A policy of Cilium that leads the clients of a frontend to pods of its namespace on their node. */
export function localRedirect(
  fullName: string,
  redirectFrontend: Readonly<Record<string, unknown>>,
  matchLabels: Readonly<Record<string, string>>,
  ...toPorts: readonly unknown[]
): unknown {
  const [ns, name] = fullName.split('/');
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumLocalRedirectPolicy',
    metadata: { name, namespace: ns },
    spec: { redirectFrontend, redirectBackend: { localEndpointSelector: { matchLabels }, toPorts } },
  };
}

/** A frontend that is a Service. */
export function byService(fullName: string): { readonly serviceMatcher: unknown } {
  const [namespace, serviceName] = fullName.split('/');
  return { serviceMatcher: { serviceName, namespace } };
}

export function daemonSet(fullName: string, template: Readonly<Record<string, unknown>>): unknown {
  const [ns, name] = fullName.split('/');
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: ns },
    spec: { template: { metadata: { labels: { app: name } }, spec: template } },
  };
}

/** Cilium's agent of a release. */
export function cilium(release = 'v1.18.0'): unknown {
  const image = `quay.io/cilium/cilium:${release}`;
  return daemonSet('kube-system/cilium', { hostNetwork: true, containers: [{ name: 'cilium-agent', image }] });
}

/** What Cilium is told. */
export function ciliumConfig(data: Readonly<Record<string, string>>): unknown {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cilium-config', namespace: 'kube-system' }, data };
}

/** Calico's agent: what detection takes for an engine that enforces. */
export const CALICO = daemonSet('kube-system/calico-node', {
  hostNetwork: true,
  containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.30.0' }],
});

/** Flannel's agent, which enforces nothing. */
export const FLANNEL = daemonSet('kube-flannel/kube-flannel-ds', {
  hostNetwork: true,
  containers: [{ name: 'kube-flannel', image: 'ghcr.io/flannel-io/flannel:v0.27.0' }],
});

/** A policy that closes every pod of a namespace in some directions. */
export function denyAll(namespace: string, ...policyTypes: readonly string[]): unknown {
  return rawNetworkPolicy(`${namespace}/default-deny`, { podSelector: {}, policyTypes });
}

/** Pods could not be listed. */
export const NO_PODS = { Pod: { complete: false, reason: 'forbidden' } } as const;

/** A peer of pods with a label `app`. */
export function app(name: string): unknown {
  return { podSelector: { matchLabels: { app: name } } };
}

/** A peer of every pod of a namespace. */
export function everyPodOf(namespace: string): { readonly namespaceSelector: unknown } {
  return { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}

/** The Service and the endpoint of the API server, as every cluster has them. */
export const API_SERVER: readonly unknown[] = [
  service('default/kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] }),
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    endpoints: [{ addresses: ['172.18.0.10'], conditions: { ready: true } }],
  },
];
