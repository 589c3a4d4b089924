import { app, namespace, NO_PODS, node, pod, policy, service } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './service-port-not-pod-port.check.js';

const to = (targetPort: number | string): unknown =>
  service('shop/web', { selector: { app: 'web' }, ports: [{ port: 443, targetPort }] });
const shop = [node(), namespace('shop'), pod('shop/web', { port: 8443 }), pod('shop/api'), pod('shop/other')];
const admits = (port: number): unknown =>
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [app('api')], ports: [{ port }] }],
  });
const sends = (port: number): unknown =>
  policy('shop/api', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Egress'],
    egress: [{ to: [app('web')], ports: [{ port }] }],
  });
/** The same, after an init container that gives the name of its port to another. */
const withInit = (): unknown => {
  const raw = pod('shop/web', { port: 8443 }) as { readonly spec: object };
  const ports = [{ name: 'http', containerPort: 9000 }];
  return { ...raw, spec: { initContainers: [{ name: 'i', image: 'i', ports }], ...raw.spec } };
};

testCheck(check, {
  clean: [
    { name: 'the target port', objects: [...shop, to(8443), admits(8443)] },
    { name: 'a port that no Service has', objects: [...shop, to(8443), admits(9999)] },
    {
      name: 'another rule admits the target port',
      objects: [
        ...shop,
        to(8443),
        admits(443),
        policy('shop/more', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 8443 }] }] }),
      ],
    },
  ],
  flagged: [
    {
      name: 'ingress with the port of the Service',
      objects: [...shop, to('http'), admits(443)],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0/ports/0/port',
          severity: 'high',
          flow: 'shop/api -> shop/web TCP 8443 deny',
          change: ['shop/api[Pod] -> shop/web[Pod] +TCP 8443 -TCP 443'],
        },
      ],
    },
    {
      name: 'a target port by a name that an init container has as well',
      objects: [node(), namespace('shop'), withInit(), pod('shop/api'), to('http'), admits(443)],
      finds: [{ at: 'shop/web', flow: 'shop/api -> shop/web TCP 8443 deny' }],
    },
    {
      name: 'egress with the port of the Service',
      objects: [...shop, to(8443), sends(443)],
      finds: [{ at: 'shop/api', flow: 'shop/api -> shop/web TCP 8443 deny' }],
    },
  ],
  undetermined: [
    { name: 'no ports', objects: shop, outcome: 'not-applicable', reason: /port by number/ },
    {
      name: 'Services could not be listed',
      objects: shop,
      completeness: { Service: { complete: false, reason: 'forbidden' } },
      outcome: 'skip',
      reason: /Service could not be listed/,
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
