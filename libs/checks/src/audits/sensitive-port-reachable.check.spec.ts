import { app, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './sensitive-port-reachable.check.js';

const shop = [
  node(),
  namespace('shop'),
  namespace('ops'),
  pod('shop/db', { port: 5432 }),
  pod('shop/api'),
  pod('ops/backup'),
];
const admits = (...from: unknown[]): unknown =>
  policy('shop/db', { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'], ingress: [{ from }] });

testCheck(check, {
  clean: [{ name: 'its own namespace only', objects: [...shop, admits(app('api'))] }],
  flagged: [
    {
      name: 'open to everyone',
      objects: shop,
      finds: [
        {
          at: 'shop/db',
          pointer: 'port 5432',
          severity: 'high',
          title: /PostgreSQL/,
          flow: 'ops/backup -> shop/db TCP 5432 allow',
          change: ['ops/backup[Pod] -> shop/db[Pod] -all'],
        },
      ],
    },
    {
      name: 'one other namespace weighs less',
      objects: [...shop, admits(everyPodOf('ops'))],
      finds: [{ at: 'shop/db', severity: 'medium', flow: 'ops/backup -> shop/db TCP 5432 allow' }],
    },
    {
      name: 'a port of the organisation’s own list',
      objects: [node(), namespace('shop'), pod('shop/admin', { port: 9999 })],
      settings: { sensitivePorts: new Map([[9999, 'administration']]) },
      finds: [{ at: 'shop/admin', flow: 'any pod of any namespace -> shop/admin TCP 9999 allow' }],
    },
  ],
  undetermined: [
    {
      name: 'no such port',
      objects: [namespace('shop'), pod('shop/api')],
      outcome: 'not-applicable',
      reason: /port of the list/,
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
