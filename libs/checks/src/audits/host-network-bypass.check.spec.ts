import { CALICO, denyAll, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
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
