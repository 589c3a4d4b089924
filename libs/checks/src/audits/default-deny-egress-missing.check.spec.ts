import { denyAll, dns, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './default-deny-egress-missing.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 })];

testCheck(check, {
  clean: [{ name: 'a default deny', objects: [...shop, denyAll('shop', 'Egress')] }],
  flagged: [
    {
      name: 'ingress alone, and the fix keeps DNS on the port of the resolver',
      objects: [...shop, denyAll('shop', 'Ingress'), ...dns(5353), denyAll('kube-system', 'Egress')],
      finds: [
        {
          at: 'shop',
          severity: 'medium',
          flow: 'shop/web -> 8.8.8.8 TCP 443 allow',
          change: [
            'shop/web[Pod] -> kube-system/coredns[Pod] -TCP 1-5352, 5354-65535; UDP 1-5352, 5354-65535; SCTP any',
            'shop/web[Pod] -> 0.0.0.0/0 -all',
          ],
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
