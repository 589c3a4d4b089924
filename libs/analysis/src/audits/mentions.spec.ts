import { describe, expect, it } from '@jest/globals';
import { mentionsIn } from './mentions.js';

const namespaces = new Set(['shop', 'kube-system', 'pay']);

describe('mentionsIn', () => {
  it('finds namespaces in names, sentences, keys and nested values', () => {
    const value = { 'kube-system': [{ why: 'any pod of pay may reach it' }], at: 'shop/web-1' };
    expect(mentionsIn(value, namespaces)).toEqual(['kube-system', 'pay', 'shop']);
  });

  it('takes no part of a word for a namespace', () => {
    expect(mentionsIn('shop-2/web, payments and my-shop', namespaces)).toEqual([]);
  });

  it('finds a namespace beside signs that no name has', () => {
    expect(mentionsIn('"shop"→pay:443 [kube-system].', namespaces)).toEqual(['kube-system', 'pay', 'shop']);
  });
});
