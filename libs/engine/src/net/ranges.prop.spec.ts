import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import {
  alignedBlocks,
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
  it('aligned blocks, which are whole and hold all of the range once', () => {
    const bound = fc.integer({ min: 0, max: 65535 });
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const blocks = alignedBlocks(from, to);
        return (
          blocks[0]?.[0] === from &&
          blocks.at(-1)?.[1] === to &&
          blocks.every(([first, last, bits], at) => {
            const next = blocks[at + 1]?.[0] ?? to + 1;
            return first % 2 ** bits === 0 && last - first + 1 === 2 ** bits && last + 1 === next;
          }) &&
          blocks.length <= 30
        );
      }),
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
