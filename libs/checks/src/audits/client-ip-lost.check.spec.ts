import { namespace, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './client-ip-lost.check.js';

const admits = policy('shop/web', {
  podSelector: {},
  policyTypes: ['Ingress'],
  ingress: [{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 8080 }] }],
});
const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 }), admits];
const exposed = (externalTrafficPolicy?: string): unknown => {
  const raw = service('shop/web', {
    type: 'LoadBalancer',
    selector: { app: 'web' },
    ports: [{ port: 80, targetPort: 8080 }],
  });
  const { spec } = raw as { spec: object };
  return {
    ...(raw as object),
    spec: { ...spec, ...(externalTrafficPolicy === undefined ? {} : { externalTrafficPolicy }) },
  };
};

testCheck(check, {
  clean: [
    { name: 'the source is kept', objects: [...shop, exposed('Local')] },
    {
      name: 'a block of a family that the pods do not speak',
      objects: [...shop.slice(0, 2), pod('shop/web', { port: 8080, ips: ['fd00::5'] }), admits, exposed()],
    },
  ],
  flagged: [
    {
      name: 'a load balancer that may hide the client',
      objects: [...shop, exposed()],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/from/0/ipBlock',
          flow: '192.0.2.0 -> shop/web TCP 8080 allow',
          change: null,
        },
      ],
    },
    {
      name: 'a block of a family that only some of the pods speak',
      objects: [
        ...shop.slice(0, 2),
        pod('shop/a', { port: 8080, ips: ['fd00::5'], labels: { app: 'web' } }),
        pod('shop/web', { port: 8080 }),
        ...[admits, exposed()],
      ],
      finds: [{ at: 'shop/web', flow: '192.0.2.0 -> shop/web TCP 8080 allow' }],
    },
    {
      name: 'a proxy that calls in the place of the client',
      objects: [
        ...shop,
        service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { name: 'front', namespace: 'shop' },
          spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
        },
      ],
      finds: [{ at: 'shop/web', title: /and Ingress shop\/front may hide who calls/ }],
    },
  ],
  undetermined: [
    { name: 'no blocks', objects: [namespace('shop'), pod('shop/web')], outcome: 'not-applicable', reason: /block/ },
  ],
});
