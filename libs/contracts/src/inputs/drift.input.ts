import { z } from 'zod';
import { flag } from './connections.input.js';
import { pageInput } from './paging.input.js';
import { snapshotAt } from './snapshot-time.input.js';

/** Every sort of difference in what can talk to what. */
export const DRIFT_ENTRY_TYPES = [
  'opened',
  'closed',
  'widened',
  'narrowed',
  'changed',
  'became-unknown',
  'became-known',
  'isolation-lost',
  'isolation-gained',
  'enforcement-changed',
  'endpoints-added',
  'endpoints-removed',
] as const;

/** Name or id of a cluster. */
export const clusterRef = z.string().trim().min(1).max(63);
const namespaceName = z.string().trim().min(1).max(253);
const MAX_MANIFEST_CHARACTERS = 2 * 1024 * 1024;

/** Manifests in a request: YAML or JSON as they are, or an archive (tar, tar.gz, zip) as Base64. */
export const manifestText = z.string().min(1).max(MAX_MANIFEST_CHARACTERS);
export const manifestEncoding = z.enum(['text', 'base64']).default('text');

export const readingName = z.enum(['intended', 'enforced']);

/** One or more of something, as a query string repeats it. */
export const list = <T extends z.ZodType>(
  item: T,
): z.ZodOptional<z.ZodType<z.output<T>[], z.input<T> | z.input<T>[]>> =>
  z.union([item.transform((one) => [one] as z.output<T>[]), z.array(item).min(1).max(50)]).optional();

/** Which part of a report is wanted. */
export const driftFilter = z.strictObject({
  dangerous: flag.optional().describe('Only what may let something pass that could not; with `breaking`, either'),
  breaking: flag.optional().describe('Only what may stop something that passed'),
  type: list(z.enum(DRIFT_ENTRY_TYPES)).describe('Only entries of these types; repeatable'),
  kind: list(z.string().min(1).max(253)).describe('Only objects of these kinds, with group; repeatable'),
  namespace: namespaceName.optional().describe('Only what has this namespace at one of its sides'),
});

/** Another cluster, or manifests, to compare a cluster with. */
const driftAgainst = z
  .strictObject({
    cluster: clusterRef.optional(),
    at: snapshotAt.optional(),
    manifests: manifestText.optional(),
    encoding: manifestEncoding,
  })
  .refine((side) => (side.cluster === undefined) !== (side.manifests === undefined), {
    message: 'give either `cluster` or `manifests`, not both and not none',
  });

/** Two states to compare. */
export const driftStates = z.strictObject({
  cluster: clusterRef,
  /** The earlier state, or `baseline`; the snapshot before the later one when left out. */
  before: z.union([z.literal('baseline'), snapshotAt]).optional(),
  /** The later state; the newest when left out. */
  after: snapshotAt.optional(),
  /** What the cluster is compared with instead of its own past. */
  against: driftAgainst.optional(),
  /** Names of namespaces in `against`, and what they are called in the cluster. */
  namespaces: z.record(namespaceName, namespaceName).optional(),
  reading: readingName.optional(),
});

/** What differs between two states of a cluster, or between a cluster and something else? */
export const driftInput = driftStates
  .extend({ ...driftFilter.shape, ...pageInput.shape })
  .refine((input) => input.against === undefined || input.before === undefined, {
    path: ['before'],
    message: 'is a time of the cluster itself, leave it out with `against`',
  })
  .refine((input) => input.against !== undefined || input.namespaces === undefined, {
    path: ['namespaces'],
    message: 'is about another place, give it with `against`',
  });

/** A connection that somebody saw. */
export const observedFlow = z.strictObject({
  src: z.string().trim().min(1).max(1024),
  dst: z.string().trim().min(1).max(1024),
  protocol: z.string().trim().min(1).max(32).default('TCP'),
  port: z.int().min(1).max(65535).optional(),
});
export const MAX_FLOWS = 10_000;

/** What would change if these manifests were applied or removed? */
export const whatIfInput = z
  .strictObject({
    cluster: clusterRef,
    at: snapshotAt.optional(),
    apply: manifestText.optional(),
    remove: manifestText.optional(),
    encoding: manifestEncoding,
    /** Staged policies to put in force. */
    promote: z.union([z.literal('all'), z.array(z.string().trim().min(1).max(520)).min(1).max(1000)]).optional(),
    flows: z.array(observedFlow).max(MAX_FLOWS).optional(),
    reading: readingName.optional(),
    ...driftFilter.shape,
    ...pageInput.shape,
  })
  .refine((input) => [input.apply, input.remove, input.promote].some((part) => part !== undefined), {
    message: 'says no change, give `apply`, `remove` or `promote`',
  });

/** Since when has one peer been able, or unable, to reach another? */
export const sinceInput = z.strictObject({
  cluster: clusterRef,
  from: z.string().trim().min(1).max(1024),
  to: z.string().trim().min(1).max(1024),
  protocol: z.string().trim().min(1).max(32).default('TCP'),
  port: z
    .union([
      z.int().min(1).max(65535),
      z
        .string()
        .trim()
        .regex(/^\d{1,5}$/)
        .transform(Number)
        .pipe(z.int().min(1).max(65535)),
    ])
    .optional(),
  at: snapshotAt.optional(),
});

/** Reports of a cluster, newest first. */
export const driftTimelineInput = z.strictObject({
  dangerous: flag.optional(),
  breaking: flag.optional(),
  ...pageInput.shape,
});

export type DriftStatesInput = z.output<typeof driftStates>;
export type DriftInput = z.output<typeof driftInput>;
export type DriftFilterInput = z.output<typeof driftFilter>;
export type WhatIfInput = z.output<typeof whatIfInput>;
export type SinceInput = z.output<typeof sinceInput>;
export type ObservedFlowInput = z.output<typeof observedFlow>;
export type DriftTimelineInput = z.output<typeof driftTimelineInput>;

/** Notification channel of the database for reports that were stored: payload `clusterId:toSeq`. */
export const DRIFT_CHANNEL = 'atlas_drift';
