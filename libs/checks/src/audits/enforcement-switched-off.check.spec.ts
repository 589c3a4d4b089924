import { CALICO, cilium, ciliumConfig, denyAll, namespace, NO_PODS, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './enforcement-switched-off.check.js';

const shop = [namespace('kube-system'), namespace('shop'), pod('shop/web', { port: 8080 })];
const staged = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'StagedNetworkPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { selector: 'all()', types: ['Ingress'] },
};

testCheck(check, {
  clean: [
    { name: 'Cilium as it comes', objects: [...shop, cilium(), ciliumConfig({ 'enable-policy': 'default' })] },
    {
      name: 'Calico with a policy beside a staged one',
      objects: [...shop, CALICO, staged, denyAll('shop', 'Ingress')],
    },
  ],
  flagged: [
    {
      name: 'Cilium told to enforce nothing',
      objects: [...shop, cilium(), ciliumConfig({ 'enable-policy': 'never' })],
      finds: [{ at: 'kube-system/cilium-config', pointer: '/data/enable-policy', severity: 'critical' }],
    },
    {
      name: 'Cilium in audit mode',
      objects: [...shop, cilium(), ciliumConfig({ 'policy-audit-mode': 'true' })],
      finds: [{ at: 'kube-system/cilium-config', pointer: '/data/policy-audit-mode' }],
    },
    {
      name: 'staged previews only',
      objects: [...shop, CALICO, staged],
      finds: [{ at: '', severity: 'high', title: /staged/ }],
    },
  ],
  undetermined: [
    { name: 'nothing tells which plugin runs', objects: shop, outcome: 'unknown', reason: /cannot be told/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
