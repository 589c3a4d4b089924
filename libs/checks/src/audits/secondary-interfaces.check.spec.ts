import { namespace, NO_PODS, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './secondary-interfaces.check.js';

const shop = [namespace('shop'), pod('shop/web')];
const attached = {
  ...(pod('shop/router') as object),
  metadata: { name: 'router', namespace: 'shop', annotations: { 'k8s.v1.cni.cncf.io/networks': 'storage-net' } },
};

testCheck(check, {
  clean: [{ name: 'one interface', objects: shop }],
  flagged: [{ name: 'a second network', objects: [...shop, attached], finds: [{ at: 'shop/router', change: null }] }],
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
