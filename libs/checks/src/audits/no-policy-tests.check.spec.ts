import { describe, expect, it } from '@jest/globals';

import { app, denyAll, namespace, NO_PODS, node, pod, policy } from '../testing/objects.js';
import { run, testCheck } from '../testing/test-check.js';
import { check } from './no-policy-tests.check.js';

const shop = [
  node(),
  namespace('shop'),
  namespace('ops'),
  pod('shop/web', { port: 8080 }),
  pod('shop/db', { port: 5432 }),
  pod('ops/probe'),
];
const guarded = [
  ...shop,
  denyAll('shop', 'Ingress'),
  policy('shop/db', {
    podSelector: { matchLabels: { app: 'db' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [app('web')], ports: [{ port: 5432 }] }],
  }),
];
const untested = { hasAssertions: false };

testCheck(check, {
  clean: [{ name: 'assertions are kept', objects: guarded, settings: { hasAssertions: true } }],
  flagged: [
    {
      name: 'policies and no assertions',
      objects: guarded,
      settings: untested,
      finds: [
        {
          at: '',
          severity: 'info',
          title: /2 NetworkPolicies/,
          evidence: /assertions that the fix has: 2/,
          flow: 'shop/web -> shop/db TCP 5432 allow',
          change: null,
        },
      ],
    },
  ],
  undetermined: [
    { name: 'no policies', objects: shop, settings: untested, outcome: 'not-applicable', reason: /no NetworkPolicy/ },
    { name: 'nobody knows of assertions', objects: guarded, outcome: 'skip', reason: /atlas assertions/ },
    {
      name: 'pods could not be listed',
      objects: guarded,
      completeness: NO_PODS,
      settings: untested,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});

describe('the assertions of the fix', () => {
  it('say what rules let through, and who is kept from a data store', () => {
    const [finding] = run(check, { name: '', objects: guarded, settings: untested }).findings;
    expect(finding?.fix?.manifest).toBe(`assertions:
  - name: "shop/web reaches shop/db on TCP 5432"
    from: shop/web
    to: shop/db
    port: 5432
    expect: allowed
    reading: intended
  - name: "ops/probe does not reach shop/db on TCP 5432"
    from: ops/probe
    to: shop/db
    port: 5432
    expect: denied
    reading: intended
`);
  });
});
