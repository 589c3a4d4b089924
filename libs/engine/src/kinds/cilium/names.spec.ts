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

  it('match nothing where an entry says nothing', () => {
    const world = toNames({}, '1.19.0');
    expect([world.refused, world.codes]).toEqual([false, ['cilium.name']]);
    expect(['a.org', '8.8.8.8'].map((to) => world.ask('n/fe', to))).toEqual(['deny', 'deny']);
    expect(questions({}, '1.19.0')).toEqual([]);
  });
});
