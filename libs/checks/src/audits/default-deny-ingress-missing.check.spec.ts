import { denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './default-deny-ingress-missing.check.js';

const shop = [node(), namespace('shop'), namespace('other'), pod('shop/web', { port: 8080 })];

testCheck(check, {
  clean: [
    { name: 'a default deny', objects: [...shop, denyAll('shop', 'Ingress')] },
    {
      name: 'a selector that every pod meets without being empty',
      objects: [
        ...shop,
        policy('shop/p', {
          podSelector: { matchExpressions: [{ key: 'exempt', operator: 'DoesNotExist' }] },
          policyTypes: ['Ingress'],
        }),
      ],
    },
    {
      name: 'a baseline policy for the whole cluster',
      objects: [
        ...shop,
        {
          apiVersion: 'policy.networking.k8s.io/v1alpha1',
          kind: 'BaselineAdminNetworkPolicy',
          metadata: { name: 'default' },
          spec: {
            subject: { namespaces: {} },
            ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
          },
        },
        denyAll('shop', 'Ingress'),
      ],
    },
  ],
  flagged: [
    {
      name: 'a policy that selects what is there today only',
      objects: [...shop, policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, ingress: [] })],
      finds: [
        {
          at: 'shop',
          severity: 'high',
          flow: 'any pod of any namespace -> a new pod of shop TCP 80 allow',
          change: ['shop/web[Pod] -> shop/(a new pod) -all'],
        },
      ],
    },
    {
      name: 'egress alone is not ingress',
      objects: [...shop, denyAll('shop', 'Egress')],
      finds: [{ at: 'shop', flow: 'any pod of any namespace -> shop/web TCP 8080 allow' }],
    },
  ],
  undetermined: [
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
    { name: 'no pods', objects: [namespace('shop')], outcome: 'not-applicable', reason: /no namespace has pods/ },
  ],
});
