import { app, denyAll, namespace, NO_PODS, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './empty-podselector-scope.check.js';

const shop = [
  node(),
  namespace('shop'),
  pod('shop/web', { port: 8080 }),
  pod('shop/db', { port: 5432 }),
  pod('shop/batch'),
];
const opens = (podSelector: object, port: number | string): unknown =>
  policy('shop/p', { podSelector, policyTypes: ['Ingress'], ingress: [{ from: [app('batch')], ports: [{ port }] }] });

testCheck(check, {
  clean: [
    { name: 'a selector with labels', objects: [...shop, opens({ matchLabels: { app: 'web' } }, 8080)] },
    { name: 'a default deny where nobody is called', objects: [...shop, denyAll('shop', 'Ingress', 'Egress')] },
    {
      name: 'every pod that tells its ports serves it',
      objects: [node(), namespace('shop'), pod('shop/web', { port: 8080 }), opens({}, 'http')],
    },
  ],
  flagged: [
    {
      name: 'a port is opened on pods that do not serve it',
      objects: [...shop, opens({ matchLabels: {} }, 8080)],
      finds: [
        {
          at: 'shop/p',
          pointer: '/spec/ingress/0',
          severity: 'medium',
          title: /on 1 pod beside/,
          flow: 'shop/batch -> shop/db TCP 8080 allow',
        },
      ],
    },
    {
      name: 'a default deny that cuts a Service off',
      objects: [
        ...shop,
        service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
        denyAll('shop', 'Ingress'),
      ],
      finds: [
        {
          at: 'shop/default-deny',
          severity: 'high',
          confidence: 'likely',
          flow: 'any pod of any namespace -> shop/web TCP 8080 deny',
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no policies', objects: shop, outcome: 'not-applicable', reason: /no NetworkPolicy/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
