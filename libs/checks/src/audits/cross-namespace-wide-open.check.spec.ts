import { everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './cross-namespace-wide-open.check.js';

const shop = [node(), namespace('shop'), namespace('other'), pod('shop/web', { port: 8080 }), pod('other/x')];
const admits = (rule: unknown): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [rule] });

testCheck(check, {
  clean: [
    { name: 'one namespace', objects: [...shop, admits({ from: [everyPodOf('other')] })] },
    {
      name: 'certain pods of every namespace',
      objects: [...shop, admits({ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'x' } } }] })],
    },
    { name: 'an empty rule is another finding', objects: [...shop, admits({})] },
  ],
  flagged: [
    {
      name: 'an empty namespace selector',
      objects: [...shop, admits({ from: [{ namespaceSelector: {} }] })],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0',
          flow: 'any pod of any namespace -> shop/web TCP 8080 allow',
          change: ['other/x[Pod] -> shop/web[Pod] -all'],
        },
      ],
    },
    {
      name: 'no peers beside a port',
      objects: [...shop, admits({ ports: [{ port: 8080 }] })],
      finds: [{ at: 'shop/web', change: ['other/x[Pod] -> shop/web[Pod] -TCP 8080'] }],
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
