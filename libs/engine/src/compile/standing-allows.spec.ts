import { describe, expect, it } from '@jest/globals';

import { evaluatePair } from '../eval/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { compileSnapshot } from './compile-snapshot.js';

const node = (name: string, address: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

describe('a pod whose egress is isolated, to a node', () => {
  const facts = factsOf(
    node('own', '172.18.0.1'),
    node('other', '172.18.0.2'),
    rawPod('a/client', { ip: '10.0.0.1', node: 'own' }),
    rawNetworkPolicy('a/closed', { podSelector: {}, policyTypes: ['Egress'] }),
  );
  const reaches = (cni: string, to: string, port: number): string => {
    const snapshot = compileSnapshot(facts, { cni: knownCni(cni) });
    const [client, there] = [snapshot.directory.pod('a', 'client'), snapshot.endpoints.find(({ name }) => name === to)];
    if (client === null || there === undefined) throw new Error('no endpoint');
    return evaluatePair(snapshot, client, there, { protocol: TCP, port, family: 4 }, 'enforced').verdict;
  };

  it.each([
    ['calico', 'deny', 'deny'],
    ['cilium', 'deny', 'deny'],
    ['antrea', 'deny', 'deny'],
    ['ovn-kubernetes', 'deny', 'deny'],
    ['openshift-sdn', 'deny', 'deny'],
    ['kube-router', 'deny', 'allow'],
    ['k3s', 'deny', 'allow'],
    ['weave', 'allow', 'allow'],
    ['kube-ovn', 'allow', 'allow'],
    ['azure-npm', 'allow', 'allow'],
    ['aws-vpc-cni', 'allow', 'allow'],
  ])('%s: its own on port 22 %s, on a NodePort %s', (cni, ssh, nodePort) => {
    expect([reaches(cni, 'own', 22), reaches(cni, 'own', 30080)]).toEqual([ssh, nodePort]);
    expect([reaches(cni, 'other', 22), reaches(cni, 'other', 30080)]).toEqual(['deny', 'deny']);
  });
});
