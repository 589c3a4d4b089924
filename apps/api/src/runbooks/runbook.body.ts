import { z } from 'zod';
import { FIX_ACTIONS, RUN_RESULTS, RUNBOOK_INPUTS, STEP_OUTCOMES, STEP_SOURCES } from '#analysis';
import { named } from '../rest/schema-registry.js';
import { pageBody, provenanceFields, timestamp } from '../rest/shared.body.js';

const inputName = z.enum(RUNBOOK_INPUTS);
const result = z.enum(RUN_RESULTS).describe('`cause-found`, `not-the-cause`, or `undetermined` with what is missing');
const evidence = z.strictObject({ what: z.string(), value: z.string() });

export const runbookBody = named(
  'Runbook',
  z.strictObject({
    id: z.string(),
    number: z.string().describe('As `RB-1`'),
    title: z.string().describe('The symptom'),
    description: z.string(),
    needs: z.array(inputName).describe('Inputs that a run must have'),
    takes: z.array(inputName).describe('Inputs that a run may have'),
    alerts: z.array(z.string()).describe('Alerts that lead to it by name'),
    steps: z.array(
      z.strictObject({ id: z.string(), title: z.string(), source: z.enum(STEP_SOURCES), expected: z.string() }),
    ),
  }),
);

export const runbookListBody = named('RunbookList', z.strictObject({ items: z.array(runbookBody) }));

const stepBody = named(
  'RunbookStep',
  z.strictObject({
    id: z.string(),
    title: z.string().describe('What was looked at'),
    outcome: z.enum(STEP_OUTCOMES),
    found: z.string().describe('The value, one line'),
    source: z.string().describe('Where it was read: `snapshot`, or the metrics source with the query'),
    expected: z.string(),
    evidence: z.array(evidence),
    next: z.string().describe("What to do next, '' to go on"),
    conclusive: z.boolean().describe('Whether it settled the run'),
  }),
);

const fixBody = named(
  'RunbookFix',
  z.strictObject({
    action: z.enum(FIX_ACTIONS),
    title: z.string(),
    manifest: z.string().describe('YAML, or the command of a deletion; nothing is ever applied by this service'),
    note: z.string(),
    prediction: z
      .strictObject({
        opened: z.int(),
        closed: z.int(),
        changes: z.array(
          z.strictObject({ source: z.string(), destination: z.string(), opens: z.string(), closes: z.string() }),
        ),
      })
      .nullable()
      .describe('Pairs of peers that it would open and close'),
  }),
);

const reportFields = {
  runbook: z.string(),
  number: z.string(),
  title: z.string().describe('The symptom'),
  result,
  answer: z.string().describe('One line'),
  steps: z.array(stepBody),
  advice: z.array(z.string()),
  fix: fixBody.nullable(),
  missing: z.array(z.string()).describe('What could not be looked at and might have settled it'),
} as const;

export const runbookRunBody = named(
  'RunbookRun',
  z.strictObject({ id: z.uuid(), ...reportFields, ...provenanceFields }),
);

const runFields = {
  id: z.uuid(),
  runbook: z.string(),
  input: z.record(z.string(), z.unknown()),
  snapshotSeq: z.int().min(1),
  ranAt: timestamp,
} as const;

export const storedRunBody = named('StoredRunbookRun', z.strictObject({ ...runFields, ...reportFields }));

export const runbookRunListBody = named(
  'RunbookRunList',
  z.strictObject({
    items: z.array(z.strictObject({ ...runFields, result, answer: z.string() })),
    page: pageBody,
  }),
);

export const metricsSourceBody = named(
  'MetricsSource',
  z.strictObject({
    url: z.string(),
    tenant: z.string().nullable(),
    timeoutMs: z.int(),
    hasCredentials: z.boolean().describe('Credentials are sealed and never returned'),
    problem: z.string().describe("'' when it answers, else why it does not"),
    updatedAt: timestamp,
  }),
);

export const alertsReceivedBody = named(
  'AlertsReceived',
  z.strictObject({
    received: z.int(),
    fresh: z.int().describe('Told for the first time'),
    repeated: z.int().describe('Known already'),
    jobs: z.array(z.uuid()).describe('Jobs that run a runbook for them'),
    left: z
      .array(z.strictObject({ name: z.string(), fingerprint: z.string(), reason: z.string() }))
      .describe('Alerts that no runbook was run for, and why'),
  }),
);
