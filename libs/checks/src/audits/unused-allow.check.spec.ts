import { app, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { seenFlow } from '../testing/seen-flow.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './unused-allow.check.js';

const admits = (createdAt: string): unknown => {
  const made = policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [
      { from: [app('api')], ports: [{ port: 8080 }] },
      { from: [app('job')], ports: [{ port: 8080 }] },
    ],
  }) as { readonly metadata: object };
  return { ...made, metadata: { ...made.metadata, creationTimestamp: createdAt } };
};
const pods = [pod('shop/web', { port: 8080 }), pod('shop/api'), pod('shop/job')];
const shop = [node(), namespace('shop'), ...pods];
const byApi = seenFlow('shop/api', 'shop/web', 8080);
const BOTH = ['shop/api[Pod] -> shop/web[Pod] -TCP 8080', 'shop/job[Pod] -> shop/web[Pod] -TCP 8080'];
const OLD = '2026-01-01T00:00:00Z';

testCheck(check, {
  clean: [
    {
      name: 'each rule is used',
      objects: [...shop, admits(OLD)],
      settings: { flows: [byApi, seenFlow('shop/job', 'shop/web', 8080)] },
    },
  ],
  flagged: [
    {
      name: 'nobody came by the second rule',
      objects: [...shop, admits(OLD)],
      settings: { flows: [byApi] },
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/1',
          flow: 'shop/job -> shop/web TCP 8080 allow',
          change: ['shop/job[Pod] -> shop/web[Pod] -TCP 8080'],
        },
      ],
    },
    {
      name: 'two rules of one policy, which one change takes out',
      objects: [...shop, admits(OLD)],
      settings: { flows: [seenFlow('shop/api', 'shop/job', 8080)] },
      finds: [
        { at: 'shop/web', pointer: '/spec/ingress/0', change: BOTH },
        { at: 'shop/web', pointer: '/spec/ingress/1', change: BOTH },
      ],
    },
  ],
  undetermined: [
    {
      name: 'nobody gave flows',
      objects: [...shop, admits(OLD)],
      outcome: 'skip',
      reason: /no flows are kept or given/,
    },
    {
      name: 'nothing tells when they were seen',
      objects: [...shop, admits(OLD)],
      settings: { flows: [{ ...byApi, firstSeen: '', lastSeen: '' }] },
      outcome: 'skip',
      reason: /no flow that passed tells when/,
    },
    {
      name: 'flows were watched for too short a time',
      objects: [...shop, admits(OLD)],
      settings: { flows: [{ ...byApi, firstSeen: '2026-11-22T12:00:00Z' }] },
      outcome: 'skip',
      reason: /^flows of 3 days do not tell: 7 days are needed$/,
    },
    {
      name: 'the policy is younger than the first flow',
      objects: [...shop, admits('2026-11-25T00:00:00Z')],
      settings: { flows: [byApi] },
      outcome: 'not-applicable',
      reason: /old enough/,
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
