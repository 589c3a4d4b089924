import { z } from 'zod';
import { clusterRef, readingName } from './drift.input.js';
import { sortedPageInput } from './paging.input.js';
import { snapshotAt } from './snapshot-time.input.js';

const text = z.string().trim().min(1).max(1024);
const label = z.record(z.string().min(1).max(317), z.string().max(63));

const chosenPods = z
  .strictObject({
    namespace: text.optional().describe('Name of a namespace; all of them when it and `namespaceLabels` are left out'),
    namespaceLabels: label.optional().describe('Labels of the namespaces'),
    labels: label.optional().describe('Labels of the pods; all pods when left out'),
  })
  .refine((peer) => peer.namespace === undefined || peer.namespaceLabels === undefined, {
    message: 'give `namespace` or `namespaceLabels`, not both',
  });

/** A peer as a question names it, or pods by their labels. */
const peer = z.union([text, chosenPods]);
const peers = z.union([peer, z.array(peer).min(1).max(100)]);
const port = z.union([
  z.int().min(1).max(65535),
  z
    .string()
    .regex(
      /^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i,
      'must be a number from 1 to 65535 or the name of a port',
    ),
]);

export const assertion = z.strictObject({
  name: text.describe('Unique in its file'),
  owner: z.string().trim().max(253).default('').describe('Who is to be told when it breaks'),
  description: z.string().max(4096).optional(),
  from: peers.describe('Who connects: every one of them'),
  to: peers.describe('To whom: to every one of them'),
  port: z
    .union([port, z.array(port).min(1).max(100)])
    .optional()
    .describe('Any port when left out'),
  protocol: z.string().trim().min(1).max(32).default('TCP'),
  expect: z.enum(['allowed', 'denied']),
  reading: readingName.default('enforced').describe('What policy says, or what the CNI makes of it'),
});

/** A file of expectations. */
export const assertionFile = z.strictObject({
  version: z.literal(1).default(1),
  assertions: z.array(assertion).min(1).max(1000),
});

const MAX_FILE_CHARACTERS = 200_000;
/** The text of such a file, YAML or JSON. */
const assertionText = z.string().min(1).max(MAX_FILE_CHARACTERS);

export const setAssertionsInput = z.strictObject({ assertions: assertionText });
export const checkAssertionsInput = z.strictObject({
  cluster: clusterRef,
  assertions: assertionText,
  at: snapshotAt.optional(),
});
export const assertionEventsInput = z.strictObject({
  name: text.optional(),
  ...sortedPageInput(['at', 'name', 'owner']).shape,
});

/** Where a stream of events goes on: behind the event of this id. */
export const assertionEventStreamInput = z.strictObject({
  after: z
    .union([z.int().nonnegative(), z.string().regex(/^\d{1,18}$/, 'must be the id of an event, a number')])
    .transform(String)
    .optional(),
});

export type AssertionFileContent = z.output<typeof assertionFile>;
export type AssertionEntry = z.output<typeof assertion>;
export type AssertionPeer = z.output<typeof peer>;
export type CheckAssertionsInput = z.output<typeof checkAssertionsInput>;
export type AssertionEventsInput = z.output<typeof assertionEventsInput>;

/** Notification channel of the database for expectations that broke or hold again: payload `clusterId:eventId`. */
export const ASSERTION_CHANNEL = 'atlas_assertion';
