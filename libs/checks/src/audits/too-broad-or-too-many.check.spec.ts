import { CALICO, cilium, ciliumConfig, daemonSet, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './too-broad-or-too-many.check.js';

const shop = [node(), namespace('shop'), pod('shop/web')];
const rules = (count: number): unknown =>
  policy('shop/web', {
    podSelector: {},
    ingress: Array.from({ length: count }, (_, i) => ({ ports: [{ port: i + 1 }] })),
  });
const blocks = (count: number): unknown =>
  policy('shop/web', {
    podSelector: {},
    ingress: [{ from: Array.from({ length: count }, (_, i) => ({ ipBlock: { cidr: `10.0.${i}.0/24` } })) }],
  });

const mapOf = (entries: number | string): unknown => ciliumConfig({ 'bpf-policy-map-max': String(entries) });
const setsOf = (spec: Readonly<Record<string, unknown>>): unknown => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'FelixConfiguration',
  metadata: { name: 'default' },
  spec,
});
const KUBE_ROUTER = daemonSet('kube-system/kube-router', {
  hostNetwork: true,
  containers: [{ name: 'kube-router', image: 'docker.io/cloudnativelabs/kube-router:v2.6.1' }],
});
/** Twenty identities, one of them of two pods, on thirteen ports. */
const many = [
  ...shop,
  ...Array.from({ length: 20 }, (_, i) => pod(`shop/client-${i}`, { labels: { role: 'client', is: String(i) } })),
  pod('shop/client-again', { labels: { role: 'client', is: '0' } }),
  policy('shop/web', {
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [
      {
        from: [{ podSelector: { matchLabels: { role: 'client' } } }],
        ports: Array.from({ length: 13 }, (_, i) => ({ port: i + 1 })),
      },
    ],
  }),
];

testCheck(check, {
  clean: [
    { name: 'as many as one can read', objects: [...shop, rules(50), blocks(200)] },
    { name: 'a policy map that holds just all of it', objects: [...many, cilium(), mapOf(260)] },
    { name: 'a policy map whose size cannot be read', objects: [...many, cilium(), mapOf('plenty')] },
    { name: 'IP sets that hold just all of it', objects: [...many, CALICO, setsOf({ maxIpsetSize: 21 })] },
    {
      name: 'sets of nftables, which have no such size',
      objects: [...many, CALICO, setsOf({ maxIpsetSize: 20, nftablesMode: 'Enabled' })],
    },
    { name: 'IP sets of the usual size', objects: [...many, KUBE_ROUTER] },
    { name: 'a policy map of another engine', objects: [...many, mapOf(259)] },
  ],
  flagged: [
    {
      name: 'many rules',
      objects: [...shop, rules(51)],
      finds: [{ at: 'shop/web', title: /has 51 rules$/, change: null }],
    },
    {
      name: 'many blocks',
      objects: [...shop, blocks(201)],
      finds: [{ at: 'shop/web', title: /has 201 address blocks$/ }],
    },
    {
      name: 'many entries',
      objects: [
        node(),
        namespace('shop'),
        ...Array.from({ length: 150 }, (_, i) => pod(`shop/web-${i}`)),
        policy('shop/web', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }),
      ],
      finds: [{ at: 'shop/web', title: /has 22500 entries$/ }],
    },
    {
      name: 'a policy map that is too small for a pod',
      objects: [...many, cilium(), mapOf(259)],
      finds: [
        { at: 'shop/web', severity: 'high', title: /ask for 260 entries .* holds 259$/, flow: null, change: null },
      ],
    },
    {
      name: 'an IP set that is too small for the pods that a rule names',
      objects: [...many, CALICO, setsOf({ maxIpsetSize: 20 })],
      finds: [
        {
          at: 'shop/web',
          pointer: '/spec/ingress/0',
          severity: 'high',
          title: /names 21 addresses of pods at \/spec\/ingress\/0, and an IP set holds 20$/,
          evidence: /^max-ipset-size: 20$/,
          flow: null,
          change: null,
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no policy', objects: shop, outcome: 'not-applicable', reason: /no NetworkPolicy/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
