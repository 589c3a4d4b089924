import { isAppError, type AppError, type FieldError } from '#contracts';
import { didYouMean, type NotFound } from '#engine';

import { EXIT, type ExitCode } from './exit-code.js';

/** A failure that is told in a few lines on stderr and ends the process with `exitCode`. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    /** Further lines, each one thing that is wrong. */
    readonly lines: readonly string[] = [],
  ) {
    super(message);
  }
}

/** The failure as the terminal shows it; null for anything that is a bug. */
export function asCliError(error: unknown): CliError | null {
  if (error instanceof CliError) return error;
  return isAppError(error) ? fromAppError(error) : null;
}

function fromAppError(error: AppError): CliError {
  const { retryable, message, errors } = error;
  return new CliError(retryable ? EXIT.unreachable : EXIT.usage, message, fieldLines(message, errors));
}

/** Each field that is wrong; what says one thing that is wrong needs no line that says it again. */
export function fieldLines(message: string, errors: readonly FieldError[] = []): string[] {
  const [only] = errors;
  if (only !== undefined && errors.length === 1 && message.includes(only.detail)) return [];
  return errors.map(({ pointer, detail }) => `${pointer}: ${detail}`);
}

/** A peer or port that is not there. */
export function notFound({ message, near }: NotFound): CliError {
  return new CliError(EXIT.usage, message, near.length === 0 ? [] : [didYouMean(near)]);
}

/** Fields under the names that they were given by: `--hops` for `/hops`. */
export function asGiven(text: string, args: readonly string[]): string {
  return text.replace(/^`?\/(\w+)`?(?=:)/, (field, name: string) => {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return args.some((arg) => arg === option || arg.startsWith(`${option}=`)) ? option : field;
  });
}
