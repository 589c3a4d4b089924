/** Where what a second snapshot brings is put, in one namespace. */
export interface Later {
  readonly namespace: string;
  /** Labels of what gets its ways in from outside, which listens on 8080. */
  readonly entry: Readonly<Record<string, string>>;
  /** Of what a new policy opens to all. */
  readonly opened: Readonly<Record<string, string>>;
  /** The namespace of what is opened. */
  readonly openedIn: string;
  /** A staged policy of Calico. */
  readonly staged: { readonly metadata: object; readonly spec: object };
}

/** Ways in of each sort, a policy that opens something, and one that is staged. */
export function laterObjects({ namespace, entry, opened, openedIn, staged }: Later): readonly object[] {
  const service = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: entry, ...spec },
  });
  const port = { port: 80, targetPort: 8080, protocol: 'TCP' };
  return [
    openToAll(openedIn, 'for-all', opened),
    service('on-nodes', { type: 'NodePort', ports: [{ ...port, nodePort: 30080 }] }),
    {
      ...service('balanced', { type: 'LoadBalancer', ports: [port] }),
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.200' }] } },
    },
    service('inside', { type: 'ClusterIP', clusterIP: '10.96.7.7', ports: [port] }),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'entry', namespace },
      spec: { rules: [{ host: 'shop.example.com', http: { paths: [path('inside')] } }] },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'entry', namespace },
      spec: { gatewayClassName: 'any', listeners: [{ name: 'web', port: 80, protocol: 'HTTP' }] },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'entry', namespace },
      spec: { parentRefs: [{ name: 'entry' }], rules: [{ backendRefs: [{ name: 'inside', port: 80 }] }] },
    },
    { apiVersion: 'projectcalico.org/v3', kind: 'StagedKubernetesNetworkPolicy', ...staged },
  ];
}

const path = (name: string) => ({
  path: '/',
  pathType: 'Prefix',
  backend: { service: { name, port: { number: 80 } } },
});

/** A policy that lets everyone in. */
export function openToAll(namespace: string, name: string, matchLabels: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: { podSelector: { matchLabels }, policyTypes: ['Ingress'], ingress: [{}] },
  };
}

/** What tells that policies are enforced. */
export const CALICO = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: {
      metadata: { labels: { 'k8s-app': 'calico-node' } },
      spec: { hostNetwork: true, containers: [{ name: 'calico-node', image: 'quay.io/calico/node:v3.31.0' }] },
    },
  },
  status: { desiredNumberScheduled: 1, numberReady: 1 },
};

export const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'worker-1' },
  status: { addresses: [{ type: 'InternalIP', address: '192.168.0.1' }] },
};

/** A List of objects as one text. */
export function listOf(items: readonly unknown[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
