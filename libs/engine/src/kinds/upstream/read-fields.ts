import { isObject, pointer } from '../../base/index.js';
import type { Json, JsonObject } from '../../base/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';

/** The value as an object; an error and null otherwise. */
export function readObject(value: unknown, at: string, what: string, problems: ProblemList): JsonObject | null {
  if (isObject(value)) return value;
  problems.error('adminpolicy.type', at, `expected ${what}, found ${describe(value)}`);
  return null;
}

/** The items of a list of at most `limit`; an error and no items when it is none. */
export function readList(
  value: unknown,
  at: string,
  what: string,
  limit: number,
  problems: ProblemList,
): readonly Json[] {
  if (!Array.isArray(value)) {
    problems.error('adminpolicy.type', at, `expected a list of ${what}, found ${describe(value)}`);
    return [];
  }
  if (value.length > limit) {
    problems.error('adminpolicy.limit', at, `at most ${limit} ${what} are allowed, found ${value.length}`);
  }
  return value as readonly Json[];
}

/** An integer from `low` to `high`; an error and null otherwise. */
export function readInteger(
  value: unknown,
  low: number,
  high: number,
  at: string,
  problems: ProblemList,
): number | null {
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high) return value;
  problems.error('adminpolicy.number', at, `expected a number from ${low} to ${high}, found ${describe(value)}`);
  return null;
}

/** Fields that are set; `null` counts as not set, as for the API server. */
export function fieldsOf(value: JsonObject): readonly string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined && value[key] !== null);
}

/** The API server drops fields it does not know, so a typing error silently changes what a policy means. */
export function warnUnknownFields(
  value: JsonObject,
  known: readonly string[],
  at: string,
  problems: ProblemList,
): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const expected = known.map((name) => `\`${name}\``).join(', ');
    const message = `unknown field, ignored; expected one of ${expected}`;
    problems.suspect('adminpolicy.unknown_field', pointer(at, key), message);
  }
}
