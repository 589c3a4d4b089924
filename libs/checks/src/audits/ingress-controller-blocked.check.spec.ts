import { denyAll, namespace, NO_PODS, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './ingress-controller-blocked.check.js';

const controller = pod('edge/controller', { labels: { 'app.kubernetes.io/name': 'ingress-nginx' } });
const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
};
const shop = [
  node(),
  namespace('edge'),
  namespace('shop'),
  pod('shop/web', { port: 8080 }),
  service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
  ingress,
];

testCheck(check, {
  clean: [
    { name: 'nothing closes the backend', objects: [...shop, controller] },
    {
      name: 'it admits the namespace of the controller on the port of the pods',
      objects: [
        ...shop,
        controller,
        policy('shop/web', {
          podSelector: {},
          ingress: [
            {
              from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } }],
              ports: [{ port: 8080 }],
            },
          ],
        }),
      ],
    },
  ],
  flagged: [
    {
      name: 'the backend is closed',
      objects: [...shop, controller, denyAll('shop', 'Ingress')],
      finds: [
        {
          at: 'shop/web',
          pointer: 'port 8080',
          flow: 'edge/controller -> shop/web TCP 8080 deny',
          change: ['edge/controller[Pod] -> shop/web[Pod] +TCP 8080'],
        },
      ],
    },
    {
      name: 'the controller is closed too: both halves are opened',
      objects: [...shop, controller, denyAll('shop', 'Ingress'), denyAll('edge', 'Egress')],
      finds: [{ at: 'shop/web', change: ['edge/controller[Pod] -> shop/web[Pod] +TCP 8080'] }],
    },
  ],
  undetermined: [
    {
      name: 'the controller is not known',
      objects: [...shop, denyAll('shop', 'Ingress')],
      outcome: 'unknown',
      reason: /not known by their labels/,
    },
    {
      name: 'nothing leads in',
      objects: shop.slice(0, -1),
      outcome: 'not-applicable',
      reason: /no Ingress, Route or Gateway/,
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
