import { API_SERVER, namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './apiserver-egress-by-cluster-ip.check.js';

const shop = [node(), namespace('shop'), namespace('default'), pod('shop/operator')];
const allows = (cidr: string): unknown =>
  policy('shop/operator', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr } }], ports: [{ port: 443 }] }],
  });

testCheck(check, {
  clean: [{ name: 'the endpoint itself', objects: [...shop, ...API_SERVER, allows('172.18.0.10/32')] }],
  flagged: [
    {
      name: 'the address of the Service; the fix opens the endpoint on its port',
      objects: [...shop, ...API_SERVER, allows('10.96.0.1/32')],
      finds: [
        {
          at: 'shop/operator',
          pointer: '/spec/egress/0/to/0/ipBlock/cidr',
          flow: 'shop/operator -> 172.18.0.10 TCP 6443 deny',
          change: ['shop/operator[Pod] -> 172.18.0.10 +TCP 443, 6443'],
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'no endpoints known',
      objects: [...shop, allows('10.96.0.1/32')],
      outcome: 'skip',
      reason: /endpoints of default\/kubernetes are not/,
    },
  ],
});
