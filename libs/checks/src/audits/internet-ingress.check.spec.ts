import {
  app,
  byService,
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
import { check } from './internet-ingress.check.js';

const shop = [node(), namespace('shop'), pod('shop/web', { port: 8080 })];
const published = (type: string): unknown =>
  service('shop/web', { type, selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] });
const admits = (...from: unknown[]): unknown =>
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{ from }] });
const accepted = {
  ...(published('LoadBalancer') as object),
  metadata: { name: 'web', namespace: 'shop', annotations: { 'netpol-atlas/internet-ingress': 'the shop window' } },
};

const narrowed = (...loadBalancerSourceRanges: string[]): unknown => {
  const raw = published('LoadBalancer') as { spec: object };
  return { ...raw, spec: { ...raw.spec, loadBalancerSourceRanges } };
};

testCheck(check, {
  clean: [
    {
      name: 'its pods admit nobody from outside, other than those to which clients inside are redirected',
      objects: [
        ...shop,
        published('LoadBalancer'),
        admits({ ipBlock: { cidr: '10.0.0.0/8' } }),
        pod('shop/near', { port: 8080 }),
        localRedirect('shop/near', byService('shop/web'), { app: 'near' }, { port: '8080', protocol: 'TCP' }),
      ],
    },
    {
      name: 'policy admits nobody from outside',
      objects: [...shop, published('LoadBalancer'), denyAll('shop', 'Ingress')],
    },
    {
      name: 'policy admits addresses of the company',
      objects: [...shop, published('LoadBalancer'), admits({ ipBlock: { cidr: '10.0.0.0/8' } })],
    },
    { name: 'its load balancer takes the company alone', objects: [...shop, narrowed('10.0.0.0/8')] },
    { name: 'its owner says that it is public', objects: [...shop, accepted] },
  ],
  flagged: [
    {
      name: 'no policy, and pods with addresses of the newer family alone',
      objects: [...shop.slice(0, 2), pod('shop/web', { port: 8080, ips: ['fd00::5'] }), published('LoadBalancer')],
      finds: [{ at: 'shop/web', flow: '2001:4860:4860::8888 -> shop/web TCP 8080 allow' }],
    },
    {
      name: 'a rule admits the internet of the newer family alone',
      objects: [
        ...shop.slice(0, 2),
        pod('shop/web', { port: 8080, ips: ['10.244.0.5', 'fd00::5'] }),
        published('LoadBalancer'),
        admits({ ipBlock: { cidr: '::/0' } }),
      ],
      finds: [{ at: 'shop/web', flow: '2001:4860:4860::8888 -> shop/web TCP 8080 allow' }],
    },
    {
      name: 'no policy',
      objects: [...shop, published('LoadBalancer')],
      finds: [{ at: 'shop/web', severity: 'high', confidence: 'likely', flow: '8.8.8.8 -> shop/web TCP 8080 allow' }],
    },
    {
      name: 'a rule admits some of the internet',
      objects: [...shop, published('NodePort'), admits(app('x'), { ipBlock: { cidr: '52.0.0.0/11' } })],
      finds: [{ at: 'shop/web', flow: '52.0.0.0 -> shop/web TCP 8080 allow' }],
    },
    {
      name: 'its load balancer takes a few',
      objects: [...shop, narrowed('52.0.0.0/11', '10.0.0.0/8')],
      finds: [
        {
          at: 'shop/web',
          evidence: /52\.0\.0\.0\/11, 10\.0\.0\.0\/8/,
          flow: '52.0.0.0 -> shop/web TCP 8080 allow',
        },
      ],
    },
    {
      name: 'the proxy of an Ingress, with what it hands on to',
      objects: [
        node(),
        namespace('ingress'),
        namespace('shop'),
        pod('ingress/controller', { port: 80, labels: { app: 'ingress-nginx' } }),
        pod('shop/web', { port: 8080 }),
        service('ingress/controller', {
          type: 'LoadBalancer',
          selector: { app: 'ingress-nginx' },
          ports: [{ port: 80 }],
        }),
        service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: { name: 'front', namespace: 'shop' },
          spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
        },
      ],
      finds: [{ at: 'ingress/controller', evidence: /hands on to what these name: shop\/front/ }],
    },
  ],
  undetermined: [
    {
      name: 'nothing is published',
      objects: [...shop, published('ClusterIP')],
      outcome: 'not-applicable',
      reason: /published/,
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
