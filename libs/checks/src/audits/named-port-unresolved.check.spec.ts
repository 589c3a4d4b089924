import { app, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './named-port-unresolved.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 }), pod('shop/api')];
const admits = (port: string | number): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [app('api')], ports: [{ port }] }],
  });
const other = pod('shop/web-2', { labels: { app: 'web' }, port: 9090 });

testCheck(check, {
  clean: [{ name: 'the pod declares it', objects: [...shop, admits('http')] }],
  flagged: [
    {
      name: 'a name that no pod declares; the fix opens the port that was meant',
      objects: [...shop, admits('htpp')],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/ports/0',
          severity: 'medium',
          flow: 'shop/api -> shop/web TCP 8080 deny',
          change: ['shop/api[Pod] -> shop/web[Pod] +TCP 8080'],
        },
      ],
    },
    {
      name: 'a name that means two numbers',
      objects: [...shop, other, admits('http')],
      finds: [{ at: 'shop/web', severity: 'low', title: /means 8080 and 9090/, flow: null }],
    },
    {
      name: 'egress: the name is looked up at the destination',
      objects: [
        ...shop,
        policy('shop/api', {
          podSelector: { matchLabels: { app: 'api' } },
          policyTypes: ['Egress'],
          egress: [{ to: [app('web')], ports: [{ port: 'metrics' }] }],
        }),
      ],
      finds: [{ at: 'shop/api', pointer: '/spec/egress/0/ports/0', flow: 'shop/api -> shop/web TCP 8080 deny' }],
    },
  ],
  undetermined: [
    {
      name: 'ports by number only',
      objects: [...shop, admits(8080)],
      outcome: 'not-applicable',
      reason: /names a port/,
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
