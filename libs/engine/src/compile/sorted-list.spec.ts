import { describe, expect, it } from '@jest/globals';

import { SortedList } from './sorted-list.js';

describe('SortedList', () => {
  it('gives what a sorted array with the same changes gives, and leaves earlier lists as they are', () => {
    const first = Array.from({ length: 700 }, (_, i) => i * 3);
    const plain = new Set(first);
    const kept = SortedList.of(first);
    let list = kept;
    for (let step = 0; step < 4000; step++) {
      const value = (step * 7919) % 2500;
      const gone = step % 3 === 0;
      if (gone) plain.delete(value);
      else plain.add(value);
      list = list.with((member) => member - value, gone ? null : value);
      expect(list.length).toBe(plain.size);
      expect(list.at((member) => member - value)).toBe(gone ? undefined : value);
    }
    const sorted = [...plain].sort((a, b) => a - b);
    expect(list.toArray()).toEqual(sorted);
    expect(kept.toArray()).toEqual(first);
    const tens = (member: number): number => Math.floor(member / 1000) - 1;
    expect(list.stretch(tens)).toEqual(sorted.filter((member) => tens(member) === 0));
  });

  it('finds what stands around a place', () => {
    const list = SortedList.of([10, 20, 30]);
    const around = (value: number): readonly number[] => list.around((member) => member - value);
    expect([5, 10, 15, 30, 35].map(around)).toEqual([[10], [10], [10, 20], [20, 30], [30]]);
    expect(SortedList.of<number>([]).around(() => 0)).toEqual([]);
  });

  it('grows from nothing and shrinks to it', () => {
    let list = SortedList.of<number>([]);
    for (let value = 0; value < 1000; value++) list = list.with((member) => member - value, value);
    for (let value = 999; value >= 0; value--) list = list.with((member) => member - value, null);
    expect([list.length, list.toArray()]).toEqual([0, []]);
  });
});
