import { describe, expect, it } from '@jest/globals';
import { parseReachabilityQuery } from './reachability.query.js';

const QUESTION = { cluster: 'c', from: 'a/b', to: 'a/c' };

describe('parseReachabilityQuery', () => {
  it('reads the numbers that a query string holds as text', () => {
    expect(parseReachabilityQuery({ ...QUESTION, port: '8080', sourcePort: '40000', at: '3' })).toEqual({
      ...QUESTION,
      protocol: 'TCP',
      port: 8080,
      sourcePort: 40000,
      at: { seq: 3 },
    });
  });

  it('makes a request of its parts', () => {
    expect(parseReachabilityQuery({ ...QUESTION, method: 'GET', path: '/a' }).l7).toEqual({
      protocol: 'http',
      method: 'GET',
      path: '/a',
      host: undefined,
    });
  });

  it.each([
    [{ sourcePort: 'high' }, '/sourcePort'],
    [{ sourcePort: '0' }, '/sourcePort'],
    [{ l7: 'x' }, '/l7'],
    [{ method: ['GET', 'PUT'] }, '/method'],
  ])('refuses %j by name', (wrong, pointer) => {
    expect(() => parseReachabilityQuery({ ...QUESTION, ...wrong })).toThrow(`\`${pointer}\``);
  });
});
