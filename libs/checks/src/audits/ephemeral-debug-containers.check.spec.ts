import { namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './ephemeral-debug-containers.check.js';

const shop = [node(), namespace('shop'), pod('shop/api')];
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'registry.example.com/web:1' }] },
    },
  },
};
const single = (name: string, labels: object, spec: object = {}): unknown => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  spec: { nodeName: 'n1', containers: [{ name: 'web', image: 'registry.example.com/web:1' }], ...spec },
  status: { phase: 'Running', podIP: '10.244.0.240' },
});
const closed = policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] });

testCheck(check, {
  clean: [
    { name: 'no debugging', objects: [...shop, deployment] },
    {
      name: 'a pod of the same image with the same labels',
      objects: [...shop, deployment, single('web-x', { app: 'web' })],
    },
  ],
  flagged: [
    {
      name: 'an ephemeral container',
      objects: [
        ...shop,
        single('web-0', { app: 'other' }, { ephemeralContainers: [{ name: 'debugger-1', image: 'busybox' }] }),
      ],
      finds: [{ at: 'shop/web-0', severity: 'medium', title: /ephemeral container/ }],
    },
    {
      name: 'a copy that has lost its labels and with them its policies',
      objects: [...shop, deployment, closed, single('web-copy', {})],
      finds: [
        {
          at: 'shop/web-copy',
          severity: 'high',
          confidence: 'guess',
          flow: 'any pod of any namespace -> shop/web-copy TCP 80 allow',
        },
      ],
    },
    {
      name: 'a pod that debugs a node',
      objects: [
        ...shop,
        single('node-debugger-n1-x2v', {}, { hostNetwork: true, containers: [{ name: 'debugger', image: 'busybox' }] }),
      ],
      finds: [{ at: 'shop/node-debugger-n1-x2v', title: /on its network/ }],
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
  ],
});
