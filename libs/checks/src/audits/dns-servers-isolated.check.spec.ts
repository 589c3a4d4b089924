import { denyAll, dns, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './dns-servers-isolated.check.js';

const cluster = [node(), namespace('shop'), pod('shop/web'), ...dns()];
const admits = (...from: unknown[]): unknown =>
  policy('kube-system/dns', {
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    policyTypes: ['Ingress'],
    ingress: [{ from }],
  });

testCheck(check, {
  clean: [
    { name: 'open', objects: cluster },
    { name: 'every namespace is admitted', objects: [...cluster, admits({ namespaceSelector: {} })] },
  ],
  flagged: [
    {
      name: 'closed for everyone; the fix opens port 53',
      objects: [...cluster, denyAll('kube-system', 'Ingress')],
      finds: [
        {
          at: 'kube-system/coredns',
          severity: 'critical',
          flow: 'shop/web -> kube-system/coredns UDP 53 deny',
          change: ['shop/web[Pod] -> kube-system/coredns[Pod] +TCP 53; UDP 53'],
        },
      ],
    },
    {
      name: 'namespaces of today only',
      objects: [...cluster, admits(everyPodOf('shop'))],
      finds: [{ at: 'kube-system/coredns', flow: 'any pod of any namespace -> kube-system/coredns UDP 53 deny' }],
    },
  ],
  undetermined: [
    {
      name: 'no DNS Service in the inventory',
      objects: [namespace('shop'), pod('shop/web')],
      outcome: 'unknown',
      reason: /no cluster DNS/,
    },
    {
      name: 'pods could not be listed',
      objects: cluster,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
