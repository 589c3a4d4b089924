import { denyAll, namespace, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './duplicate-or-conflicting-manifests.check.js';

const again = policy('shop/deny-again', { podSelector: {}, policyTypes: ['Ingress'] });

testCheck(check, {
  clean: [
    {
      name: 'equal policies of two namespaces',
      objects: [namespace('shop'), namespace('pay'), denyAll('shop', 'Ingress'), denyAll('pay', 'Ingress')],
    },
  ],
  flagged: [
    {
      name: 'the same under two names; taking one away changes nothing',
      objects: [namespace('shop'), denyAll('shop', 'Ingress'), again],
      finds: [{ at: 'shop/deny-again', severity: 'low', flow: null, change: [] }],
    },
  ],
  undetermined: [
    { name: 'no policies', objects: [namespace('shop')], outcome: 'not-applicable', reason: /no NetworkPolicies/ },
  ],
});
