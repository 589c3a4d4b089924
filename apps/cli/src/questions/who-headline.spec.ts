import { describe, expect, it } from '@jest/globals';
import type { ConnectionView } from '#engine';

import { whoHeadline } from './who-headline.js';

const row = (source: string, destination: string) =>
  ({ source: { kind: 'Pod', name: source }, destination: { kind: 'Pod', name: destination } }) as ConnectionView;
const TWO = [row('a', 'x'), row('a', 'y'), row('b', 'x')];

describe('who, in one line', () => {
  it.each([
    [{ to: 'shop/db', port: '5432' }, TWO, '2 sources can reach shop/db on port 5432'],
    [{ to: 'shop/db', protocol: 'UDP', port: '53' }, TWO.slice(2), '1 source can reach shop/db on UDP port 53'],
    [{ to: 'shop/db' }, [], 'nothing can reach shop/db'],
    [{ from: 'shop/api' }, TWO, 'shop/api can reach 2 destinations'],
    [{ from: 'shop/api', protocol: 'ICMP' }, [], 'shop/api can reach nothing on ICMP'],
    [{ from: 'namespace:shop', to: 'pay/db' }, TWO, '2 sources of namespace:shop can reach pay/db'],
    [{ to: 'shop/db', verdict: 'unknown' }, TWO, '2 sources may, as far as can be told, reach shop/db'],
  ])('%j', (asked, rows, line) => {
    expect(whoHeadline(asked, rows)).toBe(line);
  });
});
