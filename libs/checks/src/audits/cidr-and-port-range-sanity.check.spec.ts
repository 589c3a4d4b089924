import { namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './cidr-and-port-range-sanity.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 })];
const admits = (ipBlock: unknown): unknown =>
  policy('shop/web', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ ipBlock }] }] });

testCheck(check, {
  clean: [
    {
      name: 'a block and an exception inside it',
      objects: [...shop, admits({ cidr: '192.0.2.0/24', except: ['192.0.2.0/28'] })],
    },
  ],
  flagged: [
    {
      name: 'bits behind the prefix',
      objects: [...shop, admits({ cidr: '192.0.2.9/24' })],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/from/0/ipBlock/cidr',
          title: /192.0.2.9\/24 for 192.0.2.0\/24/,
          change: [],
        },
      ],
    },
    {
      name: 'exceptions that leave nothing of the block',
      objects: [...shop, admits({ cidr: '198.18.0.0/24', except: ['198.18.0.0/25', '198.18.0.128/25'] })],
      finds: [
        { at: 'shop/web', pointer: '/spec/ingress/0/from/0/ipBlock', flow: '198.18.0.0 -> shop/web TCP 8080 deny' },
      ],
    },
  ],
  undetermined: [{ name: 'no blocks', objects: shop, outcome: 'not-applicable', reason: /no rule has a block/ }],
});
