import { app, denyAll, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './overlapping-policies.check.js';

const shop = [node(), namespace('shop'), namespace('ops'), pod('shop/web', { port: 8080 }), pod('shop/api')];
const admits = (name: string, podSelector: object, from: unknown[], ports: unknown[]): unknown =>
  policy(`shop/${name}`, { podSelector, policyTypes: ['Ingress'], ingress: [{ from, ports }] });
const web = { matchLabels: { app: 'web' } };

testCheck(check, {
  clean: [
    {
      name: 'a deny and an allow add up',
      objects: [...shop, denyAll('shop', 'Ingress'), admits('web', web, [app('api')], [])],
    },
    {
      name: 'they overlap and each adds something',
      objects: [
        ...shop,
        admits('a', web, [app('api')], [{ port: 80, endPort: 90 }]),
        admits('b', web, [app('api')], [{ port: 85, endPort: 95 }]),
      ],
    },
    {
      name: 'pods of today are covered, those of tomorrow are not',
      objects: [
        node(),
        namespace('shop'),
        pod('shop/web', { labels: { app: 'web', version: '1' } }),
        admits('a', web, [app('api')], []),
        admits('b', { matchLabels: { version: '1' } }, [app('api')], []),
      ],
    },
    {
      name: 'equal policies of two namespaces',
      objects: [...shop, pod('ops/x'), denyAll('shop', 'Ingress'), denyAll('ops', 'Ingress')],
    },
  ],
  flagged: [
    {
      name: 'identical ones: one of them goes, and nothing changes',
      objects: [
        ...shop,
        denyAll('shop', 'Ingress'),
        policy('shop/other-deny', { podSelector: {}, policyTypes: ['Ingress'] }),
      ],
      finds: [{ at: 'shop/other-deny', severity: 'low', change: [] }],
    },
    {
      name: 'a rule within a wider one',
      objects: [
        ...shop,
        admits('wide', {}, [app('api'), everyPodOf('ops')], [{ port: 8000, endPort: 9000 }]),
        admits('narrow', web, [app('api')], [{ port: 8080 }]),
      ],
      finds: [{ at: 'shop/narrow', title: /adds nothing to shop\/wide/, change: [] }],
    },
  ],
  undetermined: [
    { name: 'no policies', objects: shop, outcome: 'not-applicable', reason: /no NetworkPolicy/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
