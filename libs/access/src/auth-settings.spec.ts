import { describe, expect, it } from '@jest/globals';
import { parseInput } from '#contracts';
import { grantInput } from './auth-settings.js';

describe('a grant as it is given', () => {
  const team = [{ key: 'team', op: 'in', values: ['a'] }];
  it.each([
    [{}, ['*'], null],
    [{ namespaces: ['shop'] }, ['shop'], null],
    [{ namespaceLabels: 'team=a' }, [], team],
    [{ namespaces: ['shop'], namespaceLabels: 'team=a' }, ['shop'], team],
  ])('with %j counts in namespaces %j and those with labels %j', (given, names, labels) => {
    expect(parseInput(grantInput, { role: 'viewer', clusters: ['shop-*'], ...given })).toEqual({
      role: 'viewer',
      clusters: { names: ['shop-*'], labels: null },
      namespaces: { names, labels },
    });
  });

  it('refuses what is no selector', () => {
    expect(() => parseInput(grantInput, { role: 'viewer', namespaceLabels: 'team=a b' })).toThrow('label selector');
  });
});
