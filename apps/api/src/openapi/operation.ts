import type { z } from 'zod';
import type { ErrorCode } from '#contracts';
import type { RestFormat } from '../rest/formats/negotiate.js';

/** What operations are grouped by, in the order of the description. */
export const TAGS = [
  'Reachability',
  'Drift',
  'Assertions',
  'Clusters',
  'Agents',
  'Inventory',
  'Jobs',
  'Schedules',
  'Channels',
  'Audits',
  'Reports',
  'Runbooks',
  'Access',
] as const;

/** One operation of the REST API as the description tells it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly id: string;
  readonly tag: (typeof TAGS)[number];
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** A JSON body, or bytes: `manifests`, `flows`, or the `batch` of an agent. */
  readonly body?: z.ZodType | 'manifests' | 'flows' | 'batch' | 'chat';
  readonly status: 200 | 201 | 202 | 204;
  readonly response: z.ZodType | null;
  /** True: `response` is the data of one event of a stream (`text/event-stream`), not a body. */
  readonly isStream?: boolean;
  /** Media types of an answer that is a file; `response` is null then. */
  readonly files?: readonly string[];
  /** Other forms that the answer can be had in. */
  readonly forms?: readonly RestFormat[];
  /** What it may answer beside the errors of every request. */
  readonly errors: readonly ErrorCode[];
}

/** What most operations are about. */
export const CLUSTER = '/api/v1/clusters/{id}';

/** What may be wrong with the snapshot that an operation is about, and with a question about it. */
export const SNAPSHOT_ERRORS = ['cluster.not_found', 'snapshot.not_found'] as const;
export const QUESTION_ERRORS = [
  'question.invalid',
  ...SNAPSHOT_ERRORS,
  'endpoint.not_found',
  'port.not_found',
] as const;
