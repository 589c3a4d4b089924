import type { AppError, ErrorCode } from '#contracts';
import { PROBLEM_TYPES, problemTypeUri } from './problem-catalogue.js';
import { STATUS_BY_CODE } from './status-table.js';

/** Name of the one policy on rates. */
export const RATE_POLICY = 'default';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** An error as the service answers it (RFC 9457), with our extensions from `code` on. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly retryable: boolean;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  /** Names that are close to one that was not found. */
  readonly near?: readonly string[];
  readonly 'violated-policies'?: readonly string[];
}

/** The problem that tells a caller of `error`. `instance` is the path that was asked for. */
export function problemOf(error: AppError, requestId: string, instance: string): Problem {
  const near = error.details['near'];
  return {
    type: problemTypeUri(error.code),
    title: PROBLEM_TYPES[error.code].title,
    status: STATUS_BY_CODE[error.code],
    detail: error.message,
    instance,
    code: error.code,
    requestId,
    retryable: error.retryable,
    errors: error.errors ?? [],
    ...(Array.isArray(near) ? { near: near.map(String) } : {}),
    ...(error.code === 'rate.limited' ? { 'violated-policies': [RATE_POLICY] } : {}),
  };
}
