import { describe, expect, it } from '@jest/globals';

import { contains, everyAddress, formatRange, parseCidr, parseIp } from '#engine';
import type { IpRange } from '#engine';

import { addressCount, publicParts, publicShare } from './address-space.js';

const block = (text: string): IpRange => parseCidr(text)!;
const isPublic = (text: string): boolean => {
  const ip = parseIp(text)!;
  return publicParts(everyAddress(ip.family)).some((part) => contains(part, ip));
};

describe('the public part of the address space', () => {
  it.each(['8.8.8.8', '1.1.1.1', '223.255.255.254', '11.0.0.0', '172.32.0.1', '2606:4700::1111', '2a00::1'])(
    '%s is',
    (ip) => {
      expect(isPublic(ip)).toBe(true);
    },
  );
  it.each([
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    'fd00::1',
    'fe80::1',
    '::1',
    '2001:db8::1',
  ])('%s is not', (ip) => {
    expect(isPublic(ip)).toBe(false);
  });

  it('leaves out what the cluster itself uses', () => {
    expect(publicParts(block('8.8.0.0/16'), [block('8.8.8.0/24')]).map(formatRange)).toEqual([
      '8.8.0.0/21',
      '8.8.9.0-8.8.255.255',
    ]);
  });

  it('is counted and weighed', () => {
    expect(addressCount([block('8.8.8.0/24'), block('1.1.1.1/32')])).toBe(257n);
    expect(publicShare(publicParts(everyAddress(4)))).toBe(1);
    expect(publicShare([block('8.0.0.0/8')])).toBeCloseTo(1 / 221, 2);
    expect(publicShare([])).toBe(0);
  });
});
