import { denyAll, dns, everyPodOf, mayLeadPastDns, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './dns-egress-missing.check.js';

const shop = [node(), namespace('shop'), pod('shop/web'), denyAll('shop', 'Egress')];
const onNodes = dns(53, { internalTrafficPolicy: 'Local' });
const elsewhere = pod('kube-system/elsewhere', {
  node: 'n2',
  labels: { 'k8s-app': 'kube-dns', shard: 'b' },
  ports: [{ containerPort: 53, protocol: 'UDP' }],
});
const allowsShard = (operator: string): unknown =>
  policy('shop/dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'shard', operator }] } }] }],
  });
const allows = (port: number, ...protocols: string[]): unknown =>
  policy('shop/dns', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [everyPodOf('kube-system')], ports: protocols.map((protocol) => ({ protocol, port })) }],
  });

testCheck(check, {
  clean: [
    { name: 'UDP and TCP', objects: [...shop, ...dns(), allows(53, 'UDP', 'TCP')] },
    { name: 'on the port that the resolver listens on', objects: [...shop, ...dns(5353), allows(5353, 'UDP', 'TCP')] },
    {
      name: 'a resolver is closed that clients of another node use',
      objects: [...shop, node('n2'), ...onNodes, elsewhere, allowsShard('DoesNotExist')],
    },
    {
      name: 'the node of the pod has no resolver, for which no policy is to blame',
      objects: [...shop, pod('shop/far', { node: 'n3' }), ...onNodes, allowsShard('DoesNotExist')],
    },
  ],
  flagged: [
    {
      name: 'the resolver of its own node alone, whatever others there are',
      objects: [...shop, node('n2'), ...onNodes, elsewhere, allowsShard('Exists')],
      finds: [{ at: 'shop', severity: 'high', flow: 'shop/web -> kube-system/coredns UDP 53 deny' }],
    },
    {
      name: 'no rule; the fix opens the resolvers and nothing else',
      objects: [...shop, ...dns()],
      finds: [
        {
          at: 'shop',
          severity: 'high',
          flow: 'shop/web -> kube-system/coredns UDP 53 deny',
          change: [
            'shop/web[Pod] -> kube-system/coredns[Pod] +TCP 53; UDP 53',
            'shop/(a new pod) -> kube-system/coredns[Pod] +TCP 53; UDP 53',
          ],
        },
      ],
    },
    {
      name: 'the port of the Service where the resolver has another one',
      objects: [...shop, ...dns(5353), allows(53, 'UDP', 'TCP')],
      finds: [{ at: 'shop', flow: 'shop/web -> kube-system/coredns UDP 5353 deny' }],
    },
    {
      name: 'UDP alone fails on large answers',
      objects: [...shop, ...dns(), allows(53, 'UDP')],
      finds: [{ at: 'shop', severity: 'low', title: /TCP/, flow: 'shop/web -> kube-system/coredns TCP 53 deny' }],
    },
    {
      name: 'one resolver of two: lookups fail now and then',
      objects: [
        ...shop,
        ...dns(),
        pod('kube-system/other', {
          labels: { 'k8s-app': 'kube-dns', shard: 'b' },
          ports: [{ containerPort: 53, protocol: 'UDP' }],
        }),
        policy('shop/dns', {
          podSelector: {},
          policyTypes: ['Egress'],
          egress: [
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
                  podSelector: { matchLabels: { shard: 'b' } },
                },
              ],
            },
          ],
        }),
      ],
      finds: [
        {
          at: 'shop',
          severity: 'medium',
          title: /by some of the resolvers/,
          flow: 'shop/web -> kube-system/coredns UDP 53 deny',
        },
      ],
    },
    {
      name: 'one resolver of three, and of another it cannot be told: the flow shown is one that is denied',
      objects: [
        ...shop,
        ...[
          { name: 'a-new-one', ip: '' },
          { name: 'allowed', ip: '10.244.0.250' },
        ].map(({ name, ip }) =>
          pod(`kube-system/${name}`, {
            ip,
            labels: { 'k8s-app': 'kube-dns' },
            ports: [{ containerPort: 53, protocol: 'UDP' }],
          }),
        ),
        ...dns(),
        policy('shop/dns', {
          podSelector: {},
          policyTypes: ['Egress'],
          egress: [{ to: [{ ipBlock: { cidr: '10.244.0.240/28' } }] }],
        }),
      ],
      finds: [{ at: 'shop', severity: 'medium', flow: 'shop/web -> kube-system/coredns UDP 53 deny' }],
    },
    {
      name: 'the resolvers themselves refuse it',
      objects: [...shop, ...dns(), allows(53, 'UDP', 'TCP'), denyAll('kube-system', 'Ingress')],
      finds: [
        {
          at: 'shop',
          flow: 'shop/web -> kube-system/coredns UDP 53 deny',
          change: ['shop/web[Pod] -> kube-system/coredns[Pod] +TCP 53; UDP 53'],
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no DNS Service in the inventory', objects: shop, outcome: 'unknown', reason: /no cluster DNS Service/ },
    {
      name: 'the DNS Service has no endpoint',
      objects: [...shop, ...dns().filter((object) => (object as { kind: string }).kind !== 'Pod')],
      outcome: 'unknown',
      reason: /no ready endpoint/,
    },
    {
      name: 'clients may be led past the resolvers',
      objects: [...shop, ...dns(), ...mayLeadPastDns()],
      outcome: 'unknown',
      reason: /others than the pods of the cluster DNS Service may answer: releases of Cilium differ/,
    },
    { name: 'nothing is closed', objects: shop.slice(0, -1), outcome: 'not-applicable', reason: /no policy closes/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
