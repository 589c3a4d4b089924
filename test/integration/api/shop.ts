const namespace = (name: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
});

const pod = (app: string, address: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `${app}-0`, namespace: 'shop', labels: { app }, uid: `pod-${app}` },
  spec: {
    nodeName: 'n1',
    containers: [{ name: app, image: `registry.local/${app}:1`, ports: [{ name: 'http', containerPort: 8080 }] }],
  },
  status: {
    phase: 'Running',
    podIP: address,
    podIPs: [{ ip: address }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});

export const DB_DENY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'db-deny', namespace: 'shop', uid: 'policy-db' },
  spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] },
};

/** The policy of the database, changed to let everyone in. */
export const DB_OPENED = { ...DB_DENY, spec: { ...DB_DENY.spec, ingress: [{}] } };

/** Web may reach the API on 8080 and nobody may reach the database. Calico enforces it. */
export const SHOP: readonly unknown[] = [
  namespace('shop'),
  namespace('kube-system'),
  pod('web', '10.0.0.1'),
  pod('api', '10.0.0.2'),
  pod('db', '10.0.0.3'),
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', uid: 'node-n1' },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.0.1' }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', uid: 'deployment-web' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', namespace: 'shop', uid: 'service-api' },
    spec: {
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      selector: { app: 'api' },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'api-ingress', namespace: 'shop', uid: 'policy-api', labels: { team: 'shop' } },
    spec: {
      podSelector: { matchLabels: { app: 'api' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ protocol: 'TCP', port: 8080 }] }],
    },
  },
  DB_DENY,
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'calico-node', namespace: 'kube-system', uid: 'calico-node' },
    spec: {
      selector: { matchLabels: { 'k8s-app': 'calico-node' } },
      template: {
        metadata: { labels: { 'k8s-app': 'calico-node' } },
        spec: {
          hostNetwork: true,
          containers: [{ name: 'calico-node', image: 'quay.io/calico/node:v3.31.0' }],
        },
      },
    },
    status: { desiredNumberScheduled: 1, numberReady: 1 },
  },
];

/** A policy of another vendor than the one that enforces. */
export const CILIUM_POLICY: unknown = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'left-over', namespace: 'shop', uid: 'policy-cilium' },
  spec: { endpointSelector: {}, ingress: [{}] },
};
