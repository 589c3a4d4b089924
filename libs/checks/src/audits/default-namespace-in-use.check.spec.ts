import { denyAll, namespace, NO_PODS, pod } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './default-namespace-in-use.check.js';

const elsewhere = [namespace('default'), namespace('shop'), pod('shop/web')];

testCheck(check, {
  clean: [{ name: 'everything has a namespace', objects: elsewhere }],
  flagged: [
    {
      name: 'a pod in default',
      objects: [...elsewhere, pod('default/web', { port: 8080 })],
      finds: [{ at: 'default', severity: 'low', flow: 'shop/web -> default/web TCP 8080 allow', change: null }],
    },
    {
      name: 'a policy that names no namespace',
      objects: [...elsewhere, denyAll('default', 'Ingress')],
      finds: [{ at: 'default', title: /has 1 policy$/, flow: null, change: null }],
    },
  ],
  undetermined: [
    {
      name: 'pods could not be listed',
      objects: elsewhere,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
    { name: 'no pods', objects: [namespace('default')], outcome: 'not-applicable', reason: /no pods and no policies/ },
  ],
});
