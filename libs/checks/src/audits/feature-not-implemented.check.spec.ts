import { CALICO, cilium, FLANNEL, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './feature-not-implemented.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 }), pod('shop/api')];
const OLD_CILIUM = cilium('v1.14.0');
const admits = (port: unknown): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ ports: [port] }] });

testCheck(check, {
  clean: [
    { name: 'the plugin knows ranges', objects: [...shop, CALICO, admits({ port: 8000, endPort: 8010 })] },
    { name: 'the plugin knows names of ports', objects: [...shop, CALICO, admits({ port: 'http' })] },
  ],
  flagged: [
    {
      name: 'a short range is written out',
      objects: [...shop, OLD_CILIUM, admits({ port: 8079, endPort: 8081 })],
      finds: [{ at: 'shop/web', pointer: '/spec/ingress/0#(endPort)', title: /a range of ports/, change: [] }],
    },
    {
      name: 'a long range is a task',
      objects: [...shop, OLD_CILIUM, admits({ port: 8000, endPort: 9000 })],
      finds: [{ at: 'shop/web', change: null }],
    },
    {
      name: 'a protocol that is switched off',
      objects: [...shop, OLD_CILIUM, admits({ port: 80, protocol: 'SCTP' })],
      finds: [{ at: 'shop/web', title: /uses SCTP: Cilium.* does not see it$/, change: null }],
    },
  ],
  undetermined: [
    {
      name: 'nothing of the kind',
      objects: [...shop, CALICO, admits({ port: 80 })],
      outcome: 'not-applicable',
      reason: /no rule uses/,
    },
    {
      name: 'nothing enforces',
      objects: [...shop, FLANNEL, admits({ port: 1, endPort: 2 })],
      outcome: 'skip',
      reason: /not known that this cluster enforces/,
    },
    {
      name: 'pods could not be listed',
      objects: [...shop, CALICO],
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
