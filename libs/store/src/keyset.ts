import type { SortStep } from '#contracts';
import type { Bind } from './access-filter.js';

/** A column that a list can be ordered by; never null. */
interface ListKey<T> {
  readonly sql: string;
  readonly type: 'text' | 'timestamptz' | 'uuid' | 'bigint';
  /** What the column holds for an item of the list. */
  of(item: T): string | number;
}

/** What a list can be ordered by, and the order that it has by itself: the last step of that tells any two rows apart. */
export interface ListOrder<T, K extends string = string> {
  readonly keys: Readonly<Record<K, ListKey<T>>>;
  readonly natural: readonly SortStep<K>[];
}

/** A stretch of a list: at most `limit` rows in the order of `steps`, those behind the row that has the values `from`. */
export interface Keyset {
  readonly steps: readonly { readonly sql: string; readonly type: string; readonly descending: boolean }[];
  readonly from: readonly (string | number)[] | null;
  readonly limit: number;
}

/** A stretch as the condition on rows, and as what comes behind the conditions. */
export function keysetSql(
  { steps, from, limit }: Keyset,
  bind: Bind,
): { readonly where: string; readonly tail: string } {
  const order = steps.map(({ sql, descending }) => `${sql}${descending ? ' DESC' : ''}`).join(', ');
  const values = (from ?? []).map((value, place) => `${bind(value)}::text::${String(steps[place]?.type)}`);
  return { where: from === null ? 'TRUE' : behind(steps, values), tail: `ORDER BY ${order} LIMIT ${bind(limit)}` };
}

/** A row as a whole is compared where all steps have one direction: an index serves that. */
function behind(steps: Keyset['steps'], values: readonly string[]): string {
  const [first, ...rest] = steps;
  const [value = '', ...later] = values;
  if (first === undefined) return 'FALSE';
  const sign = first.descending ? '<' : '>';
  if (rest.every(({ descending }) => descending === first.descending)) {
    return `(${steps.map(({ sql }) => sql).join(', ')}) ${sign} (${values.join(', ')})`;
  }
  return `(${first.sql} ${sign} ${value} OR (${first.sql} = ${value} AND ${behind(rest, later)}))`;
}

/** A time as a key of a list. A row that has none comes behind all that have one. */
export function timeKey<T>(sql: string, of: (item: T) => Date | null): ListKey<T> {
  return { sql, type: 'timestamptz', of: (item) => of(item)?.toISOString() ?? 'infinity' };
}

/** A text as a key of a list. */
export function textKey<T>(sql: string, of: (item: T) => string): ListKey<T> {
  return { sql, type: 'text', of };
}

/** An id as a key of a list. */
export function idKey<T>(sql: string, of: (item: T) => string): ListKey<T> {
  return { sql, type: 'uuid', of };
}

/** A number as a key of a list. */
export function numberKey<T>(sql: string, of: (item: T) => number | string): ListKey<T> {
  return { sql, type: 'bigint', of };
}

/** An order by keys from their first value to their last. */
export function ascending<K extends string>(...keys: readonly K[]): readonly SortStep<K>[] {
  return keys.map((key) => ({ key, descending: false }));
}

/** An order by keys from their last value to their first. */
export function descending<K extends string>(...keys: readonly K[]): readonly SortStep<K>[] {
  return keys.map((key) => ({ key, descending: true }));
}

/** The first rows of a list in its own order. */
export function firstOf<T, K extends string>({ keys, natural }: ListOrder<T, K>, limit: number): Keyset {
  return { steps: natural.map(({ key, descending }) => ({ ...keys[key], descending })), from: null, limit };
}
