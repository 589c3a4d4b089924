import { isObject, pointer } from '../../base/index.js';
import type { ProblemList } from '../../normalise/problem-list.js';

/** The API server drops fields that the CRD does not know, so a typing error silently changes what a policy means. */
export function warnUnknownFields(value: unknown, known: readonly string[], at: string, problems: ProblemList): void {
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const expected = known.map((name) => `\`${name}\``).join(', ');
    problems.suspect('cilium.unknown_field', pointer(at, key), `unknown field, ignored; expected one of ${expected}`);
  }
}
