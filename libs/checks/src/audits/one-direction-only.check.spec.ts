import { denyAll, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './one-direction-only.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 })];

testCheck(check, {
  clean: [{ name: 'both directions', objects: [...shop, denyAll('shop', 'Ingress', 'Egress')] }],
  flagged: [
    {
      name: 'ingress closed, egress open',
      objects: [...shop, denyAll('shop', 'Ingress')],
      finds: [{ at: 'shop/web', severity: 'low', flow: 'shop/web -> 8.8.8.8 TCP 443 allow' }],
    },
    {
      name: 'egress closed, ingress open',
      objects: [...shop, denyAll('shop', 'Egress')],
      finds: [
        { at: 'shop/web', title: /open for ingress/, flow: 'any pod of any namespace -> shop/web TCP 8080 allow' },
      ],
    },
  ],
  undetermined: [
    { name: 'no policy closes anything', objects: shop, outcome: 'not-applicable', reason: /no policy closes/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
