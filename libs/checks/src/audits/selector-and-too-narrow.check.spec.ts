import { app, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './selector-and-too-narrow.check.js';

const cluster = [
  node(),
  namespace('shop'),
  namespace('ops'),
  pod('shop/db', { port: 5432 }),
  pod('shop/api'),
  pod('ops/backup'),
];
const both = (name: string): unknown => ({ ...everyPodOf('ops'), ...(app(name) as object) });
const admits = (...from: unknown[]): unknown =>
  policy('shop/db', {
    podSelector: { matchLabels: { app: 'db' } },
    policyTypes: ['Ingress'],
    ingress: [{ from, ports: [{ port: 5432 }] }],
  });

testCheck(check, {
  clean: [
    { name: 'a pod meets both', objects: [...cluster, admits(both('backup'))] },
    {
      name: 'no pod has the labels anywhere: that is a peer that matches nothing',
      objects: [...cluster, admits(both('x'))],
    },
  ],
  flagged: [
    {
      name: 'the pods are at home and the namespace is another',
      objects: [...cluster, admits(both('api'))],
      finds: [
        {
          at: 'shop/db',
          pointer: '/spec/ingress/0/from/0',
          flow: 'shop/api -> shop/db TCP 5432 deny',
          change: ['shop/api[Pod] -> shop/db[Pod] +TCP 5432', 'ops/backup[Pod] -> shop/db[Pod] +TCP 5432'],
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'no peer has both',
      objects: [...cluster, admits(app('api'))],
      outcome: 'not-applicable',
      reason: /both selectors/,
    },
    {
      name: 'pods could not be listed',
      objects: cluster,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
