import { describe, expect, it } from '@jest/globals';
import type { NodeFact, PodFact } from '../model/index.js';
import { normaliseObject } from '../normalise/index.js';
import { detectCni } from './detect-cni.js';
import { nodeCni } from './node-cni.js';

const node = (name: string): unknown => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
const agent = (name: string, on: string, image: string, ready: boolean, daemonSet = 'calico-node'): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'kube-system',
    labels: { 'k8s-app': daemonSet },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: daemonSet, uid: 'u', controller: true }],
  },
  spec: { nodeName: on, hostNetwork: true, containers: [{ name: daemonSet, image }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

describe('nodeCni', () => {
  it('tells version and readiness of the agent on each node, and where nothing enforces', () => {
    const objects = [
      node('a'),
      node('b'),
      node('c'),
      agent('calico-node-1', 'a', 'quay.io/calico/node:v3.31.0', true),
      agent('calico-node-2', 'b', 'quay.io/calico/node:v3.30.2@sha256:0', false),
      agent('log-shipper-1', 'a', 'example.com/shipper:1.2.3', true, 'log-shipper'),
    ];
    const facts = objects.map((raw) => normaliseObject(raw).fact).filter((fact) => fact !== null);
    const nodes = facts.filter((fact): fact is NodeFact => fact.type === 'node');
    const pods = facts.filter((fact): fact is PodFact => fact.type === 'pod');
    expect(nodeCni(detectCni(facts), nodes, pods)).toEqual([
      {
        node: 'a',
        enforced: 'yes',
        agents: [{ namespace: 'kube-system', pod: 'calico-node-1', version: '3.31.0', ready: true }],
      },
      {
        node: 'b',
        enforced: 'no',
        agents: [{ namespace: 'kube-system', pod: 'calico-node-2', version: '3.30.2', ready: false }],
      },
      { node: 'c', enforced: 'no', agents: [] },
    ]);
  });
});
