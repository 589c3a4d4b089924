import { namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './missing-policy-types.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 })];
const web = { podSelector: { matchLabels: { app: 'web' } } };

function fromCluster(object: unknown): unknown {
  const raw = object as { metadata: Record<string, unknown> };
  return { ...raw, metadata: { ...raw.metadata, uid: '6f1c8c1e-3d0f-4d53-9f0c-111111111111' } };
}

function labelled(name: string, purpose: string): unknown {
  const raw = policy(name, web) as { metadata: object };
  return { ...raw, metadata: { ...raw.metadata, labels: { purpose } } };
}

testCheck(check, {
  clean: [{ name: 'written out', objects: [...shop, policy('shop/web', { ...web, policyTypes: ['Ingress'] })] }],
  flagged: [
    {
      name: 'left out; the fix says the same and changes nothing',
      objects: [...shop, policy('shop/web', { ...web, ingress: [{ ports: [{ port: 8080 }] }] })],
      finds: [{ at: 'shop/web', pointer: '/spec/policyTypes', severity: 'medium', flow: null, change: [] }],
    },
    {
      name: 'left out of a policy whose name speaks of denying everything: egress is open all the same',
      objects: [...shop, policy('shop/deny-all', web)],
      finds: [
        {
          at: 'shop/deny-all',
          severity: 'high',
          confidence: 'likely',
          flow: 'shop/web -> 8.8.8.8 TCP 443 allow',
          change: ['shop/web[Pod] -> 0.0.0.0/0 -all'],
        },
      ],
    },
    {
      name: 'left out, and a label says what was meant',
      objects: [...shop, labelled('shop/web', 'default-deny')],
      finds: [{ at: 'shop/web', severity: 'high', confidence: 'likely' }],
    },
  ],
  undetermined: [
    {
      name: 'policies from an API server do not show what was left out',
      objects: [...shop, fromCluster(policy('shop/web', { ...web, policyTypes: ['Ingress'] }))],
      outcome: 'skip',
      reason: /read from an API server/,
    },
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
