import { describe, expect, it } from '@jest/globals';
import { listText, quoted } from './json-text.js';

const EVERY_UNIT = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));

describe('quoted', () => {
  it('says of every unit of a text, alone and among others, what JSON.stringify says', () => {
    for (const unit of EVERY_UNIT) {
      for (const text of [unit, `a${unit}b`, `${unit}\udc00`]) {
        if (quoted(text) !== JSON.stringify(text)) throw new Error(`differs at ${JSON.stringify(text)}`);
      }
    }
    expect(quoted('')).toBe('""');
  });
});

describe('listText', () => {
  it('is the JSON of none, one and several', () => {
    for (const list of [[], ['a'], ['', 'b"', '→']]) expect(listText(list, quoted)).toBe(JSON.stringify(list));
  });
});
