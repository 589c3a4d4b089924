import { app, namespace, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './mesh-and-policy-disagree.check.js';

/** Lets one service account of the shop call the API. */
const authorization = (account: string): unknown => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'api', namespace: 'shop' },
  spec: {
    selector: { matchLabels: { app: 'api' } },
    rules: [{ from: [{ source: { principals: [`cluster.local/ns/shop/sa/${account}`] } }] }],
  },
});
const everyone = {
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'api', namespace: 'shop' },
  spec: { selector: { matchLabels: { app: 'api' } }, rules: [{}] },
};
const admits = (name: string): unknown =>
  policy('shop/api', {
    podSelector: { matchLabels: { app: 'api' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [app(name)], ports: [{ port: 8080 }] }],
  });
const shop = [
  node(),
  namespace('shop', { 'istio-injection': 'enabled' }),
  ...['api', 'web', 'jobs'].map((name) => pod(`shop/${name}`, { port: 8080, serviceAccount: name })),
];

testCheck(check, {
  clean: [
    { name: 'both let the same caller in', objects: [...shop, authorization('web'), admits('web')] },
    { name: 'the mesh lets everyone in, the network chooses', objects: [...shop, everyone, admits('web')] },
    { name: 'the network has no policy, the mesh chooses', objects: [...shop, authorization('web')] },
  ],
  flagged: [
    {
      name: 'each lets in whom the other denies',
      objects: [...shop, authorization('web'), admits('jobs')],
      finds: [
        {
          at: 'shop/api',
          title: 'disagree about who may call shop/api',
          flow: 'shop/jobs -> shop/api TCP 8080 deny',
          change: null,
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no policy of a mesh', objects: shop, outcome: 'not-applicable', reason: /no policy of a mesh/ },
  ],
});
