import { denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './net-admin-or-raw.check.js';

const withContext = (fullName: string, securityContext: unknown): unknown => {
  const raw = pod(fullName) as { readonly spec: object };
  return { ...raw, spec: { ...raw.spec, containers: [{ name: 'main', image: 'i', securityContext }] } };
};
const shop = [node(), namespace('shop'), denyAll('shop', 'Ingress')];

testCheck(check, {
  clean: [
    { name: 'nothing is given', objects: [...shop, pod('shop/web')] },
    { name: 'it is taken', objects: [...shop, withContext('shop/web', { capabilities: { drop: ['NET_RAW'] } })] },
    {
      name: 'a namespace of the platform',
      objects: [
        ...shop,
        pod('shop/web'),
        namespace('kube-system'),
        denyAll('kube-system', 'Ingress'),
        withContext('kube-system/agent', { privileged: true }),
      ],
    },
  ],
  flagged: [
    {
      name: 'a capability',
      objects: [...shop, withContext('shop/vpn', { capabilities: { add: ['NET_ADMIN', 'CHOWN'] } })],
      finds: [{ at: 'shop/vpn', title: /with NET_ADMIN$/, flow: null, change: null }],
    },
    {
      name: 'beside those that policy closes',
      objects: [
        node(),
        namespace('shop'),
        pod('shop/web'),
        policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] }),
        withContext('shop/vpn', { privileged: true }),
      ],
      finds: [{ at: 'shop/vpn' }],
    },
    {
      name: 'everything',
      objects: [...shop, withContext('shop/tool', { privileged: true, capabilities: { add: ['ALL'] } })],
      finds: [{ at: 'shop/tool', title: /with privileged, ALL$/ }],
    },
  ],
  undetermined: [
    {
      name: 'nothing is closed',
      objects: [node(), namespace('shop'), withContext('shop/vpn', { privileged: true })],
      outcome: 'not-applicable',
      reason: /no namespace relies/,
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
