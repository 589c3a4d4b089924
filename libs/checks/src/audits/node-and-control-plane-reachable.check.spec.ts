import { API_SERVER, denyAll, namespace, node, NO_PODS, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './node-and-control-plane-reachable.check.js';

const other = { ...(node('n2') as object), status: { addresses: [{ type: 'InternalIP', address: '172.18.0.3' }] } };
const shop = [node(), other, namespace('shop'), namespace('default'), pod('shop/web'), ...API_SERVER];

testCheck(check, {
  clean: [{ name: 'a namespace that is closed', objects: [...shop, denyAll('shop', 'Egress')] }],
  flagged: [
    {
      name: 'a namespace that is open',
      objects: shop,
      finds: [
        {
          at: 'shop',
          severity: 'medium',
          title: /the kubelet, etcd, the API server/,
          flow: 'shop/web -> node n2 TCP 10250 allow',
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'no nodes in the inventory',
      objects: [namespace('shop'), pod('shop/web')],
      outcome: 'unknown',
      reason: /no nodes/,
    },
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
