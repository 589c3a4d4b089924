import { denyAll, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './ambient-probe-blocked.check.js';

const AMBIENT = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop', 'istio.io/dataplane-mode': 'ambient' } },
};
const shop = [node(), AMBIENT, pod('shop/web', { port: 8080 }), denyAll('shop', 'Ingress')];
const probes = policy('shop/probes', {
  podSelector: {},
  policyTypes: ['Ingress'],
  ingress: [{ from: [{ ipBlock: { cidr: '169.254.7.127/32' } }] }],
});

testCheck(check, {
  clean: [{ name: 'probes are admitted', objects: [...shop, probes] }],
  flagged: [
    {
      name: 'a closed namespace; the fix opens the address of probes alone',
      objects: shop,
      finds: [
        {
          at: 'shop',
          flow: '169.254.7.127 -> shop/web TCP 8080 deny',
          change: ['169.254.7.127 -> shop/web[Pod] +all'],
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no ambient mesh', objects: [node(), pod('shop/web')], outcome: 'not-applicable', reason: /ambient/ },
  ],
});
