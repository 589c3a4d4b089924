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
const reaches = (...to: unknown[]): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Egress'],
    egress: [{ to, ports: [{ port: 8080 }] }],
  });
const admits = (...from: unknown[]): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{ from }] });

testCheck(check, {
  clean: [
    { name: 'the peer is there', objects: [...shop, reaches(app('api'), everyPodOf('ops'))] },
    {
      name: 'two peers that were meant as one are another finding',
      objects: [...shop, pod('ops/y'), reaches(everyPodOf('ops'), app('x'))],
    },
    { name: 'a pod that it would let in is another finding', objects: [...shop, admits(app('old'))] },
  ],
  flagged: [
    {
      name: 'a peer that is gone',
      objects: [...shop, reaches(app('old'))],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/egress/0/to/0',
          flow: 'shop/web -> a new pod of shop with app=old TCP 8080 allow',
        },
      ],
    },
    {
      name: 'in another namespace',
      objects: [...shop, reaches({ ...everyPodOf('ops'), ...(app('old') as object) })],
      finds: [{ at: 'shop/web', flow: 'shop/web -> a new pod of ops with app=old TCP 8080 allow' }],
    },
    {
      name: 'of a policy that selects nothing',
      objects: [...shop.filter((one) => one !== shop[3]), admits(app('old'))],
      finds: [{ at: 'shop/web', flow: null }],
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
