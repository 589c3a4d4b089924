import type { AssertionOutcome, AssertionResult } from '#engine';

import { EXIT, type ExitCode } from '../exit-code.js';

export const OUTCOME_MARK: Readonly<Record<AssertionOutcome, string>> = {
  pass: '✓',
  fail: '✗',
  unknown: '?',
  error: '!',
};

/** A name that is not there is a mistake in the file; what cannot be told is neither a pass nor a failure. */
export function exitCodeOfResults(results: readonly AssertionResult[]): ExitCode {
  const has = (outcome: AssertionOutcome): boolean => results.some((result) => result.outcome === outcome);
  if (has('fail')) return EXIT.unexpected;
  if (has('error')) return EXIT.usage;
  return has('unknown') ? EXIT.undetermined : EXIT.ok;
}
