import { describe, expect, it } from '@jest/globals';
import {
  canonicalIp,
  cidrForm,
  contains,
  formatCidr,
  formatIp,
  formatRange,
  isWithin,
  parseCidr,
  parseIp,
} from './ip.js';
import type { Ip, IpRange } from './ip.js';

const ip = (text: string): Ip => {
  const parsed = parseIp(text);
  if (parsed === null) throw new Error(`not an address: ${text}`);
  return parsed;
};

describe('parseIp', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['010.000.0.08', '10.0.0.8'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['fe80:0:0:1::', 'fe80:0:0:1::'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('reads %s as %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    '1.2.3.-4',
    '1.2.3.4/8',
    ':::',
    '1::2::3',
    '12345::',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8:9',
    '1.2.3.4 ',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toBeNull();
  });
});

describe('parseCidr', () => {
  it('masks host bits and says so', () => {
    const cidr = parseCidr('10.1.2.3/8');
    expect(cidr).not.toBeNull();
    expect(cidr?.hostBits).toBe(true);
    expect(cidr === null ? '' : formatCidr(cidr)).toBe('10.0.0.0/8');
  });

  it('reads an IPv4-mapped block as IPv4', () => {
    const cidr = parseCidr('::ffff:10.0.0.0/104');
    expect(cidr === null ? '' : formatCidr(cidr)).toBe('10.0.0.0/8');
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '::/129', '10.0.0.0/08x', '/8'])('refuses %j', (text) => {
    expect(parseCidr(text)).toBeNull();
  });

  it.each([
    ['10.0.0.0/8', []],
    ['0.0.0.0/0', []],
    ['fd00:0db8::0012/64', []],
    ['64:ff9b::10.0.0.0/104', []],
    ['010.0.0.0/8', ['octetZero']],
    ['10.0.00.0/8', ['octetZero']],
    ['10.0.0.01', ['octetZero']],
    ['64:ff9b::010.0.0.0/104', ['octetZero']],
    ['10.0.0.0/08', ['prefixZero']],
    ['::/00', ['prefixZero']],
    ['::ffff:10.0.0.0/104', ['mapped']],
    ['::FFFF:a00:0/104', ['mapped']],
    ['::ffff:010.0.0.0/0104', ['octetZero', 'prefixZero', 'mapped']],
  ])('tells what is odd about the form of %s', (text, odd) => {
    const form = cidrForm(text);
    expect(Object.entries(form).flatMap(([name, is]) => (is === true ? [name] : []))).toEqual(odd);
  });

  it('holds its first and last address and nothing beside', () => {
    const block = parseCidr('192.168.4.0/22') as IpRange;
    expect(['192.168.4.0', '192.168.7.255'].map((text) => contains(block, ip(text)))).toEqual([true, true]);
    expect(['192.168.3.255', '192.168.8.0', '::1'].map((text) => contains(block, ip(text)))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('covers the whole family with prefix 0', () => {
    expect(contains(parseCidr('::/0') as IpRange, ip('ffff::'))).toBe(true);
    expect(contains(parseCidr('0.0.0.0/0') as IpRange, ip('::1'))).toBe(false);
  });

  it('tells what lies inside', () => {
    const outer = parseCidr('10.0.0.0/8') as IpRange;
    expect(isWithin(parseCidr('10.9.0.0/16') as IpRange, outer)).toBe(true);
    expect(isWithin(outer, parseCidr('10.9.0.0/16') as IpRange)).toBe(false);
  });
});

describe('formatting', () => {
  it('writes one address alone, a block as such and others by first and last', () => {
    expect(formatRange({ family: 4, from: 1n, to: 1n })).toBe('0.0.0.1');
    expect(formatRange({ family: 4, from: 1n, to: 5n })).toBe('0.0.0.1-0.0.0.5');
    expect(formatRange({ family: 4, from: 4n, to: 7n })).toBe('0.0.0.4/30');
    expect(formatRange({ family: 4, from: 2n, to: 5n })).toBe('0.0.0.2-0.0.0.5');
    expect(formatRange({ family: 6, from: 0n, to: (1n << 128n) - 1n })).toBe('::/0');
  });

  it('shortens the longest run of zeros, the first of two equal ones', () => {
    expect(formatIp(ip('1:0:0:2:0:0:0:3'))).toBe('1:0:0:2::3');
    expect(formatIp(ip('1:0:0:2:3:0:0:4'))).toBe('1::2:3:0:0:4');
    expect(formatIp(ip('1:0:2:3:4:5:6:7'))).toBe('1:0:2:3:4:5:6:7');
  });
});
