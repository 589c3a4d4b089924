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
    { name: 'its peer is there', objects: [...shop, admits(app('api'))] },
    {
      name: 'a key that no namespace carries is another finding',
      objects: [...shop, pod('qa/x'), admits(everyPodOf('qa'), { namespaceSelector: { matchLabels: { env: 'qa' } } })],
    },
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
      name: 'one of its peers is gone: it goes alone',
      objects: [...shop, admits(app('api'), app('old'))],
      finds: [{ at: 'shop/web', pointer: '/spec/ingress/0/from/1', evidence: /peers that are there/, change: [] }],
    },
    {
      name: 'a namespace that nobody has made yet',
      objects: [...shop, admits(everyPodOf('gone'))],
      finds: [{ at: 'shop/web', title: /pods of gone/, flow: 'a new pod of gone -> shop/web TCP 8080 allow' }],
    },
    {
      name: 'labels by expression',
      objects: [
        ...shop,
        admits({ podSelector: { matchExpressions: [{ key: 'role', operator: 'In', values: ['a', 'b'] }] } }),
      ],
      finds: [{ at: 'shop/web', flow: 'a new pod of shop with role=a -> shop/web TCP 8080 allow' }],
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
