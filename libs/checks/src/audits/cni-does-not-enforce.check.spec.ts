import { CALICO, daemonSet, denyAll, FLANNEL, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './cni-does-not-enforce.check.js';

const shop = [
  node(),
  namespace('kube-system'),
  namespace('kube-flannel'),
  namespace('shop'),
  pod('shop/web', { port: 8080 }),
];

const KUBE_NETWORK_POLICIES = daemonSet('kube-system/kube-network-policies', {
  hostNetwork: true,
  containers: [{ name: 'kube-network-policies', image: 'registry.k8s.io/networking/kube-network-policies:v1.0.0' }],
});

testCheck(check, {
  clean: [{ name: 'Calico enforces', objects: [...shop, CALICO, denyAll('shop', 'Ingress')] }],
  flagged: [
    {
      name: 'Flannel alone lets pass what policy denies',
      objects: [...shop, FLANNEL, denyAll('shop', 'Ingress')],
      finds: [
        {
          at: '',
          severity: 'critical',
          title: /does not enforce the one policy/,
          flow: 'any pod of any namespace -> shop/web TCP 8080 deny',
          change: null,
        },
      ],
    },
    {
      name: 'without policies it weighs less',
      objects: [...shop, FLANNEL],
      finds: [{ at: '', severity: 'high', flow: null }],
    },
    {
      name: 'two engines at once',
      objects: [...shop, CALICO, KUBE_NETWORK_POLICIES, denyAll('shop', 'Ingress')],
      finds: [{ at: '', severity: 'medium', title: /^.+ and .+ enforce policy at once$/, flow: null, change: null }],
    },
  ],
  undetermined: [
    {
      name: 'nothing tells which plugin runs',
      objects: [...shop, denyAll('shop', 'Ingress')],
      outcome: 'unknown',
      reason: /cannot be told/,
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
