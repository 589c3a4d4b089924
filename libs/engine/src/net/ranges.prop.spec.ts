import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  cutRange,
  equalRanges,
  hasNumber,
  intersectRanges,
  mergeRanges,
  subtractRanges,
  unionRanges,
} from './ranges.js';
import type { Ranges } from './ranges.js';

const LIMIT = 40;
const ranges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: LIMIT }), fc.integer({ min: 1, max: LIMIT })), { maxLength: 6 })
  .map((pairs) => mergeRanges(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)));
const everyNumber = Array.from({ length: LIMIT }, (_, i) => i + 1);
const agrees = (got: Ranges, want: (value: number) => boolean): boolean =>
  everyNumber.every((value) => hasNumber(got, value) === want(value)) && equalRanges(got, mergeRanges(got));

describe('range algebra agrees with sets of numbers', () => {
  it('union', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => agrees(unionRanges(a, b), (v) => hasNumber(a, v) || hasNumber(b, v))),
    );
  });
  it('intersection', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => agrees(intersectRanges(a, b), (v) => hasNumber(a, v) && hasNumber(b, v))),
    );
  });
  it('difference', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => agrees(subtractRanges(a, b), (v) => hasNumber(a, v) && !hasNumber(b, v))),
    );
  });
  it('cuts, which keep together what no start parts', () => {
    const starts = fc.array(fc.integer({ min: -2, max: LIMIT + 2 }), { maxLength: 8 });
    fc.assert(
      fc.property(starts, (list) => {
        const pieces = cutRange(1, LIMIT, list);
        const firsts = everyNumber.filter((value) => value === 1 || list.includes(value));
        return (
          equalRanges(mergeRanges(pieces), [[1, LIMIT]]) &&
          pieces.length === firsts.length &&
          pieces.every(([from, to], at) => from === firsts[at] && from <= to)
        );
      }),
    );
  });
});
