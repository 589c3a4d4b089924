import { pointer } from '../base/index.js';

/** Levels of lists and objects that an object may have; no kind comes near it. Deeper ones are an attack on stacks. */
export const NESTING_LIMIT = 100;

/** Pointer of a place in `value` that lies deeper than the limit, null when there is none. */
export function tooDeepAt(value: unknown, depth = 0): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth > NESTING_LIMIT) return '';
  for (const key of Object.keys(value)) {
    const found = tooDeepAt((value as Readonly<Record<string, unknown>>)[key], depth + 1);
    if (found !== null) return pointer('', key) + found;
  }
  return null;
}
