import { describe, expect, it } from '@jest/globals';
import { RecentTexts } from './recent-texts.js';

describe('RecentTexts', () => {
  it('has the last half of as many as it keeps, and lets go of earlier ones', () => {
    const texts = new RecentTexts<object>(8);
    const keys = Array.from({ length: 20 }, () => ({}));
    for (const [i, key] of keys.entries()) {
      texts.set(key, String(i));
      for (let back = 0; back <= Math.min(i, 4); back++) {
        expect(texts.get(keys[i - back] as object)).toBe(String(i - back));
      }
    }
    expect(texts.get(keys[0] as object)).toBeUndefined();
    expect(keys.filter((key) => texts.get(key) !== undefined).length).toBeLessThanOrEqual(8);
  });
});
