import { describe, expect, it } from '@jest/globals';
import type { Json } from './json.js';
import { ValueMap } from './value-map.js';

const VALUES = [
  ...['null', 'true', 'false', '0', '1', '1.5', '"1"', '""', '[]', '{}', '[[]]', '[{}]', '{"a":null}', '{"a":{}}'],
  ...['{"a":1,"b":2}', '{"a":2,"b":1}', '{"a":[1,2]}', '{"a":[2,1]}', '{"a":[1],"b":[2]}', '{"__proto__":1}'],
];

describe('ValueMap', () => {
  it('keeps one thing for equal values and different ones for others', () => {
    const map = new ValueMap<string>();
    for (const text of VALUES) expect(map.for(JSON.parse(text) as Json, () => text)).toBe(text);
    for (const text of VALUES) expect(map.for(JSON.parse(text) as Json, () => 'made again')).toBe(text);
  });

  it('tells values apart that have one hash, as many as there are', () => {
    const map = new ValueMap<number>();
    const alike = Array.from({ length: 20 }, (_, i): Json => [2 ** 32 * i]);
    alike.forEach((value, i) => expect(map.for(value, () => i)).toBe(i));
    expect(map.for([0], () => -1)).toBe(0);
    expect(map.for([2 ** 32 * 19], () => -1)).toBe(-1);
  });

  it('makes again what is not to be kept', () => {
    const map = new ValueMap<number>();
    const isKept = (made: number): boolean => made > 1;
    expect(map.for(['a'], () => 1, isKept)).toBe(1);
    expect(map.for(['a'], () => 2, isKept)).toBe(2);
    expect(map.for(['a'], () => 3, isKept)).toBe(2);
  });
});
