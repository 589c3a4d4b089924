import { HttpException } from '@nestjs/common';
import { AppError } from '#contracts';

/**
 * Turns whatever a request failed with into an `AppError`. Errors of the web framework get the code that fits their
 * status; anything unexpected becomes `internal` with the original as cause, and its message is not told.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const cause = error instanceof HttpException && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof AppError) return cause;
  const status = statusOf(error);
  if (hasCode(cause, 'FST_ERR_BAD_URL')) {
    return new AppError('request.invalid', 'the address is not valid, check its percent signs', { cause });
  }
  if (status === 413)
    return new AppError('upload.too_large', 'the body is larger than this resource accepts', { cause });
  if (status === 415) return new AppError('unsupported_media_type', 'send the body as `application/json`', { cause });
  if (status === 404) return new AppError('not_found', 'there is nothing at this address', { cause });
  if (status === 405) return new AppError('method_not_allowed', 'this method is not taken here', { cause });
  if (status !== null && status >= 400 && status < 500) {
    return new AppError('request.invalid', lowerFirst(messageOf(cause)), { cause });
  }
  return new AppError('internal', 'something failed that should not, the log has it under the request id', { cause });
}

function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

function hasCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
