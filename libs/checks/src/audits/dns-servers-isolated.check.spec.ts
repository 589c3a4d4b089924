import { denyAll, dns, everyPodOf, mayLeadPastDns, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './dns-servers-isolated.check.js';

const cluster = [node(), namespace('shop'), pod('shop/web'), ...dns()];
const name = 'kubernetes.io/metadata.name';
const notWeb = { key: 'app', operator: 'NotIn', values: ['web'] };
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
    {
      name: 'those are not admitted who ask the resolvers of their own nodes',
      objects: [
        node(),
        node('n2'),
        namespace('shop'),
        pod('shop/web', { node: 'n2' }),
        ...dns(53, { internalTrafficPolicy: 'Local' }),
        admits(
          { namespaceSelector: { matchExpressions: [{ key: name, operator: 'NotIn', values: ['shop'] }] } },
          { namespaceSelector: { matchLabels: { [name]: 'shop' } }, podSelector: { matchExpressions: [notWeb] } },
        ),
      ],
    },
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
      name: 'clients may be led past the resolvers',
      objects: [...cluster, denyAll('kube-system', 'Ingress'), ...mayLeadPastDns()],
      outcome: 'unknown',
      reason: /releases of Cilium differ/,
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
