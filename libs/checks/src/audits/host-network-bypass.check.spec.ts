import { describe, expect, it } from '@jest/globals';

import { CALICO, denyAll, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { run, testCheck } from '../testing/test-check.js';
import { check } from './host-network-bypass.check.js';

const shop = [node(), namespace('shop'), namespace('other'), pod('shop/web'), pod('other/x')];
const bridge = pod('shop/bridge', { hostNetwork: true, ip: '172.18.0.2', port: 7443 });
const accepted = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', annotations: { 'netpol-atlas/host-network': 'talks to the key module of the node' } },
};

testCheck(check, {
  clean: [
    { name: 'no pod on the host network', objects: shop },
    { name: 'an agent of the platform', objects: [...shop, namespace('kube-system'), CALICO] },
    {
      name: 'an agent of a platform that is known by how its namespaces begin',
      objects: [...shop, namespace('openshift-multus'), pod('openshift-multus/agent', { hostNetwork: true })],
    },
    { name: 'its owner gives the reason', objects: [node(), accepted, pod('shop/web'), bridge] },
  ],
  flagged: [
    {
      name: 'with a policy that means it in vain',
      objects: [...shop, bridge, denyAll('shop', 'Ingress')],
      finds: [
        {
          at: 'shop/bridge',
          severity: 'high',
          evidence: /closed pods of these nodes that admit it all the same: shop\/web/,
          flow: 'other/x -> shop/bridge TCP 7443 allow',
          change: null,
        },
      ],
    },
    { name: 'without one', objects: [...shop, bridge], finds: [{ at: 'shop/bridge', severity: 'medium' }] },
  ],
  undetermined: [
    { name: 'no pods', objects: [namespace('shop')], outcome: 'not-applicable', reason: /no pods/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});

describe('on Windows', () => {
  it('nobody is told to take the host network from a HostProcess pod, which needs it', () => {
    const windows = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'windows' } },
    };
    const [finding] = run(check, { name: '', objects: [...shop.slice(1), windows, bridge] }).findings;
    expect(finding?.fix).toMatchObject({
      title: 'guard the nodes of bridge',
      note: expect.stringMatching(/HostProcess/),
    });
  });
});
