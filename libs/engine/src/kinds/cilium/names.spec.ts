import { describe, expect, it } from '@jest/globals';
import { cnp, ON, World } from '../../testing/cilium-world.js';

describe('CNP-42 patterns of names', () => {
  const NAMES = ['org', 'a.org', 'example.org', 'a.example.org', 'b.a.example.org', 'ab.example.org'];
  const toNames = (name: object, version: string): World =>
    new World([cnp({ endpointSelector: {}, egress: [{ toFQDNs: [name] }] })], { ...ON, version });
  /** Names that a rule about questions to a resolver lets be asked. */
  const questions = (name: object, version: string): string[] => {
    const toPorts = [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [name] } }];
    const world = new World([cnp({ endpointSelector: {}, egress: [{ toPorts }] })], { ...ON, version });
    const asked = (text: string): string =>
      world.ask('n/fe', '8.8.8.8', { protocol: 17, port: 53, l7: { protocol: 'dns', fields: { name: text } } });
    return NAMES.filter((text) => asked(text) === 'allow');
  };

  it.each([
    ['*', '1.18.4', NAMES],
    ['*', '1.19.0', NAMES],
    ['**', '1.18.4', ['org']],
    ['**', '1.19.0', NAMES],
    ['*.', '1.18.4', ['org']],
    ['*.', '1.19.0', NAMES],
    ['**.example.org', '1.18.4', ['a.example.org', 'ab.example.org']],
    ['**.example.org', '1.19.0', ['a.example.org', 'b.a.example.org', 'ab.example.org']],
    ['***.example.org.', '1.19.0', ['a.example.org', 'b.a.example.org', 'ab.example.org']],
    ['**.**.org', '1.19.0', ['a.example.org', 'b.a.example.org', 'ab.example.org']],
    ['a.**.org', '1.19.0', ['a.example.org']],
    ['a**.example.org', '1.19.0', ['a.example.org', 'ab.example.org']],
    ['**example.org', '1.19.0', ['example.org']],
  ])('%s of %s is %j', (matchPattern, version, expected) => {
    const world = toNames({ matchPattern }, version);
    expect(NAMES.filter((name) => world.ask('n/fe', name) === 'allow')).toEqual(expected);
    expect(questions({ matchPattern }, version)).toEqual(expected);
  });

  it('match nothing where an entry says nothing, which releases before 1.16 take', () => {
    const world = toNames({}, '1.15.9');
    expect([world.refused, world.codes]).toEqual([false, ['cilium.name']]);
    expect(['a.org', '8.8.8.8'].map((to) => world.ask('n/fe', to))).toEqual(['deny', 'deny']);
    expect(questions({}, '1.15.9')).toEqual([]);
  });

  it('are one in an entry, from 1.16 on of DNS rules too', () => {
    const two = { matchName: 'a.org', matchPattern: '*.org' };
    expect(toNames({}, '1.16.0').refused).toBe(true);
    expect([toNames(two, '1.15.9').refused, toNames(two, '').refused]).toEqual([true, true]);
    expect([questions(two, '1.15.9'), questions(two, '1.16.0')]).toEqual([['a.org', 'example.org'], NAMES]);
  });

  it.each(['', '.', '.org', 'a..org', 'a.org..', 'a/b'])('are never `%s`', (matchPattern) => {
    expect(toNames({ matchPattern }, '').refused).toBe(true);
  });
});
