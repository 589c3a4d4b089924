import { CALICO, cilium, denyAll, namespace, NO_PODS, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './policy-field-without-effect.check.js';

const shop = [namespace('kube-system'), namespace('shop'), pod('shop/web')];
const ciliumPolicy = (spec: object): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { endpointSelector: {}, ...spec },
});
const range = ciliumPolicy({
  ingress: [{ toPorts: [{ ports: [{ port: '8000', endPort: 8010, protocol: 'TCP' }] }] }],
});

testCheck(check, {
  clean: [
    { name: 'the version has the field', objects: [...shop, cilium('v1.18.2'), range] },
    { name: 'NetworkPolicy as it should be', objects: [...shop, CALICO, denyAll('shop', 'Ingress')] },
  ],
  flagged: [
    {
      name: 'a range of ports under an old Cilium',
      objects: [...shop, cilium('v1.15.3'), range],
      finds: [
        {
          at: 'shop/p',
          pointer: '/spec/ingress/0/toPorts/0/ports/0/endPort',
          severity: 'medium',
          title: /Cilium 1\.15\.3/,
          change: null,
        },
      ],
    },
    {
      name: 'a refused field',
      objects: [...shop, CALICO, policy('shop/web', { podSelector: {}, ingress: [{ ports: [{ port: -443 }] }] })],
      finds: [{ at: 'shop/web', pointer: '/spec/ingress/0/ports/0/port', severity: 'high', change: null }],
    },
    {
      name: 'a field that the kind does not have',
      objects: [...shop, CALICO, policy('shop/web', { podSelector: {}, ingres: [{}] })],
      finds: [{ at: 'shop/web', pointer: '/spec/ingres', severity: 'medium', change: null }],
    },
  ],
  undetermined: [
    { name: 'no policies', objects: [...shop, CALICO], outcome: 'not-applicable', reason: /no policies/ },
    {
      name: 'pods could not be listed',
      objects: [...shop, CALICO],
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
