import { app, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './selector-and-or-confusion.check.js';

const cluster = [
  node(),
  namespace('shop'),
  namespace('monitoring', { purpose: 'monitoring' }),
  pod('shop/db', { port: 5432 }),
  pod('shop/api'),
  pod('monitoring/prometheus'),
  pod('monitoring/grafana'),
];
const monitoring = { namespaceSelector: { matchLabels: { purpose: 'monitoring' } } };
const admits = (...from: unknown[]): unknown =>
  policy('shop/db', {
    podSelector: { matchLabels: { app: 'db' } },
    policyTypes: ['Ingress'],
    ingress: [{ from, ports: [{ port: 5432 }] }],
  });

testCheck(check, {
  clean: [
    { name: 'one peer with both', objects: [...cluster, admits({ ...monitoring, ...(app('prometheus') as object) })] },
    {
      name: 'two peers whose conjunction would admit nobody: either was meant',
      objects: [...cluster, admits(monitoring, app('api'))],
    },
  ],
  flagged: [
    {
      name: 'the pod selector matches nothing at home',
      objects: [...cluster, admits(monitoring, app('prometheus'))],
      finds: [
        {
          at: 'shop/db',
          pointer: '/spec/ingress/0/from/1',
          severity: 'high',
          confidence: 'likely',
          flow: 'monitoring/grafana -> shop/db TCP 5432 allow',
          change: ['monitoring/grafana[Pod] -> shop/db[Pod] -TCP 5432'],
        },
      ],
    },
    {
      name: 'the pod selector matches at home as well',
      objects: [...cluster, pod('shop/prometheus'), admits(monitoring, app('prometheus'))],
      finds: [{ at: 'shop/db', severity: 'low', confidence: 'guess' }],
    },
    {
      name: 'egress, with the order of the peers turned',
      objects: [
        ...cluster,
        policy('shop/api', {
          podSelector: { matchLabels: { app: 'api' } },
          policyTypes: ['Egress'],
          egress: [{ to: [app('prometheus'), monitoring], ports: [{ port: 9090 }] }],
        }),
      ],
      finds: [
        { at: 'shop/api', pointer: '/spec/egress/0/to/0', flow: 'shop/api -> monitoring/grafana TCP 9090 allow' },
      ],
    },
  ],
  undetermined: [
    {
      name: 'pods could not be listed',
      objects: cluster,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
    { name: 'no rules', objects: cluster, outcome: 'not-applicable', reason: /no policy has a rule/ },
  ],
});
