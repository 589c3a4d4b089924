import { SHOP } from './shop.js';

/** Names that a caller of namespace `shop` must never meet. Each is planted once, in another place. */
export const PLANTED = {
  namespace: 'zq-namespace',
  pod: 'zq-pod',
  label: 'zq-label',
  image: 'zq-image',
  account: 'zq-account',
  service: 'zq-service',
  workload: 'zq-workload',
  policy: 'zq-policy',
  node: 'zq-node',
  clusterPolicy: 'zq-clusterpolicy',
  cluster: 'zq-cluster',
  annotation: 'zq-annotation',
} as const;

/** Planted names in what was told, but for those that the question named itself. */
export function plantedIn(told: string, asked = ''): string[] {
  return Object.values(PLANTED).filter((name) => told.includes(name) && !asked.includes(name));
}

const meta = (name: string): object => ({ name, namespace: PLANTED.namespace, uid: `uid-${name}` });

/** The shop, and a tenant beside it that has to do with the shop's pods by address and by cluster-wide policy. */
export const TWO_TENANTS: readonly unknown[] = [
  ...SHOP,
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: PLANTED.namespace, labels: { team: PLANTED.label } } },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: PLANTED.node, uid: 'zq' },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.0.9' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta(PLANTED.pod), labels: { app: PLANTED.label } },
    spec: {
      nodeName: PLANTED.node,
      serviceAccountName: PLANTED.account,
      containers: [{ name: 'c', image: `registry.local/${PLANTED.image}:1`, ports: [{ containerPort: 8080 }] }],
    },
    status: {
      phase: 'Running',
      podIP: '10.0.9.9',
      podIPs: [{ ip: '10.0.9.9' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(PLANTED.service),
    spec: {
      clusterIP: '10.96.9.9',
      clusterIPs: ['10.96.9.9'],
      selector: { app: PLANTED.label },
      ports: [{ port: 80, targetPort: 8080 }],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta(PLANTED.workload),
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: PLANTED.label } },
      template: {
        metadata: { labels: { app: PLANTED.label } },
        spec: { containers: [{ name: 'c', image: PLANTED.image }] },
      },
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...meta(PLANTED.policy), annotations: { note: PLANTED.annotation } },
    spec: {
      podSelector: { matchLabels: { app: PLANTED.label } },
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ to: [{}] }],
    },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: PLANTED.clusterPolicy, uid: 'zq-gnp' },
    spec: { selector: "app == 'db'", order: 10, types: ['Ingress'], ingress: [{ action: 'Deny' }] },
  },
];
