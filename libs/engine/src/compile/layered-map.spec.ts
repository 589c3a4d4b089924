import { describe, expect, it } from '@jest/globals';

import { LayeredMap } from './layered-map.js';

describe('LayeredMap', () => {
  it('gives what a map with the same changes gives, and leaves earlier maps as they are', () => {
    const base = new Map(Array.from({ length: 300 }, (_, key) => [key, `v${key}`]));
    const plain = new Map(base);
    const kept = LayeredMap.of(base);
    let layered = kept;
    for (let step = 0; step < 6000; step++) {
      const key = (step * 7919) % 3000;
      const value = step % 3 === 0 ? undefined : `s${step}`;
      if (value === undefined) plain.delete(key);
      else plain.set(key, value);
      layered = layered.with(key, value);
      expect(layered.size).toBe(plain.size);
    }
    for (let key = 0; key < 3000; key++) {
      expect(layered.get(key)).toBe(plain.get(key));
      expect(kept.get(key)).toBe(base.get(key));
    }
  });
});
