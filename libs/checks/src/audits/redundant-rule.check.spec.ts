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
      name: 'of two equal rules, the second',
      objects: [...shop, admits({ from: [app('web')] }, { from: [app('web')] })],
      finds: [{ at: 'shop/api', pointer: '/spec/ingress/1', change: [] }],
    },
  ],
  undetermined: [{ name: 'no rules', objects: shop, outcome: 'not-applicable', reason: /no policy has a rule/ }],
});
