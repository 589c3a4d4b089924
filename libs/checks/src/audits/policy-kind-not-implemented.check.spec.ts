import { CALICO, denyAll, FLANNEL, namespace, NO_PODS, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './policy-kind-not-implemented.check.js';

const shop = [namespace('kube-system'), namespace('shop'), pod('shop/web')];
const ciliumPolicy = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'p', namespace: 'shop' },
  spec: { endpointSelector: {}, ingress: [{}] },
};

testCheck(check, {
  clean: [{ name: 'NetworkPolicy under Calico', objects: [...shop, CALICO, denyAll('shop', 'Ingress')] }],
  flagged: [
    {
      name: 'a Cilium policy under Calico',
      objects: [...shop, CALICO, denyAll('shop', 'Ingress'), ciliumPolicy],
      finds: [{ at: 'CiliumNetworkPolicy.cilium.io', severity: 'high', change: null }],
    },
  ],
  undetermined: [
    {
      name: 'nothing tells which plugin runs',
      objects: [...shop, denyAll('shop', 'Ingress')],
      outcome: 'unknown',
      reason: /not known/,
    },
    {
      name: 'a plugin that enforces nothing is another finding',
      objects: [...shop, FLANNEL, ciliumPolicy],
      outcome: 'not-applicable',
      reason: /no policy of any kind/,
    },
    { name: 'no policies', objects: [...shop, CALICO], outcome: 'not-applicable', reason: /no policies/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
