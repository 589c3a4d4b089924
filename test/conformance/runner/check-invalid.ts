import type { CompiledSnapshot } from '#engine';

import type { CaseInput } from './case-input.js';
import type { ExpectedCase } from './case.js';

/** The input must be refused with a message: by the reader, or when its policies are compiled. */
export function checkInvalid(expected: ExpectedCase, input: CaseInput, snapshot: CompiledSnapshot): string[] {
  const wanted = expected.object;
  const errors = snapshot.diagnostics.filter(
    (diagnostic) =>
      diagnostic.class === 'error' &&
      (wanted === undefined || (diagnostic.object?.kind === wanted.kind && diagnostic.object.name === wanted.name)),
  );
  const refused = wanted === undefined && input.problems.length > 0;
  if (errors.length > 0 || refused) return [];
  const what = wanted === undefined ? 'the input' : `${wanted.kind} ${wanted.name}`;
  return [`expected ${what} to be refused (${expected.reason ?? ''}), it was accepted`];
}
