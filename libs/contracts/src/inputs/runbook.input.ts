import { z } from 'zod';
import { sortedPageInput } from './paging.input.js';
import { reachabilityInput } from './reachability.input.js';
import { snapshotAt } from './snapshot-time.input.js';

const { cluster, from, to, port } = reachabilityInput.shape;
const name = z.string().trim().min(1).max(253);
const runbookId = z.string().trim().min(1).max(64);
// A link has a host and a path in front.
const runbookName = z.string().trim().min(1).max(1_024);

/** What a runbook is asked about. Peers are text in the forms that the engine's `parsePeer` reads. */
export const runbookInputs = z.strictObject({
  from: from.optional().describe('Who connects'),
  to: to.optional().describe('To whom'),
  protocol: z.string().trim().min(1).max(32).optional(),
  port,
  namespace: name.optional(),
  node: name.optional(),
  manifests: z.string().min(1).max(262_144).optional().describe('YAML or JSON that nobody has applied yet'),
});
export type RunbookInputsInput = z.output<typeof runbookInputs>;

/** A run of one runbook on one cluster. */
export const runbookRunInput = z.strictObject({
  runbook: runbookName.describe(
    'Id, as `service-unreachable`, or number, as `RB-1`; or what a pager shows: a `runbook_url` with `/runbooks/ID` in it, or the name of an alert',
  ),
  ...runbookInputs.shape,
  at: snapshotAt.optional().describe('The time of the symptom, or the number of a snapshot; now when left out'),
  all: z.boolean().default(false).describe('Go on behind the step that settles it'),
});
export type RunbookRunInput = z.output<typeof runbookRunInput>;

/** Which runs to list. */
export const runbookRunsInput = z.strictObject({
  runbook: runbookId.optional(),
  result: z.enum(['cause-found', 'not-the-cause', 'undetermined']).optional(),
  ...sortedPageInput(['ranAt', 'runbook', 'result']).shape,
});
export type RunbookRunsInput = z.output<typeof runbookRunsInput>;
/** How a run ended. */
export type RunbookResult = NonNullable<RunbookRunsInput['result']>;

const secret = z.string().min(1).max(65_536);
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address, up to and without `/api/v1`' });

/** Where a cluster's metrics are: anything that speaks the Prometheus HTTP API. Secrets are sealed at once. */
export const metricsSourceInput = z
  .strictObject({
    url: httpUrl
      .max(2048)
      .refine((url) => !/^https?:\/\/[^/]*@/.test(url), 'must not hold credentials, give `token` or `basic`'),
    token: secret.optional().describe('Sent as a bearer token'),
    basic: z.strictObject({ user: z.string().min(1).max(1024), password: secret }).optional(),
    ca: secret.optional().describe('PEM, instead of the authorities of the system'),
    cert: secret.optional().describe('PEM, with `key`: mutual TLS'),
    key: secret.optional(),
    tenant: z
      .string()
      .regex(/^[\x21-\x7e]{1,256}$/, 'must be printable and without spaces')
      .optional()
      .describe('Value of X-Scope-OrgID'),
    timeoutMs: z.int().min(100).max(60_000).default(10_000),
  })
  .refine((source) => (source.cert === undefined) === (source.key === undefined), {
    message: 'needs `cert` and `key` together',
    path: ['cert'],
  })
  .refine((source) => source.token === undefined || source.basic === undefined, {
    message: 'give `token` or `basic`, not both',
    path: ['basic'],
  });
export type MetricsSourceInput = z.output<typeof metricsSourceInput>;

/** Text that a database can hold: with no NUL and no half of a surrogate pair. */
const wellFormed = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0\uD800-\uDFFF]*$/u, 'must be well-formed text');
const labels = z.record(wellFormed(1024), wellFormed(16_384));

/** What Alertmanager posts to a webhook, payload version 4. Fields that it may add later are let through. */
export const alertmanagerInput = z.looseObject({
  version: z.literal('4', { error: 'must be `4`, the payload version of Alertmanager’s webhook' }),
  groupKey: z.string().max(65_536),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string().max(1024),
  groupLabels: labels,
  commonLabels: labels,
  commonAnnotations: labels,
  externalURL: z.string().max(4096).optional(),
  truncatedAlerts: z.int().min(0).optional(),
  alerts: z
    .array(
      z.looseObject({
        status: z.enum(['firing', 'resolved']),
        labels,
        annotations: labels,
        startsAt: z.iso.datetime({ offset: true }),
        endsAt: z.iso.datetime({ offset: true }),
        generatorURL: z.string().max(4096).optional(),
        fingerprint: z
          .string()
          .max(256)
          .regex(/^[\x21-\x7e]+$/, 'must be printable and without spaces'),
      }),
    )
    .max(20_000),
});
export type AlertmanagerInput = z.output<typeof alertmanagerInput>;

/** Query of the webhook. */
export const alertmanagerQuery = z.strictObject({
  cluster: cluster.optional().describe('The cluster of alerts that do not name one in their label `cluster`'),
});
