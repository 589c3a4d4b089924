import { describe, expect, it } from '@jest/globals';

import { CALICO, denyAll, FLANNEL, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { run, testCheck } from '../testing/test-check.js';
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

describe('what is advised', () => {
  it.each([
    [{}, 'bring the agent up on n2'],
    [{ 'kubernetes.io/os': 'windows' }, 'install an agent for Windows on n2, or keep pods that rely on policy off it'],
    [{ 'eks.amazonaws.com/compute-type': 'fargate' }, 'keep pods that rely on policy off n2'],
    [{ type: 'virtual-kubelet' }, 'keep pods that rely on policy off n2'],
  ])('depends on what the node is: %j', (labels, title) => {
    const [first, , ...rest] = cluster;
    const other = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2', labels } };
    const [finding] = run(check, { name: '', objects: [first, other, ...rest, CALICO, agent('n1')] }).findings;
    expect(finding?.fix?.title).toBe(title);
  });
});
