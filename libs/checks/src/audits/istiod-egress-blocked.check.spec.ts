import { denyAll, namespace, node, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './istiod-egress-blocked.check.js';

const meshed = {
  ...(pod('shop/web') as { metadata: object; status: object }),
  spec: {
    nodeName: 'n1',
    containers: [
      { name: 'web', image: 'web' },
      { name: 'istio-proxy', image: 'proxyv2' },
    ],
  },
};
const istiod = pod('istio-system/istiod', { labels: { app: 'istiod' }, port: 15012 });
const shop = [node(), namespace('shop'), namespace('istio-system'), meshed];

testCheck(check, {
  clean: [{ name: 'egress is open', objects: [...shop, istiod] }],
  flagged: [
    {
      name: 'egress is closed; the fix opens istiod',
      objects: [...shop, istiod, denyAll('shop', 'Egress')],
      finds: [
        {
          at: 'shop/web',
          flow: 'shop/web -> istio-system/istiod TCP 15012 deny',
          change: ['shop/web[Pod] -> istio-system/istiod[Pod] +TCP 15012'],
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'no sidecars',
      objects: [node(), namespace('shop'), pod('shop/web')],
      outcome: 'not-applicable',
      reason: /no pod has/,
    },
    { name: 'istiod is elsewhere', objects: shop, outcome: 'unknown', reason: /no pods of istiod/ },
  ],
});
