import { app, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './dangling-peer.check.js';

const shop = [
  node(),
  namespace('shop'),
  namespace('ops'),
  pod('shop/web', { port: 8080 }),
  pod('shop/api'),
  pod('ops/x'),
];
const admits = (...from: unknown[]): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from, ports: [{ port: 8080 }] }],
  });

testCheck(check, {
  clean: [
    { name: 'the peer is there', objects: [...shop, admits(app('api'), everyPodOf('ops'))] },
    {
      name: 'two peers that were meant as one are another finding',
      objects: [...shop, pod('ops/y'), admits(everyPodOf('ops'), app('x'))],
    },
  ],
  flagged: [
    {
      name: 'a peer that is gone: its labels are a key',
      objects: [...shop, admits(app('old'))],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/from/0',
          flow: 'a new pod of shop with app=old -> shop/web TCP 8080 allow',
        },
      ],
    },
    {
      name: 'in another namespace',
      objects: [...shop, admits({ ...everyPodOf('ops'), ...(app('old') as object) })],
      finds: [{ at: 'shop/web', flow: 'a new pod of ops with app=old -> shop/web TCP 8080 allow' }],
    },
  ],
  undetermined: [
    {
      name: 'only blocks of addresses',
      objects: [...shop, admits({ ipBlock: { cidr: '192.0.2.0/24' } })],
      outcome: 'not-applicable',
      reason: /no rule has a peer/,
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
