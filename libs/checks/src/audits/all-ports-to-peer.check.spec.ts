import { app, namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './all-ports-to-peer.check.js';

const shop = [node(), namespace('shop'), pod('shop/web'), pod('shop/api', { port: 8080 })];
const admits = (rule: object): unknown =>
  policy('shop/api', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [app('web')], ...rule }],
  });

testCheck(check, {
  clean: [
    {
      name: 'a rule without ports to pods that declare none',
      objects: [...shop.slice(0, 3), pod('shop/api'), admits({})],
    },
  ],
  flagged: [
    {
      name: 'every port of pods that declare one',
      objects: [...shop, admits({})],
      finds: [
        { at: 'shop/api', pointer: '/spec/ingress/0', severity: 'low', flow: 'shop/web -> shop/api TCP 54321 allow' },
      ],
    },
  ],
  undetermined: [
    {
      name: 'ports are written',
      objects: [...shop, admits({ ports: [{ port: 8080 }] })],
      outcome: 'not-applicable',
      reason: /has ports/,
    },
  ],
});
