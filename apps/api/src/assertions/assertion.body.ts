import { z } from 'zod';
import { endpointBody } from '../reachability/reachability.body.js';
import { driftCauseBody, snapshotPointBody } from '../drift/drift.body.js';
import { named } from '../rest/schema-registry.js';
import { objectRefBody, pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';

const outcome = named('AssertionOutcome', z.enum(['pass', 'fail', 'unknown', 'error']));

const breachBody = z.strictObject({
  from: z.string(),
  to: z.string(),
  protocol: z.string(),
  port: z.union([z.int(), z.string()]).nullable(),
  verdict: z.enum(['allowed', 'denied', 'mixed', 'undetermined']).nullable().describe('null when a peer is not there'),
  summary: z.string(),
  source: endpointBody.nullable(),
  destination: endpointBody.nullable(),
  policies: z.array(objectRefBody),
});

const resultBody = named(
  'AssertionResult',
  z.strictObject({
    name: z.string(),
    owner: z.string(),
    expect: z.enum(['allowed', 'denied']),
    outcome: outcome.describe('`unknown`: it cannot be told. `error`: a peer is not there'),
    checked: z.int().describe('Combinations of peers and ports'),
    breaches: z.array(breachBody).describe('Those that are not as expected, the first 50'),
    broken: z.int(),
  }),
);

export const assertionReportBody = named(
  'AssertionReport',
  z.strictObject({
    counts: z.strictObject({ pass: z.int(), fail: z.int(), unknown: z.int(), error: z.int() }),
    results: z.array(resultBody),
    ...provenanceFields,
  }),
);

export const keptAssertionsBody = named(
  'Assertions',
  z.strictObject({
    source: z.string().nullable().describe('The file, as it was given; null for who may not see all that it may name'),
    updatedAt: timestamp,
    items: z.array(
      z.strictObject({
        name: z.string(),
        owner: z.string(),
        expect: z.enum(['allowed', 'denied']),
        outcome: outcome.nullable().describe('null before its first check'),
        since: snapshotPointBody.nullable(),
        result: resultBody.nullable(),
      }),
    ),
    ...provenanceFields,
  }),
);

export const assertionEventBody = named(
  'AssertionEvent',
  z.strictObject({
    id: z.string(),
    name: z.string(),
    owner: z.string(),
    before: outcome.nullable(),
    after: outcome,
    at: snapshotPointBody,
    result: resultBody,
    causes: z.array(driftCauseBody).describe('What changed that turned it'),
  }),
);

export const assertionEventsBody = named(
  'AssertionEventList',
  z.strictObject({ items: z.array(assertionEventBody), page: pageBody, ...provenanceFields }),
);
