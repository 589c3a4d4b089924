import { app, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './istio-sidecar-ports.check.js';

const withSidecar = {
  ...(pod('shop/web', { port: 8080, ip: '10.244.0.230' }) as object),
  spec: {
    nodeName: 'n1',
    containers: [
      { name: 'web', image: 'web', ports: [{ containerPort: 8080 }] },
      { name: 'istio-proxy', image: 'istio/proxyv2', ports: [{ containerPort: 15090 }] },
    ],
  },
};
const shop = [node(), namespace('shop'), withSidecar, pod('shop/api')];
const admits = (...ports: number[]): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [app('api')], ports: ports.map((port) => ({ port })) }],
  });

testCheck(check, {
  clean: [
    { name: 'the port of the application', objects: [...shop, admits(8080)] },
    { name: 'both ports: too much, and it works', objects: [...shop, admits(8080, 15006)] },
  ],
  flagged: [
    {
      name: 'the port of the sidecar alone',
      objects: [...shop, admits(15006)],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/ports/0/port',
          flow: 'shop/api -> shop/web TCP 8080 deny',
          change: ['shop/api[Pod] -> shop/web[Pod] +TCP 8080 -TCP 15006'],
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'no sidecars',
      objects: [namespace('shop'), pod('shop/api')],
      outcome: 'not-applicable',
      reason: /no pod has an Istio sidecar/,
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
