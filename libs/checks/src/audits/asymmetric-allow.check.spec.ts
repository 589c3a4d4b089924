import { app, denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './asymmetric-allow.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 }), pod('shop/api', { port: 9000 })];
const sends = policy('shop/api', {
  podSelector: { matchLabels: { app: 'api' } },
  policyTypes: ['Egress'],
  egress: [{ to: [app('web')] }],
});
const admits = (port: number): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [app('api')], ports: [{ port }] }],
  });

testCheck(check, {
  clean: [
    { name: 'both halves', objects: [...shop, sends, admits(8080)] },
    { name: 'the other end is open', objects: [...shop, sends] },
  ],
  flagged: [
    {
      name: 'egress without ingress; the fix opens the one port',
      objects: [...shop, sends, denyAll('shop', 'Ingress')],
      finds: [
        {
          at: 'shop/api',
          pointer: '/spec/egress/0',
          flow: 'shop/api -> shop/web TCP 8080 deny',
          change: ['shop/api[Pod] -> shop/web[Pod] +TCP 8080'],
        },
      ],
    },
    {
      name: 'the rule that admits a served port, and not one that admits another',
      objects: [
        ...shop,
        sends,
        policy('shop/idle', {
          podSelector: { matchLabels: { app: 'api' } },
          policyTypes: ['Egress'],
          egress: [{ to: [app('web')], ports: [{ port: 9999 }] }],
        }),
        denyAll('shop', 'Ingress'),
      ],
      finds: [{ at: 'shop/api', pointer: '/spec/egress/0' }],
    },
    {
      name: 'ingress without egress',
      objects: [...shop, admits(8080), denyAll('shop', 'Egress')],
      finds: [{ at: 'shop/web', pointer: '/spec/ingress/0', change: ['shop/api[Pod] -> shop/web[Pod] +TCP 8080'] }],
    },
  ],
  undetermined: [
    {
      name: 'no rule names pods',
      objects: [...shop, denyAll('shop', 'Ingress')],
      outcome: 'not-applicable',
      reason: /no rule names pods/,
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
