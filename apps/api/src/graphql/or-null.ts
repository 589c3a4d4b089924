import { isAppError, type ErrorCode } from '#contracts';

/** What is found; null when the search ends with `code`. */
export async function orNull<T>(code: ErrorCode, find: () => Promise<T>): Promise<T | null> {
  try {
    return await find();
  } catch (error) {
    if (isAppError(error, code)) return null;
    throw error;
  }
}
