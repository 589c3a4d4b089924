import { isAppError, type AppError } from '#contracts';

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
  const lines = (error.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
  return new CliError(error.retryable ? EXIT.unreachable : EXIT.usage, error.message, lines);
}

/** A line that offers names which are close to one that does not exist. */
export function didYouMean(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  return `did you mean ${distinct.map((name) => `\`${name}\``).join(', ')}?`;
}
