import { namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './ipblock-cloud-ranges.check.js';

const shop = [node(), namespace('shop'), pod('shop/web')];
const sends = (cidr: string): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr } }], ports: [{ port: 443 }] }],
  });
const settings = {
  addressLists: [
    { provider: 'Example Cloud', service: 'storage', region: 'north', blocks: ['8.34.208.0/24'], date: '2026-11-01' },
  ],
};

testCheck(check, {
  clean: [
    { name: 'a block that nobody publishes', settings, objects: [...shop, sends('1.1.1.0/24')] },
    { name: 'most of the internet is another finding', settings, objects: [...shop, sends('0.0.0.0/0')] },
  ],
  flagged: [
    {
      name: 'part of a published block',
      settings,
      objects: [...shop, sends('8.34.208.64/26')],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/egress/0/to/0/ipBlock',
          title: /Example Cloud/,
          flow: 'shop/web -> 8.34.208.64 TCP 443 allow',
        },
      ],
    },
    {
      name: 'around a published block',
      settings,
      objects: [...shop, sends('8.34.192.0/18')],
      finds: [{ at: 'shop/web', flow: 'shop/web -> 8.34.208.0 TCP 443 allow' }],
    },
  ],
  undetermined: [
    {
      name: 'no list is loaded',
      objects: [...shop, sends('8.34.208.0/24')],
      outcome: 'skip',
      reason: /^whose 8\.34\.208\.0\/24 is only the lists that providers publish \(/,
    },
    {
      name: 'no list is loaded, and none is needed',
      objects: [...shop, sends('10.0.0.0/8')],
      outcome: 'not-applicable',
      reason: /no rule has a block of public addresses/,
    },
    { name: 'no blocks', settings, objects: shop, outcome: 'not-applicable', reason: /block of public addresses/ },
    {
      name: 'pods could not be listed',
      settings,
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
