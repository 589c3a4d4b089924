import { namespace, policy } from '../testing/objects.js';
import { testCheck } from '../testing/test-check.js';
import { check } from './review-overdue.check.js';

const made = (name: string, createdAt: string, reviewed?: string): unknown => ({
  ...(policy(name, { podSelector: {} }) as object),
  metadata: {
    name: name.split('/')[1],
    namespace: name.split('/')[0],
    creationTimestamp: createdAt,
    annotations: reviewed === undefined ? {} : { 'netpol-atlas/reviewed': reviewed },
  },
});
const shop = namespace('shop');
const settings = { now: '2026-11-26T12:00:00Z' };
const fresh = made('shop/fresh', '2020-01-01T00:00:00Z', '2026-11-01');

testCheck(check, {
  clean: [
    { name: 'all were looked at', objects: [shop, fresh, made('shop/new', '2026-11-20T00:00:00Z')], settings },
    { name: 'on the last day', objects: [shop, made('shop/web', '2020-01-01T00:00:00Z', '2026-05-26')], settings },
  ],
  flagged: [
    {
      name: 'one long ago, one never',
      objects: [shop, fresh, made('shop/never', '2025-01-01T00:00:00Z'), made('shop/old', '', '2026-05-25')],
      settings,
      finds: [
        { at: 'shop/never' },
        { at: 'shop/old', severity: 'low', title: 'the review of shop/old is overdue', flow: null },
      ],
    },
  ],
  undetermined: [
    { name: 'there is no policy', objects: [shop], settings, outcome: 'not-applicable', reason: /no policies/ },
    {
      name: 'nobody writes reviews down',
      objects: [shop, made('shop/web', '')],
      settings,
      outcome: 'skip',
      reason: /no policy tells/,
    },
    { name: 'nobody told the time', objects: [shop, fresh], outcome: 'skip', reason: /time of the audit/ },
    {
      name: 'a review that is no day',
      objects: [shop, made('shop/web', '', 'last spring')],
      settings,
      outcome: 'unknown',
      reason: /of shop\/web is no day/,
    },
  ],
});
