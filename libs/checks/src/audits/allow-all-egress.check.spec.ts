import { app, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './allow-all-egress.check.js';

const shop = [node(), namespace('shop'), pod('shop/web'), pod('shop/api')];
const sends = (...egress: unknown[]): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'], egress });

testCheck(check, {
  clean: [
    { name: 'one peer', objects: [...shop, sends({ to: [app('api')] })] },
    { name: 'everything on one port', objects: [...shop, sends({ ports: [{ port: 443 }] })] },
  ],
  flagged: [
    {
      name: 'an empty rule as the only one: the direction stays in force without it',
      objects: [...shop, sends({})],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/egress/0',
          severity: 'medium',
          flow: 'shop/web -> 8.8.8.8 TCP 443 allow',
          change: ['shop/web[Pod] -> 0.0.0.0/0 -all', 'shop/web[Pod] -> shop/api[Pod] -all'],
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no egress rules', objects: shop, outcome: 'not-applicable', reason: /no policy has an egress rule/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
