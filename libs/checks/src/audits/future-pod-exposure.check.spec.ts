import { app, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './future-pod-exposure.check.js';

const shop = [node(), namespace('shop'), namespace('qa'), pod('shop/web', { port: 8080 }), pod('shop/api')];
const admits = (...from: unknown[]): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from, ports: [{ port: 8080 }] }],
  });

testCheck(check, {
  clean: [
    { name: 'one of its peers is there', objects: [...shop, admits(app('api'), app('old'))] },
    { name: 'its peer could be in no namespace that there is', objects: [...shop, admits(everyPodOf('gone'))] },
    { name: 'it also names addresses', objects: [...shop, admits(app('old'), { ipBlock: { cidr: '192.0.2.0/24' } })] },
  ],
  flagged: [
    {
      name: 'all peers are gone, and their labels are a key',
      objects: [...shop, admits(app('old'))],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/from/0',
          flow: 'a new pod of shop with app=old -> shop/web TCP 8080 allow',
          change: [],
        },
      ],
    },
    {
      name: 'an empty namespace',
      objects: [...shop, admits(everyPodOf('qa'))],
      finds: [{ at: 'shop/web', title: /pods of qa/, flow: 'a new pod of qa -> shop/web TCP 8080 allow' }],
    },
  ],
  undetermined: [
    { name: 'no rule names pods', objects: shop, outcome: 'not-applicable', reason: /no ingress rule/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
