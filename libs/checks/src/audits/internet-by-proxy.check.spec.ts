import {
  app,
  byService,
  cilium,
  denyAll,
  localRedirect,
  namespace,
  NO_PODS,
  node,
  pod,
  policy,
  service,
} from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './internet-by-proxy.check.js';

/** A client that may talk to pods of its namespace only, and a proxy that no policy closes. */
const shop = [
  node(),
  namespace('shop'),
  namespace('tools'),
  pod('shop/web'),
  policy('shop/inside', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: {} }] }] }),
];
const squid = pod('tools/squid-0', { labels: { app: 'squid' }, port: 3128 });
const limited = policy('tools/squid', {
  podSelector: { matchLabels: { app: 'squid' } },
  egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
});
const viaService = [
  pod('tools/cache', { labels: { app: 'cache' } }),
  service('tools/egress-proxy', { selector: { app: 'cache' }, ports: [{ port: 8080, targetPort: 9999 }] }),
];

testCheck(check, {
  clean: [
    { name: 'a proxy that stays inside', objects: [...shop, squid, limited] },
    { name: 'a proxy that admits nobody', objects: [...shop, squid, denyAll('tools', 'Ingress')] },
    {
      name: 'clients that reach the internet themselves',
      objects: [node(), namespace('shop'), namespace('tools'), pod('shop/web'), squid],
    },
    {
      name: 'a client whose owner said why',
      objects: [
        node(),
        namespace('shop'),
        namespace('tools'),
        pod('shop/web', { annotations: { 'netpol-atlas/internet-egress': 'payments' } }),
        denyAll('shop', 'Egress'),
        squid,
      ],
    },
  ],
  flagged: [
    {
      name: 'a client that is kept inside and a proxy that is not',
      objects: [...shop, pod('shop/api'), squid],
      finds: [
        {
          at: 'tools/squid-0',
          title: '2 workloads without the internet may reach it by Pod tools/squid-0',
          evidence: /^clients: shop\/api, shop\/web\nnext hop: tools\/squid-0 -> 8\.8\.8\.8 TCP 443 allow: /,
          flow: 'shop/api -> tools/squid-0 TCP 3128 allow',
          change: null,
        },
      ],
    },
    {
      name: 'a proxy by its Service, past which clients are led to pods on their node',
      objects: [
        cilium(),
        ...shop,
        ...viaService,
        pod('tools/near', { labels: { app: 'near' } }),
        localRedirect(
          'tools/near',
          byService('tools/egress-proxy'),
          { app: 'near' },
          { port: '9999', protocol: 'TCP' },
        ),
      ],
      finds: [{ at: 'tools/cache', flow: 'shop/web -> tools/cache TCP 9999 allow' }],
    },
    {
      name: 'a proxy by the name and port of its Service, let out on one port',
      objects: [
        ...shop,
        ...viaService,
        policy('tools/cache', {
          podSelector: { matchLabels: { app: 'cache' } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [{ from: [{ namespaceSelector: {}, ...(app('web') as object) }], ports: [{ port: 9999 }] }],
          egress: [{ ports: [{ port: 80 }] }],
        }),
      ],
      finds: [
        {
          at: 'tools/cache',
          evidence: /^next hop: tools\/cache -> 8\.8\.8\.8 TCP 80 allow/m,
          flow: 'shop/web -> tools/cache TCP 9999 allow',
        },
      ],
    },
  ],
  undetermined: [
    {
      name: 'nothing but a proxy of one application',
      objects: [...shop, pod('tools/oauth2-proxy', { port: 8080 })],
      outcome: 'not-applicable',
      reason: /forward proxy/,
    },
    {
      name: 'pods could not be listed',
      objects: [...shop, squid],
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
