import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nearNames } from './near-names.js';

/** Every distance worked out in full, as `nearNames` must find without that. */
function nearest(wanted: string, names: readonly string[]): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 2));
  const distance = (a: string, b: string): number => {
    if (a === '' || b === '') return a.length + b.length;
    const [x, y] = [a.slice(1), b.slice(1)];
    if (a.startsWith(b.charAt(0))) return distance(x, y);
    const isSwap = b.length > 1 && a.startsWith(b.charAt(1) + b.charAt(0));
    const swapped = isSwap ? distance(a.slice(2), b.slice(2)) : Infinity;
    return 1 + Math.min(swapped, distance(x, y), distance(a, y), distance(x, b));
  };
  const scored = [...new Set(names)].flatMap((name): [number, string][] => {
    const isFar = Math.abs(name.length - wanted.length) > limit;
    const of = isFar ? (name.includes(wanted) ? limit : Infinity) : distance(wanted, name);
    return of <= limit ? [[of, name]] : [];
  });
  return scored
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))
    .slice(0, 5)
    .map(([, name]) => name);
}

describe('nearNames', () => {
  it('puts the nearest first and leaves out what is too far', () => {
    expect(nearNames('shop/we', ['shop/db', 'shop/web', 'pay/gateway', 'shop/webhook'])).toEqual([
      'shop/web',
      'shop/db',
      'shop/webhook',
    ]);
    expect(nearNames('shop/wbe', ['shop/db', 'shop/web'])).toEqual(['shop/web', 'shop/db']);
    expect(nearNames('api', ['the-payments-api-of-old'])).toEqual(['the-payments-api-of-old']);
  });

  it('finds the same five as if every distance were worked out', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-'), maxLength: 6 });
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 30 }), (wanted, names) => {
        expect(nearNames(wanted, names)).toEqual(nearest(wanted, names));
      }),
      { numRuns: 200 },
    );
  });
});
