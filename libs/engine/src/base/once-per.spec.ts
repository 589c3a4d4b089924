import { describe, expect, it } from '@jest/globals';
import { oncePer } from './once-per.js';

describe('oncePer', () => {
  it('makes one thing of each object, also when that is nothing', () => {
    const asked: object[] = [];
    const find = oncePer((key: { readonly name?: string }) => {
      asked.push(key);
      return key.name;
    });
    const [one, other] = [{ name: 'a' }, {}];
    expect([find(one), find(other), find(one), find(other)]).toEqual(['a', undefined, 'a', undefined]);
    expect(asked).toEqual([one, other]);
  });
});
