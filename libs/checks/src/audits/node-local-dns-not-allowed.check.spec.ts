import { cilium, daemonSet, denyAll, namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './node-local-dns-not-allowed.check.js';

const cache = daemonSet('kube-system/node-local-dns', {
  hostNetwork: true,
  containers: [{ name: 'node-cache', image: 'k8s-dns-node-cache' }],
});
/** One that listens at an address of its own. */
const elsewhere = daemonSet('kube-system/nodelocaldns', {
  hostNetwork: true,
  containers: [{ name: 'node-cache', image: 'k8s-dns-node-cache', args: ['-localip', '169.254.25.10'] }],
});
const shop = [node(), namespace('shop'), namespace('kube-system'), pod('shop/web'), denyAll('shop', 'Egress')];
const allows = policy('shop/dns', {
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [{ to: [{ ipBlock: { cidr: '169.254.20.10/32' } }], ports: [{ protocol: 'UDP', port: 53 }] }],
});

testCheck(check, {
  clean: [{ name: 'the address of the cache is allowed', objects: [...shop, cache, allows] }],
  flagged: [
    {
      name: 'closed pods without the cache',
      objects: [...shop, cache],
      finds: [{ at: 'shop', severity: 'high', flow: 'shop/web -> 169.254.20.10 UDP 53 deny' }],
    },
    {
      name: 'closed pods without a cache that listens elsewhere',
      objects: [...shop, elsewhere, allows],
      finds: [{ at: 'shop', severity: 'high', flow: 'shop/web -> 169.254.25.10 UDP 53 deny' }],
    },
    {
      name: 'pods of Cilium that are allowed the address, which is the host there',
      objects: [...shop, cache, cilium('v1.18.2'), allows],
      finds: [
        {
          ...{ at: 'shop', severity: 'high', flow: 'shop/web -> 169.254.20.10 UDP 53 allow' },
          evidence: /enforced: .*the host's, which no block matches/,
        },
      ],
    },
  ],
  undetermined: [{ name: 'no cache', objects: shop, outcome: 'not-applicable', reason: /no DNS cache/ }],
});
