import { field, list, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';

/** The items of a field that may be absent; an error and no items when it is no list. */
export function listField(value: unknown, key: string, at: string, problems: ProblemList): readonly Json[] {
  const found = field(value, key);
  if (found !== undefined && !Array.isArray(found)) {
    problems.error('cilium.list', pointer(at, key), `expected a list, found ${describe(found)}`);
  }
  return list(found);
}
