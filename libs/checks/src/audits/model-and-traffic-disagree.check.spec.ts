import { CALICO, denyAll, namespace, NO_PODS, node, pod } from '../testing/objects.js';
import { seenFlow } from '../testing/seen-flow.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './model-and-traffic-disagree.check.js';

const shop = [node(), namespace('shop'), CALICO, pod('shop/web', { port: 8080 }), pod('shop/api')];
const closed = [...shop, denyAll('shop', 'Ingress')];
const closedOn = (creationTimestamp: string): unknown[] => {
  const made = denyAll('shop', 'Ingress') as { readonly metadata: object };
  return [...shop, { ...made, metadata: { ...made.metadata, creationTimestamp } }];
};
const passed = seenFlow('shop/api', 'shop/web', 8080);
const dropped = { ...passed, verdict: 'dropped', reason: 'POLICY_DENIED' } as const;

testCheck(check, {
  clean: [
    { name: 'what passed is allowed', objects: shop, settings: { flows: [passed] } },
    { name: 'what was dropped is denied', objects: closed, settings: { flows: [dropped] } },
    { name: 'it was dropped on the way', objects: shop, settings: { flows: [{ ...dropped, reason: 'TTL_EXCEEDED' }] } },
    { name: 'it is older than the policy', objects: closedOn('2026-11-27T00:00:00Z'), settings: { flows: [passed] } },
    { name: 'it was seen as it left', objects: closed, settings: { flows: [{ ...passed, direction: 'egress' }] } },
  ],
  flagged: [
    {
      name: 'what passed is denied',
      objects: closed,
      settings: { flows: [passed, passed] },
      finds: [
        {
          at: 'shop/web',
          title: /was forwarded, and policy denies it$/,
          flow: 'shop/api -> shop/web TCP 8080 deny',
          change: null,
        },
      ],
    },
    {
      name: 'it was seen before the policy and after',
      objects: closedOn('2026-11-22T00:00:00Z'),
      settings: { flows: [passed] },
      finds: [{ at: 'shop/web', confidence: 'guess', evidence: /before the policy of 2026-11-22/ }],
    },
    {
      name: 'what was dropped is allowed',
      objects: shop,
      settings: { flows: [dropped] },
      finds: [
        { at: 'shop/web', title: /was dropped, and policy allows it$/, flow: 'shop/api -> shop/web TCP 8080 allow' },
      ],
    },
  ],
  undetermined: [
    { name: 'nobody gave flows', objects: shop, outcome: 'skip', reason: /no flows are kept or given/ },
    { name: 'an empty file', objects: shop, settings: { flows: [] }, outcome: 'not-applicable', reason: /hold none/ },
    {
      name: 'pods could not be listed',
      objects: shop,
      completeness: NO_PODS,
      outcome: 'skip',
      reason: /Pod could not/,
    },
  ],
});
