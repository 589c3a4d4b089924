import { API_SERVER, denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './apiserver-egress-missing.check.js';

const base = [node(), namespace('shop'), namespace('default'), ...API_SERVER];
const operator = pod('shop/operator', { serviceAccount: 'operator' });
const account = (automount: boolean): unknown => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'operator', namespace: 'shop' },
  automountServiceAccountToken: automount,
});
const binding = (name: string): unknown => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'operator', namespace: 'shop' },
  roleRef: { kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'ServiceAccount', namespace: 'shop', name }],
});
const toServer = policy('shop/to-server', {
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [{ to: [{ ipBlock: { cidr: '172.18.0.10/32' } }], ports: [{ port: 6443 }] }],
});

testCheck(check, {
  clean: [
    { name: 'egress is open', objects: [...base, operator] },
    { name: 'egress admits its endpoints', objects: [...base, operator, denyAll('shop', 'Egress'), toServer] },
  ],
  flagged: [
    {
      name: 'egress is closed',
      objects: [...base, operator, denyAll('shop', 'Egress'), account(true)],
      finds: [
        {
          at: 'shop/operator',
          severity: 'medium',
          flow: 'shop/operator -> 172.18.0.10 TCP 6443 deny',
          change: ['shop/operator[Pod] -> 172.18.0.10 +TCP 6443'],
        },
      ],
    },
    {
      name: 'the default account was given rights',
      objects: [...base, pod('shop/web'), denyAll('shop', 'Egress'), binding('default')],
      finds: [{ at: 'shop/web', flow: 'shop/web -> 172.18.0.10 TCP 6443 deny' }],
    },
    {
      name: 'the pod asks for the token that its account would not give it',
      objects: [
        ...base,
        pod('shop/operator', { serviceAccount: 'operator', automountServiceAccountToken: true }),
        denyAll('shop', 'Egress'),
        account(false),
      ],
      finds: [{ at: 'shop/operator' }],
    },
  ],
  undetermined: [
    {
      name: 'nobody gave its account rights',
      objects: [...base, operator, denyAll('shop', 'Egress'), binding('other')],
      outcome: 'not-applicable',
      reason: /no workload has business/,
    },
    {
      name: 'its account gives no token',
      objects: [...base, operator, denyAll('shop', 'Egress'), account(false)],
      outcome: 'not-applicable',
      reason: /no workload has business/,
    },
    {
      name: 'the endpoints are not known',
      objects: [node(), namespace('shop'), operator],
      outcome: 'skip',
      reason: /default\/kubernetes/,
    },
    { name: 'pods may not be read', objects: base, completeness: NO_PODS, outcome: 'skip', reason: /Pod could not/ },
  ],
});
