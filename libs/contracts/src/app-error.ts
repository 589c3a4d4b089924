/** Every code an error can carry to the edge. Stable: clients and tests rely on the text. */
export const ERROR_CODES = [
  'request.invalid',
  'question.invalid',
  'cluster.not_found',
  'cluster.exists',
  'cluster.source_invalid',
  'cluster.unreachable',
  'cluster.credentials_invalid',
  'cluster.paused',
  'cluster.lease_lost',
  'agent.token_invalid',
  'agent.busy',
  'snapshot.not_found',
  'endpoint.not_found',
  'port.not_found',
  'manifest.invalid',
  'upload.too_large',
  'upload.unsupported',
  'cursor.invalid',
  'audit.not_found',
  'job.not_found',
  'job.ended',
  'job.lease_lost',
  'job.lost',
  'job.part_failed',
  'rate.limited',
  'idempotency.running',
  'idempotency.mismatch',
  'precondition.failed',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'method_not_allowed',
  'not_acceptable',
  'unsupported_media_type',
  'database.unavailable',
  'queue.unavailable',
  'streams.exhausted',
  'startup.failed',
  'internal',
] as const;

/** What went wrong, as `area.name`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** One wrong place in an input. */
export interface FieldError {
  /** JSON Pointer (RFC 6901) into the input, '' for the input as a whole. */
  readonly pointer: string;
  /** One line, lower case, says what to do. */
  readonly detail: string;
}

/** The optional parts of an `AppError`. */
export interface AppErrorOptions {
  /** Whether the same request may succeed later with nothing changed. Defaults by code: `*.unavailable`, `streams.exhausted` and `cluster.unreachable` only. */
  readonly retryable?: boolean;
  /** Facts about the failure that may be shown to a caller. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly FieldError[];
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'database.unavailable',
  'queue.unavailable',
  'agent.busy',
  'streams.exhausted',
  'cluster.unreachable',
]);

/** An expected failure with a stable code. Everything else that is thrown is a bug and shows as `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly errors: readonly FieldError[] | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.details = options.details ?? {};
    this.errors = options.errors;
  }
}

/** True for an `AppError`, optionally with this code. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}
