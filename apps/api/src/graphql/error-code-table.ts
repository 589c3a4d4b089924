import type { ErrorCode } from '#contracts';

/** `extensions.code` of each error. The precise code of the product is beside it in `extensions.errorCode`. */
export const GRAPHQL_CODES: Readonly<Record<ErrorCode, string>> = {
  'request.invalid': 'BAD_USER_INPUT',
  'question.invalid': 'BAD_USER_INPUT',
  'cluster.not_found': 'NOT_FOUND',
  'cluster.exists': 'CONFLICT',
  'cluster.source_invalid': 'BAD_USER_INPUT',
  'cluster.unreachable': 'CLUSTER_UNAVAILABLE',
  'cluster.credentials_invalid': 'BAD_USER_INPUT',
  'cluster.paused': 'CONFLICT',
  'snapshot.not_found': 'NOT_FOUND',
  'endpoint.not_found': 'NOT_FOUND',
  'port.not_found': 'NOT_FOUND',
  'manifest.invalid': 'BAD_USER_INPUT',
  'upload.too_large': 'BAD_USER_INPUT',
  'upload.unsupported': 'BAD_USER_INPUT',
  'cursor.invalid': 'BAD_USER_INPUT',
  'job.not_found': 'NOT_FOUND',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  method_not_allowed: 'BAD_REQUEST',
  unsupported_media_type: 'BAD_REQUEST',
  'database.unavailable': 'SERVICE_UNAVAILABLE',
  'queue.unavailable': 'SERVICE_UNAVAILABLE',
  'startup.failed': 'INTERNAL_SERVER_ERROR',
  internal: 'INTERNAL_SERVER_ERROR',
};
