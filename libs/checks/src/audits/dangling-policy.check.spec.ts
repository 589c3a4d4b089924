import { namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './dangling-policy.check.js';

const shop = [node(), namespace('shop'), pod('shop/web')];
const selects = (app: string): unknown =>
  policy('shop/p', { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'] });
const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'night', namespace: 'shop' },
  spec: {
    jobTemplate: {
      spec: { template: { metadata: { labels: { app: 'night' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
    },
  },
};

testCheck(check, {
  clean: [
    { name: 'it selects a pod', objects: [...shop, selects('web')] },
    { name: 'it selects a workload that has no pods now', objects: [...shop, cronJob, selects('night')] },
  ],
  flagged: [
    {
      name: 'a slip of the pen, with the label that was meant; nothing is lost with it',
      objects: [...shop, selects('wbe')],
      finds: [{ at: 'shop/p', severity: 'medium', title: /selects no pod/, change: [] }],
    },
    {
      name: 'in manifests, which do not have the pods of operators',
      objects: [namespace('shop'), cronJob, selects('prometheus')],
      finds: [{ at: 'shop/p', confidence: 'likely', title: /selects no pod/ }],
    },
    {
      name: 'only a pod on the host network',
      objects: [
        ...shop,
        pod('shop/bridge', { hostNetwork: true, ip: '172.18.0.2', port: 7443 }),
        selects('bridge'),
        namespace('other'),
        pod('other/x'),
      ],
      finds: [{ at: 'shop/p', title: /host network/, flow: 'other/x -> shop/bridge TCP 7443 allow' }],
    },
  ],
  undetermined: [
    {
      name: 'no pods at all',
      objects: [namespace('shop'), selects('web')],
      outcome: 'not-applicable',
      reason: /no pods/,
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
