import { CALICO, denyAll, dns, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './namespace-without-policy.check.js';

const shop = [node(), namespace('shop'), namespace('other'), pod('shop/web', { port: 8080 })];
const settings = { systemNamespaces: ['kube-system'] };

testCheck(check, {
  clean: [
    { name: 'one policy closes one of its pods', objects: [...shop, denyAll('shop', 'Ingress')] },
    {
      name: 'a cluster-wide policy closes it',
      objects: [
        ...shop,
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumClusterwideNetworkPolicy',
          metadata: { name: 'all' },
          spec: { endpointSelector: {}, ingress: [{}] },
        },
      ],
    },
  ],
  flagged: [
    {
      name: 'no policy at all',
      objects: [...shop, ...dns(5353), CALICO, denyAll('kube-system', 'Ingress')],
      settings,
      finds: [
        {
          at: 'shop',
          severity: 'high',
          flow: 'kube-system/coredns -> shop/web TCP 8080 allow',
          change: [
            'kube-system/coredns[Pod] -> shop/web[Pod] -all',
            'shop/web[Pod] -> 0.0.0.0/0 -all',
            'shop/web[Pod] -> shop/(a new pod) -all',
          ],
        },
      ],
    },
    {
      name: 'a policy that selects nothing does not count',
      objects: [...shop, policy('shop/p', { podSelector: { matchLabels: { app: 'gone' } } })],
      finds: [{ at: 'shop' }],
    },
    {
      name: 'less in a namespace of the platform, and no generated manifest',
      objects: dns(),
      finds: [{ at: 'kube-system', severity: 'low', change: null }],
    },
  ],
  undetermined: [
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not be listed: forbidden/,
    },
    {
      name: 'a kind of policy could not be listed',
      objects: shop,
      completeness: { 'CiliumNetworkPolicy.cilium.io': { complete: false } },
      outcome: 'skip',
      reason: /CiliumNetworkPolicy/,
    },
    { name: 'no pods', objects: [namespace('shop')], outcome: 'not-applicable', reason: /no namespace has pods/ },
  ],
});
