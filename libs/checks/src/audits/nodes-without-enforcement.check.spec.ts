import { CALICO, denyAll, FLANNEL, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './nodes-without-enforcement.check.js';

const agent = (on: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `calico-node-${on}`,
    namespace: 'kube-system',
    labels: { app: 'calico-node' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'calico-node', uid: '1', controller: true }],
  },
  spec: {
    nodeName: on,
    hostNetwork: true,
    containers: [{ name: 'calico-node', image: 'docker.io/calico/node:v3.30.0' }],
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});
const cluster = [
  node('n1'),
  node('n2', { podCIDR: '10.244.1.0/24' }),
  namespace('kube-system'),
  namespace('shop'),
  pod('shop/web', { port: 8080, node: 'n2' }),
  denyAll('shop', 'Ingress'),
];

testCheck(check, {
  clean: [{ name: 'an agent on every node', objects: [...cluster, CALICO, agent('n1'), agent('n2')] }],
  flagged: [
    {
      name: 'a node without an agent',
      objects: [...cluster, CALICO, agent('n1')],
      finds: [{ at: 'n2', severity: 'high', flow: 'any pod of any namespace -> shop/web TCP 8080 deny' }],
    },
  ],
  undetermined: [
    { name: 'nothing tells which plugin runs', objects: cluster, outcome: 'unknown', reason: /cannot be told/ },
    {
      name: 'the plugin enforces nothing anywhere',
      objects: [...cluster, FLANNEL],
      outcome: 'not-applicable',
      reason: /enforces no policy/,
    },
    {
      name: 'pods could not be listed',
      objects: cluster,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
