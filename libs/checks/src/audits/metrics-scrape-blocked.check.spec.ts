import { denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './metrics-scrape-blocked.check.js';

const prometheus = pod('ops/prometheus', { labels: { app: 'prometheus' } });
const web = pod('shop/web', { ports: [{ name: 'metrics', containerPort: 9090 }] });
const shop = [node(), namespace('ops'), namespace('shop'), web];

testCheck(check, {
  clean: [
    { name: 'nothing closes the pods', objects: [...shop, prometheus] },
    {
      name: 'the scraper is admitted',
      objects: [...shop, prometheus, policy('shop/web', { podSelector: {}, ingress: [{ ports: [{ port: 9090 }] }] })],
    },
  ],
  flagged: [
    {
      name: 'a closed namespace without a rule for metrics',
      objects: [...shop, prometheus, denyAll('shop', 'Ingress')],
      finds: [
        {
          at: 'shop/web',
          flow: 'ops/prometheus -> shop/web TCP 9090 deny',
          change: ['ops/prometheus[Pod] -> shop/web[Pod] +TCP 9090'],
        },
      ],
    },
  ],
  undetermined: [
    { name: 'nobody collects', objects: shop, outcome: 'skip', reason: /known by its labels to collect/ },
    {
      name: 'nobody asks',
      objects: [node(), namespace('ops'), prometheus],
      outcome: 'not-applicable',
      reason: /asks to be/,
    },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
