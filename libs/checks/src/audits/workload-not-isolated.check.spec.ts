import { denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './workload-not-isolated.check.js';

const web = (version: string): unknown => pod(`shop/web-${version}`, { port: 8080, labels: { app: 'web', version } });
const shop = [node(), namespace('shop'), web('1')];
const selects = (labels: unknown, ...policyTypes: string[]): unknown =>
  policy('shop/p', { podSelector: { matchLabels: labels }, policyTypes });

testCheck(check, {
  clean: [
    { name: 'both directions by a default deny', objects: [...shop, denyAll('shop', 'Ingress', 'Egress')] },
    { name: 'both directions by its own policy', objects: [...shop, selects({ app: 'web' }, 'Ingress', 'Egress')] },
  ],
  flagged: [
    {
      name: 'no policy',
      objects: shop,
      finds: [
        {
          at: 'shop/web-1',
          severity: 'high',
          title: /ingress and egress/,
          flow: 'any pod of any namespace -> shop/web-1 TCP 8080 allow',
        },
      ],
    },
    {
      name: 'egress left open weighs less',
      objects: [...shop, denyAll('shop', 'Ingress')],
      finds: [{ at: 'shop/web-1', severity: 'medium', flow: 'shop/web-1 -> 8.8.8.8 TCP 443 allow' }],
    },
    {
      name: 'a replica whose labels have changed',
      objects: [...shop, web('2'), selects({ version: '1' }, 'Ingress', 'Egress')],
      finds: [{ at: 'shop/web-2' }],
    },
  ],
  undetermined: [
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
    { name: 'no pods', objects: [namespace('shop')], outcome: 'not-applicable', reason: /no pods/ },
  ],
});
