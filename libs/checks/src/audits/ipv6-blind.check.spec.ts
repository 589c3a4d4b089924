import { namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './ipv6-blind.check.js';

const dual = {
  ...(pod('shop/web', { port: 8080 }) as object),
  status: { phase: 'Running', podIP: '10.244.0.9', podIPs: [{ ip: '10.244.0.9' }, { ip: 'fd00::9' }] },
};
const admits = (...cidrs: string[]): unknown =>
  policy('shop/web', {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [{ from: cidrs.map((cidr) => ({ ipBlock: { cidr } })) }],
  });
const shop = [node(), namespace('shop'), dual];

testCheck(check, {
  clean: [{ name: 'both families', objects: [...shop, admits('0.0.0.0/0', '::/0')] }],
  flagged: [
    {
      name: 'everyone, of one family; the fix adds the other',
      objects: [...shop, admits('0.0.0.0/0')],
      finds: [{ at: 'shop/web', pointer: '/spec/ingress/0', flow: '2001:4860:4860::8888 -> shop/web TCP 8080 deny' }],
    },
    {
      name: 'a block whose twin nobody knows',
      objects: [...shop, admits('192.0.2.0/24')],
      finds: [{ at: 'shop/web', change: null }],
    },
  ],
  undetermined: [
    {
      name: 'one family',
      objects: [namespace('shop'), pod('shop/web'), admits('0.0.0.0/0')],
      outcome: 'not-applicable',
      reason: /both families/,
    },
  ],
});
