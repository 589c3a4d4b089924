import { AppError } from '#contracts';
import type { ReadQuestion, UnreadField } from '#engine';

/** The question that was read. @throws AppError `question.invalid` with an entry for each field that could not be */
export function questionOf<Q>(read: ReadQuestion<Q>): Q {
  if ('question' in read) return read.question;
  throw invalidQuestion(read.errors);
}

export function invalidQuestion(errors: readonly UnreadField[]): AppError {
  const first = errors[0];
  const more = errors.length > 1 ? ` (and ${String(errors.length - 1)} more)` : '';
  return new AppError('question.invalid', `\`${first?.pointer ?? ''}\`: ${first?.detail ?? ''}${more}`, { errors });
}
