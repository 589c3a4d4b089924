import { namespace, NO_PODS, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './secondary-interfaces.check.js';

const shop = [namespace('shop'), pod('shop/web')];
const router = (networks: string): unknown => ({
  ...(pod('shop/router') as object),
  metadata: {
    name: 'router',
    namespace: 'shop',
    labels: { app: 'router' },
    annotations: { 'k8s.v1.cni.cncf.io/networks': networks },
  },
});
const closes = (policyFor: string, spec: object): unknown => ({
  apiVersion: 'k8s.cni.cncf.io/v1beta1',
  kind: 'MultiNetworkPolicy',
  metadata: { name: 'close', namespace: 'shop', annotations: { 'k8s.v1.cni.cncf.io/policy-for': policyFor } },
  spec: { podSelector: { matchLabels: { app: 'router' } }, policyTypes: ['Ingress', 'Egress'], ...spec },
});

testCheck(check, {
  clean: [
    { name: 'one interface', objects: shop },
    {
      name: 'policies of the further networks close it, both forms of the annotation',
      objects: [
        ...shop,
        router('[{"name":"storage-net"},{"name":"backup","namespace":"ops","interface":"net2"}]'),
        closes('storage-net, ops/backup', {}),
      ],
    },
  ],
  flagged: [
    {
      name: 'a second network',
      objects: [...shop, router('storage-net@net1')],
      finds: [
        { at: 'shop/router', title: /attached to shop\/storage-net/, evidence: /ingress and egress/, change: [] },
      ],
    },
    {
      name: 'a policy for another network',
      objects: [...shop, router('storage-net'), closes('ops/storage-net', {})],
      finds: [{ at: 'shop/router', evidence: /open on shop\/storage-net for: ingress and egress/ }],
    },
    {
      name: 'a policy that names no network speaks for none',
      objects: [...shop, router('storage-net'), closes('', {})],
      finds: [{ at: 'shop/router' }],
    },
    {
      name: 'a policy of other pods',
      objects: [
        ...shop,
        router('storage-net'),
        closes('storage-net', { podSelector: { matchLabels: { app: 'web' } } }),
      ],
      finds: [{ at: 'shop/router' }],
    },
    {
      name: 'closed in one direction only',
      objects: [...shop, router('storage-net'), closes('storage-net', { policyTypes: ['Ingress'] })],
      finds: [{ at: 'shop/router', evidence: /open on shop\/storage-net for: egress/ }],
    },
  ],
  undetermined: [
    { name: 'no pods', objects: [namespace('shop')], outcome: 'not-applicable', reason: /no pods/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
    {
      name: 'policies of further networks could not be listed',
      objects: shop,
      completeness: { 'MultiNetworkPolicy.k8s.cni.cncf.io': { complete: false, reason: 'forbidden' } },
      outcome: 'skip',
      reason: /MultiNetworkPolicy/,
    },
  ],
});
