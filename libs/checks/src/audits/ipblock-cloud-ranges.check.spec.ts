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
    { provider: 'Example Cloud', service: 'storage', region: 'north', blocks: ['203.0.113.0/24'], date: '2026-11-01' },
  ],
};

testCheck(check, {
  clean: [
    { name: 'a block that nobody publishes', settings, objects: [...shop, sends('198.51.100.0/24')] },
    { name: 'most of the internet is another finding', settings, objects: [...shop, sends('0.0.0.0/0')] },
  ],
  flagged: [
    {
      name: 'part of a published block',
      settings,
      objects: [...shop, sends('203.0.113.64/26')],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/egress/0/to/0/ipBlock',
          title: /Example Cloud/,
          flow: 'shop/web -> 203.0.113.64 TCP 443 allow',
        },
      ],
    },
    {
      name: 'around a published block',
      settings,
      objects: [...shop, sends('203.0.112.0/20')],
      finds: [{ at: 'shop/web', flow: 'shop/web -> 203.0.113.0 TCP 443 allow' }],
    },
  ],
  undetermined: [
    {
      name: 'no list is loaded',
      objects: [...shop, sends('203.0.113.0/24')],
      outcome: 'skip',
      reason: /no published address list/,
    },
    { name: 'no blocks', settings, objects: shop, outcome: 'not-applicable', reason: /block of addresses/ },
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
