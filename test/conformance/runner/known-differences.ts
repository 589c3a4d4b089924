import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A case that fails for a reason that KNOWN-DIFFERENCES.md explains. */
export interface KnownDifference {
  readonly corpus: string;
  readonly case: string;
  readonly reason: string;
  /** Every problem of the case must contain one of these, so that a new problem is not hidden by an old reason. */
  readonly problems: readonly string[];
}

const LIST = join(import.meta.dirname, '..', 'known-differences.json');

/** The list beside KNOWN-DIFFERENCES.md. */
export const KNOWN_DIFFERENCES = JSON.parse(readFileSync(LIST, 'utf8')) as readonly KnownDifference[];

const BY_CASE = new Map(KNOWN_DIFFERENCES.map((known) => [`${known.corpus}/${known.case}`, known]));

/** The known difference of a case, or null. */
export function knownDifference(corpus: string, name: string): KnownDifference | null {
  return BY_CASE.get(`${corpus}/${name}`) ?? null;
}
