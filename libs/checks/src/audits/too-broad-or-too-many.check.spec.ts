import { namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './too-broad-or-too-many.check.js';

const shop = [node(), namespace('shop'), pod('shop/web')];
const rules = (count: number): unknown =>
  policy('shop/web', {
    podSelector: {},
    ingress: Array.from({ length: count }, (_, i) => ({ ports: [{ port: i + 1 }] })),
  });
const blocks = (count: number): unknown =>
  policy('shop/web', {
    podSelector: {},
    ingress: [{ from: Array.from({ length: count }, (_, i) => ({ ipBlock: { cidr: `10.0.${i}.0/24` } })) }],
  });

testCheck(check, {
  clean: [{ name: 'as many as one can read', objects: [...shop, rules(50), blocks(200)] }],
  flagged: [
    {
      name: 'many rules',
      objects: [...shop, rules(51)],
      finds: [{ at: 'shop/web', title: /has 51 rules$/, change: null }],
    },
    {
      name: 'many blocks',
      objects: [...shop, blocks(201)],
      finds: [{ at: 'shop/web', title: /has 201 address blocks$/ }],
    },
    {
      name: 'many entries',
      objects: [
        node(),
        namespace('shop'),
        ...Array.from({ length: 150 }, (_, i) => pod(`shop/web-${i}`)),
        policy('shop/web', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }),
      ],
      finds: [{ at: 'shop/web', title: /has 22500 entries$/ }],
    },
  ],
  undetermined: [
    { name: 'no policy', objects: shop, outcome: 'not-applicable', reason: /no NetworkPolicy/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
