import { z } from 'zod';
import { sortedPageInput } from './paging.input.js';

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const MAX_KUBECONFIG_CHARACTERS = 1024 * 1024;
const filePath = z.string().trim().min(1).max(4096);

/** A cluster's name: lower case letters, digits and `-`, at most 63 characters, like a DNS label. */
export const clusterName = z
  .string()
  .min(1)
  .max(63)
  .regex(NAME, 'must be lower case letters, digits and `-`, and start and end with a letter or digit');

const kubeconfigSource = z
  .strictObject({
    type: z.literal('kubeconfig'),
    path: filePath.optional(),
    inline: z.string().trim().min(1).max(MAX_KUBECONFIG_CHARACTERS).optional(),
    context: z.string().trim().min(1).max(1024).optional(),
  })
  .refine((source) => (source.path === undefined) !== (source.inline === undefined), {
    message: 'give either `path` (a kubeconfig file on the server) or `inline` (its text), not both and not none',
  });

const SOURCE_TYPES = ['kubeconfig', 'inCluster', 'folder', 'archive', 'upload', 'agent'] as const;

/** Where a new cluster's objects come from. `inline` is a secret: it is sealed at once and never returned. */
export const clusterSourceInput = z.discriminatedUnion(
  'type',
  [
    kubeconfigSource,
    z.strictObject({ type: z.literal('inCluster') }),
    z.strictObject({ type: z.literal('folder'), path: filePath }),
    z.strictObject({ type: z.literal('archive'), path: filePath }),
    z.strictObject({ type: z.literal('upload') }),
    z.strictObject({ type: z.literal('agent') }),
  ],
  {
    error: (issue) =>
      issue.input === null || typeof issue.input !== 'object'
        ? undefined
        : `must be one of ${SOURCE_TYPES.map((type) => `\`${type}\``).join(', ')}`,
  },
);

/** A new cluster. */
export const createClusterInput = z.strictObject({ name: clusterName, source: clusterSourceInput });

export type ClusterSourceInput = z.output<typeof clusterSourceInput>;
export type CreateClusterInput = z.output<typeof createClusterInput>;

export const clustersInput = sortedPageInput(['name', 'state', 'createdAt', 'lastSyncedAt']);
export type ClustersInput = z.output<typeof clustersInput>;

/** Which of a cluster's snapshots to list. */
export const snapshotsInput = sortedPageInput(['seq', 'takenAt']);
export type SnapshotsInput = z.output<typeof snapshotsInput>;
