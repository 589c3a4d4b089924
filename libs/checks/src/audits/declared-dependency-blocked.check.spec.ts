import { app, cilium, denyAll, namespace, NO_PODS, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './declared-dependency-blocked.check.js';

const web = (dependsOn: string): unknown => pod('shop/web', { annotations: { 'netpol-atlas/depends-on': dependsOn } });
const shop = [
  node(),
  namespace('shop'),
  pod('shop/db', { port: 5432 }),
  service('shop/db', { selector: { app: 'db' }, ports: [{ port: 5000, targetPort: 5432 }] }),
];
const remoteDb = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'remote',
    namespace: 'shop',
    annotations: { 'service.cilium.io/global': 'true', 'service.cilium.io/affinity': 'remote' },
  },
  spec: { selector: { app: 'db' }, ports: [{ port: 5432 }] },
};
const dbFrom = (name: string): unknown =>
  policy('shop/db', { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from: [app(name)] }] });

testCheck(check, {
  clean: [
    { name: 'all that is declared is open, and nothing else', objects: [...shop, web('service:shop/db:5000')] },
    { name: 'by the pods themselves', objects: [...shop, web('shop/db:5432/TCP'), dbFrom('web')] },
  ],
  flagged: [
    {
      name: 'policy denies one of two',
      objects: [...shop, web('service:shop/db:5000, 192.0.2.1:443'), dbFrom('api')],
      finds: [
        {
          at: 'shop/web',
          severity: 'high',
          pointer: 'service:shop/db:5000',
          flow: 'shop/web -> shop/db TCP 5432 deny',
          change: ['shop/web[Pod] -> shop/db[Pod] +TCP 5432'],
        },
      ],
    },
    {
      name: 'it may reach what it does not declare',
      objects: [...shop, pod('shop/api', { port: 8080 }), web('shop/db:5432')],
      finds: [
        {
          at: 'shop/web',
          severity: 'info',
          pointer: 'undeclared',
          title: 'shop/web may reach 1 workload that it does not declare',
          flow: 'shop/web -> shop/api TCP 8080 allow',
          change: null,
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'nothing is declared',
      objects: [...shop, denyAll('shop', 'Egress')],
      outcome: 'not-applicable',
      reason: /no pod has/,
    },
    {
      name: 'what is declared is not there, or cannot be read',
      objects: [...shop, web('shop/cache:6379,db'), denyAll('shop', 'Ingress')],
      outcome: 'unknown',
      reason: /named `shop\/cache`.*`db` does not read/,
    },
    {
      name: 'endpoints of other clusters may answer',
      objects: [cilium(), ...shop, remoteDb, web('service:shop/remote:5432'), denyAll('shop', 'Ingress')],
      outcome: 'unknown',
      reason: /affinity is remote/,
    },
    { name: 'pods may not be read', objects: shop, completeness: NO_PODS, outcome: 'skip', reason: /Pod could not/ },
  ],
});
