import { describe, expect, it } from '@jest/globals';

import { formatCidr, parseCidr } from '#engine';
import type { Cidr } from '#engine';

import { publishedNear, readAddressLists } from './address-lists.js';

const AWS = {
  createDate: '2026-11-20-01-02-03',
  prefixes: [
    { ip_prefix: '203.0.113.0/24', region: 'north', service: 'AMAZON' },
    { ip_prefix: '203.0.113.0/24', region: 'north', service: 'S3' },
    { ip_prefix: '198.51.100.0/25', region: 'south', service: 'AMAZON' },
  ],
  ipv6_prefixes: [{ ipv6_prefix: '2001:db8::/40', region: 'north', service: 'S3' }],
};

describe('published lists of addresses', () => {
  it('are read as AWS, Google and Azure write them', () => {
    expect(readAddressLists(AWS)).toEqual([
      {
        provider: 'AWS',
        date: '2026-11-20',
        service: 'S3',
        region: 'north',
        blocks: ['203.0.113.0/24', '2001:db8::/40'],
      },
      { provider: 'AWS', date: '2026-11-20', service: 'AMAZON', region: 'north', blocks: ['203.0.113.0/24'] },
      { provider: 'AWS', date: '2026-11-20', service: 'AMAZON', region: 'south', blocks: ['198.51.100.0/25'] },
    ]);
    const google = {
      creationTime: '2026-11-19T10:00:00.1',
      prefixes: [
        { ipv4Prefix: '192.0.2.0/24', service: 'Google Cloud', scope: 'europe' },
        { ipv6Prefix: '2001:db8::/32' },
      ],
    };
    expect(readAddressLists(google)).toEqual([
      { provider: 'Google', date: '2026-11-19', service: 'Google Cloud', region: 'europe', blocks: ['192.0.2.0/24'] },
      { provider: 'Google', date: '2026-11-19', service: '', region: '', blocks: ['2001:db8::/32'] },
    ]);
    const properties = { region: 'west', systemService: 'AzureStorage', addressPrefixes: ['192.0.2.0/26'] };
    expect(readAddressLists({ changeNumber: 7, values: [{ name: 'Storage.West', properties }] })).toEqual([
      { provider: 'Azure', date: 'change 7', service: 'AzureStorage', region: 'west', blocks: ['192.0.2.0/26'] },
    ]);
    expect([{}, [], null, 'x', { prefixes: [] }].map(readAddressLists)).toEqual([null, null, null, null, null]);
  });

  it('tell the block that holds another, or lies within it', () => {
    const lists = readAddressLists(AWS) ?? [];
    const near = (block: string): string | null => {
      const found = publishedNear(lists, parseCidr(block) as Cidr);
      return found === null ? null : `${formatCidr(found.published)} ${found.list.service}`;
    };
    expect(near('203.0.113.64/26')).toBe('203.0.113.0/24 S3');
    expect(near('203.0.112.0/20')).toBe('203.0.113.0/24 S3');
    expect(near('198.51.100.0/24')).toBe('198.51.100.0/25 AMAZON');
    expect(near('198.51.100.128/25')).toBeNull();
    expect(near('203.0.114.0/24')).toBeNull();
    expect(near('2001:db8:1::/48')).toBe('2001:db8::/40 S3');
    expect(near('2001:db9::/48')).toBeNull();
  });
});
