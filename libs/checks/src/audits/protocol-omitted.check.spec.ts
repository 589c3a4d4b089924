import { denyAll, dns, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './protocol-omitted.check.js';

const shop = [node(), namespace('shop'), pod('shop/web'), ...dns(), denyAll('shop', 'Egress')];
const allows = (...ports: unknown[]): unknown =>
  policy('shop/dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [everyPodOf('kube-system')], ports }],
  });
const live = (object: unknown): unknown => {
  const raw = object as { metadata: object };
  return { ...raw, metadata: { ...raw.metadata, uid: '6f1c8c1e-3d0f-4d53-9f0c-222222222222' } };
};

testCheck(check, {
  clean: [
    {
      name: 'both protocols',
      objects: [...shop, allows({ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' })],
    },
    { name: 'TCP is what the pods speak', objects: [...shop, allows({ port: 53, protocol: 'UDP' }, { port: 9153 })] },
  ],
  flagged: [
    {
      name: 'port 53 for TCP only; the fix adds UDP',
      objects: [...shop, allows({ port: 53 })],
      finds: [
        {
          at: 'shop/dns',
          pointer: '/spec/egress/0/ports/0',
          severity: 'high',
          flow: 'shop/web -> kube-system/coredns UDP 53 deny',
          change: ['shop/web[Pod] -> kube-system/coredns[Pod] +UDP 53'],
        },
      ],
    },
    {
      name: 'another port that the pods speak UDP on weighs less',
      objects: [
        ...shop,
        namespace('logs'),
        pod('logs/sink', { ports: [{ containerPort: 514, protocol: 'UDP' }] }),
        policy('shop/logs', {
          podSelector: {},
          policyTypes: ['Egress'],
          egress: [{ to: [everyPodOf('logs')], ports: [{ port: 514 }] }],
        }),
      ],
      finds: [{ at: 'shop/logs', severity: 'low', flow: 'shop/web -> logs/sink UDP 514 deny' }],
    },
  ],
  undetermined: [
    {
      name: 'policies from an API server',
      objects: [...shop.slice(0, -1), live(allows({ port: 53, protocol: 'TCP' }))],
      outcome: 'skip',
      reason: /API server/,
    },
    { name: 'no ports', objects: shop, outcome: 'not-applicable', reason: /no rule has a port/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
