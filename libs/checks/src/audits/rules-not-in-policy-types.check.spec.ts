import { app, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './rules-not-in-policy-types.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 }), pod('shop/api', { port: 8080 })];
const rules = { ingress: [{ from: [app('api')] }], egress: [{ to: [app('api')] }] };
const web = (...policyTypes: string[]): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes, ...rules });

testCheck(check, {
  clean: [{ name: 'both listed', objects: [...shop, web('Ingress', 'Egress')] }],
  flagged: [
    {
      name: 'egress rules without the type leave egress open',
      objects: [...shop, web('Ingress')],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/egress',
          flow: 'shop/web -> 8.8.8.8 TCP 443 allow',
          change: ['shop/web[Pod] -> 0.0.0.0/0 -all'],
        },
      ],
    },
    {
      name: 'ingress rules without the type leave ingress open',
      objects: [...shop, web('Egress')],
      finds: [
        { at: 'shop/web', pointer: '/spec/ingress', flow: 'any pod of any namespace -> shop/web TCP 8080 allow' },
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
