import { namespace, NO_PODS, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './ipblock-inside-cluster-ranges.check.js';

const shop = [
  node(),
  namespace('shop'),
  pod('shop/web', { port: 8080, ip: '10.244.0.201' }),
  pod('shop/api', { ip: '10.244.0.202' }),
  service('shop/web', { selector: { app: 'web' }, clusterIP: '10.96.0.41', ports: [{ port: 80 }] }),
];
const admits = (cidr: string): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ ipBlock: { cidr } }], ports: [{ port: 8080 }] }],
  });

testCheck(check, {
  clean: [
    { name: 'someone outside', objects: [...shop, admits('192.0.2.0/24')] },
    { name: 'a block too wide to be meant for pods', objects: [...shop, admits('10.0.0.0/8')] },
  ],
  flagged: [
    {
      name: 'the address of a pod; the fix says the same by label',
      objects: [...shop, admits('10.244.0.202/32')],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/from/0/ipBlock',
          severity: 'medium',
          flow: 'shop/api -> shop/web TCP 8080 allow',
          change: ['10.244.0.202 -> shop/web[Pod] -TCP 8080'],
        },
      ],
    },
    {
      name: 'the address of a Service, which policy never sees',
      objects: [...shop, admits('10.96.0.41/32')],
      finds: [{ at: 'shop/web', flow: null }],
    },
    { name: 'the range of all pods', objects: [...shop, admits('10.244.0.0/24')], finds: [{ at: 'shop/web' }] },
  ],
  undetermined: [
    { name: 'no blocks', objects: shop, outcome: 'not-applicable', reason: /block of addresses/ },
    {
      name: 'nodes could not be listed',
      objects: shop,
      completeness: { Node: { complete: false } },
      outcome: 'skip',
      reason: /Node/,
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
