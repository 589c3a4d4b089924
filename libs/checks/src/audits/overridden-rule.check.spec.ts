import { app, denyAll, namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './overridden-rule.check.js';

const shop = [node(), namespace('shop'), pod('shop/web'), pod('shop/api', { port: 8080 })];
const admits = policy('shop/api', {
  podSelector: { matchLabels: { app: 'api' } },
  policyTypes: ['Ingress'],
  ingress: [{ from: [app('web')], ports: [{ port: 8080 }] }],
});
const above = (action: string, port: number): unknown => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'guard' },
  spec: {
    tier: 'Admin',
    priority: 10,
    subject: { namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
    ingress: [
      {
        action,
        from: [{ namespaces: {} }],
        protocols: [{ tcp: { destinationPort: { number: port } } }],
      },
    ],
  },
});

const baseline = (namespaces: Readonly<Record<string, string>>): unknown => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'floor' },
  spec: {
    tier: 'Baseline',
    priority: 10,
    subject: { namespaces: { matchLabels: namespaces } },
    ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
  },
});
const ofShop = { 'kubernetes.io/metadata.name': 'shop' };

testCheck(check, {
  clean: [
    { name: 'a guard of another port', objects: [...shop, admits, above('Deny', 22)] },
    { name: 'a baseline for a pod that nothing else closes', objects: [...shop, admits, baseline(ofShop)] },
    {
      name: 'a baseline for the next namespace',
      objects: [...shop, denyAll('shop', 'Ingress'), baseline({})],
    },
    { name: 'a baseline of the other direction', objects: [...shop, denyAll('shop', 'Egress'), baseline(ofShop)] },
  ],
  flagged: [
    {
      name: 'a guard that denies what the rule allows',
      objects: [...shop, admits, above('Deny', 8080)],
      finds: [
        {
          at: 'shop/api',
          pointer: '/spec/ingress/0',
          title: /ClusterNetworkPolicy guard/,
          flow: 'shop/web -> shop/api TCP 8080 deny',
          change: [],
        },
      ],
    },
    {
      name: 'a baseline of a namespace that is closed before it',
      objects: [...shop, denyAll('shop', 'Ingress'), baseline(ofShop)],
      finds: [
        {
          at: 'floor',
          pointer: '/spec/ingress/0',
          title: 'ClusterNetworkPolicy floor#0 is never asked: NetworkPolicies decide before it',
          flow: null,
          change: null,
        },
      ],
    },
  ],
  undetermined: [
    { name: 'nothing above', objects: [...shop, admits], outcome: 'not-applicable', reason: /no policies but/ },
  ],
});
