import { denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './metadata-endpoint-reachable.check.js';

const shop = [node(), namespace('shop'), pod('shop/web')];
const sends = (ipBlock: unknown): unknown =>
  policy('shop/web', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ ipBlock }] }] });

testCheck(check, {
  clean: [
    { name: 'closed', objects: [...shop, denyAll('shop', 'Egress')] },
    {
      name: 'link-local and platform addresses excepted',
      objects: [...shop, sends({ cidr: '0.0.0.0/0', except: ['169.254.0.0/16', '168.63.129.16/32'] })],
    },
  ],
  flagged: [
    {
      name: 'a block for everything; the fix cuts one address out',
      objects: [...shop, sends({ cidr: '0.0.0.0/0' })],
      finds: [
        {
          at: 'shop',
          severity: 'high',
          flow: 'shop/web -> 169.254.169.254 TCP 80 allow',
          change: ['shop/web[Pod] -> 169.254.169.254 -all'],
        },
      ],
    },
    {
      name: 'an exception that forgets one of them',
      objects: [...shop, sends({ cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] })],
      finds: [{ at: 'shop', title: /168.63.129.16/ }],
    },
    {
      name: 'no policy closes them',
      objects: shop,
      finds: [
        {
          at: 'shop',
          severity: 'high',
          title: /^no policy keeps 1 pod of shop from 169.254.169.254$/,
          flow: 'shop/web -> 169.254.169.254 TCP 80 allow',
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no pods', objects: [node(), namespace('shop')], outcome: 'not-applicable', reason: /no pods/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
