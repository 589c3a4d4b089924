import type { ErrorCode } from '#contracts';

/** HTTP status of each error. A new code does not compile until it has one. */
export const STATUS_BY_CODE: Readonly<Record<ErrorCode, number>> = {
  'request.invalid': 400,
  'question.invalid': 400,
  'cluster.not_found': 404,
  'cluster.exists': 409,
  'cluster.source_invalid': 422,
  'cluster.unreachable': 502,
  'cluster.credentials_invalid': 422,
  'cluster.paused': 409,
  'snapshot.not_found': 404,
  'endpoint.not_found': 404,
  'port.not_found': 404,
  'manifest.invalid': 422,
  'upload.too_large': 413,
  'upload.unsupported': 415,
  'cursor.invalid': 400,
  'job.not_found': 404,
  not_found: 404,
  conflict: 409,
  method_not_allowed: 405,
  unsupported_media_type: 415,
  'database.unavailable': 503,
  'queue.unavailable': 503,
  'startup.failed': 500,
  internal: 500,
};
