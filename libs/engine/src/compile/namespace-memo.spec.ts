import { describe, expect, it } from '@jest/globals';

import { BLANK_ENDPOINT } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import { NamespaceMemo, namespaceNumber } from './namespace-memo.js';

const inNamespace = (namespace: string, number = namespaceNumber(namespace)): Endpoint => ({
  ...BLANK_ENDPOINT,
  namespace,
  namespaceNumber: number,
});

describe('what is noted of namespaces', () => {
  it('is found again, of many and of none', () => {
    const memo = new NamespaceMemo<number>();
    expect(memo.get(inNamespace(''))).toBeNull();
    const names = Array.from({ length: 1000 }, (_, i) => `ns-${String(i)}`);
    for (const [i, name] of names.entries()) {
      expect(memo.get(inNamespace(name))).toBeNull();
      expect(memo.set(inNamespace(name), i)).toBe(i);
    }
    for (const [i, name] of names.entries()) expect(memo.get(inNamespace(name))).toBe(i);
  });

  it('is told apart by name where numbers are equal', () => {
    const memo = new NamespaceMemo<string>();
    for (const name of ['a', 'b', 'c']) memo.set(inNamespace(name, 7), `of ${name}`);
    for (const name of ['a', 'b', 'c']) expect(memo.get(inNamespace(name, 7))).toBe(`of ${name}`);
    expect(memo.get(inNamespace('d', 7))).toBeNull();
  });

  it('is that of the namespace that an endpoint was put into, whatever its number', () => {
    const memo = new NamespaceMemo<string>();
    const there = inNamespace('there');
    memo.set(there, 'there');
    const moved: Endpoint = { ...there, namespace: 'here' };
    expect(memo.get(moved)).toBeNull();
    memo.set(moved, 'here');
    expect([memo.get(there), memo.get(moved)]).toEqual(['there', 'here']);
  });

  it('is kept of endpoints that there are, and not of made-up ones, whose namespaces have no end', () => {
    const memo = new NamespaceMemo<string>();
    const madeUp: Endpoint = { ...inNamespace('nowhere'), hypothetical: true };
    expect(memo.set(madeUp, 'made up')).toBe('made up');
    expect(memo.get(madeUp)).toBeNull();
    memo.set(inNamespace('there'), 'there');
    expect(memo.get({ ...inNamespace('there'), hypothetical: true })).toBe('there');
  });
});
