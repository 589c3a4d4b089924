import { app, namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './redundant-rule.check.js';

const shop = [node(), namespace('shop'), pod('shop/web'), pod('shop/job'), pod('shop/api', { port: 8080 })];
const admits = (...ingress: object[]): unknown =>
  policy('shop/api', { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'], ingress });

testCheck(check, {
  clean: [
    {
      name: 'rules that only overlap',
      objects: [
        ...shop,
        admits(
          { from: [app('web')], ports: [{ port: 8080 }] },
          { from: [app('web'), app('job')], ports: [{ port: 9090 }] },
        ),
      ],
    },
  ],
  flagged: [
    {
      name: 'a rule inside a wider one; taking it out changes nothing',
      objects: [...shop, admits({ from: [app('web')], ports: [{ port: 8080 }] }, { from: [app('web'), app('job')] })],
      finds: [{ at: 'shop/api', pointer: '/spec/ingress/0', severity: 'low', change: [] }],
    },
    {
      name: 'a rule inside several others, by labels, ports and addresses',
      objects: [
        ...shop,
        admits(
          { from: [{ podSelector: {} }], ports: [{ port: 8000, endPort: 9000 }] },
          { from: [{ ipBlock: { cidr: '192.0.2.0/24' } }] },
          { from: [app('web'), { ipBlock: { cidr: '192.0.2.64/26' } }], ports: [{ port: 8080 }] },
        ),
      ],
      finds: [{ at: 'shop/api', pointer: '/spec/ingress/2', title: /ingress\/0 and \/spec\/ingress\/1/, change: [] }],
    },
    {
      name: 'of two equal rules, the second',
      objects: [...shop, admits({ from: [app('web')] }, { from: [app('web')] })],
      finds: [{ at: 'shop/api', pointer: '/spec/ingress/1', change: [] }],
    },
  ],
  undetermined: [{ name: 'no rules', objects: shop, outcome: 'not-applicable', reason: /no policy has a rule/ }],
});
