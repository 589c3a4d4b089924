import { app, denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './allow-all-ingress.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 }), pod('shop/api')];
const admits = (...ingress: unknown[]): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress });

testCheck(check, {
  clean: [
    { name: 'one peer', objects: [...shop, admits({ from: [app('api')] })] },
    { name: 'everyone on one port', objects: [...shop, admits({ ports: [{ port: 8080 }] })] },
    {
      name: 'a tier above takes it back',
      objects: [
        ...shop,
        admits({}),
        {
          apiVersion: 'policy.networking.k8s.io/v1alpha1',
          kind: 'AdminNetworkPolicy',
          metadata: { name: 'closed' },
          spec: { priority: 1, subject: { namespaces: {} }, ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }] },
        },
      ],
    },
  ],
  flagged: [
    {
      name: 'an empty rule; without it the pods are closed',
      objects: [...shop, denyAll('shop', 'Ingress'), admits({ from: [app('api')] }, {})],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/1',
          severity: 'high',
          flow: 'any pod of any namespace -> shop/web TCP 8080 allow',
          change: ['0.0.0.0/0 -> shop/web[Pod] -all'],
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no ingress rules', objects: shop, outcome: 'not-applicable', reason: /no policy has an ingress rule/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
