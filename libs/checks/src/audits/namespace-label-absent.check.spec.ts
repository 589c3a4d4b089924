import { denyAll, dns, everyPodOf, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './namespace-label-absent.check.js';

const shop = [node(), namespace('shop', { team: 'a' }), pod('shop/web'), ...dns()];
const allows = (namespaceSelector: unknown): unknown =>
  policy('shop/dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ namespaceSelector }], ports: [{ protocol: 'UDP', port: 53 }] }],
  });

testCheck(check, {
  clean: [
    {
      name: 'by the label that every namespace has',
      objects: [...shop, allows(everyPodOf('kube-system').namespaceSelector)],
    },
    { name: 'by a label that some namespace has', objects: [...shop, allows({ matchLabels: { team: 'b' } })] },
    {
      name: 'by the label that every namespace has, where manifests bring no namespaces',
      objects: [pod('shop/web'), ...dns().slice(1), allows(everyPodOf('kube-system').namespaceSelector)],
    },
    {
      name: 'a key that must be absent may be',
      objects: [...shop, allows({ matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] })],
    },
  ],
  flagged: [
    {
      name: 'by `name`, which nothing sets; the fix opens what was meant',
      objects: [...shop, denyAll('shop', 'Egress'), allows({ matchLabels: { name: 'kube-system' } })],
      finds: [
        {
          at: 'shop/dns',
          pointer: '/spec/egress/0/to/0/namespaceSelector',
          severity: 'high',
          flow: 'shop/web -> kube-system/coredns UDP 53 deny',
          change: ['shop/web[Pod] -> kube-system/coredns[Pod] +UDP 53'],
        },
      ],
    },
    {
      name: 'in an expression',
      objects: [...shop, allows({ matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] })],
      finds: [{ at: 'shop/dns', title: /`env`/, flow: null }],
    },
  ],
  undetermined: [
    {
      name: 'a namespace whose labels are not known',
      objects: [...shop, pod('other/x'), allows({ matchLabels: { env: 'prod' } })],
      outcome: 'unknown',
      reason: /^whether other has `env` cannot be told$/,
    },
    {
      name: 'no peers',
      objects: [...shop, denyAll('shop', 'Egress')],
      outcome: 'not-applicable',
      reason: /no rule has a peer/,
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
