import { node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './ambient-hbone-blocked.check.js';

const ambient = (name: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name, 'istio.io/dataplane-mode': 'ambient' } },
});
const admits = (...ports: number[]): unknown =>
  policy('shop/api', {
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [{ ports: ports.map((port) => ({ port })) }],
  });
const shop = [node(), ambient('shop'), pod('shop/web', { port: 8080 }), pod('shop/api', { port: 8080 })];

testCheck(check, {
  clean: [{ name: 'the tunnel is admitted too', objects: [...shop, admits(8080, 15008)] }],
  flagged: [
    {
      name: 'only the port of the application',
      objects: [...shop, admits(8080)],
      finds: [{ at: 'shop', severity: 'high', flow: 'shop/web -> shop/api TCP 15008 deny' }],
    },
  ],
  undetermined: [
    {
      name: 'no ambient mesh',
      objects: [node(), pod('shop/web'), admits(8080)],
      outcome: 'not-applicable',
      reason: /ambient/,
    },
  ],
});
