import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { contains, parseCidr } from '../../net/index.js';
import type { Ip } from '../../net/index.js';
import { addressAtoms, addressClasses } from './address-atoms.js';
import type { AddressBlock } from './address-atoms.js';

const cidr = fc.oneof(
  fc.constantFrom('0.0.0.0/0', '::/0', '10.0.0.0/8', 'fd00::/8', '255.255.255.255/32', 'not an address'),
  fc
    .record({ octet: fc.integer({ min: 0, max: 3 }), bits: fc.constantFrom(24, 25, 30, 32) })
    .map(({ octet, bits }) => `10.0.0.${octet * 64}/${bits}`),
);
const block = fc.record({
  type: fc.constant('cidr' as const),
  cidr,
  except: fc.array(cidr, { maxLength: 3 }),
});

/** The blocks that an address lies in. */
function blocksOf(ip: Ip, blocks: readonly AddressBlock[]): string {
  const isIn = (text: string): boolean => {
    const range = parseCidr(text);
    return range !== null && contains(range, ip);
  };
  return blocks
    .map(({ cidr, except }) => isIn(cidr) && !except.some(isIn))
    .map(Number)
    .join('');
}

describe('pieces of the address space', () => {
  it('are of one class where they lie in the same blocks, and the first of them speaks for all', () => {
    let told = 0;
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.constantFrom(4, 6), (blocks, family) => {
        const atoms = addressAtoms(blocks, family);
        const texts = atoms.map(({ from }) => blocksOf({ family, value: from }, blocks));
        expect(addressClasses(blocks, atoms)).toEqual(texts.map((text) => texts.indexOf(text)));
        told += new Set(texts).size < texts.length ? 1 : 0;
      }),
    );
    expect(told).toBeGreaterThan(0);
  });
});
