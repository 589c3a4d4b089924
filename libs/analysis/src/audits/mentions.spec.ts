import { describe, expect, it } from '@jest/globals';
import { mentionsIn } from './mentions.js';

const names = {
  namespaces: new Set(['shop', 'kube-system', 'pay']),
  clusterScoped: new Set(['worker-1', 'ip-10-0-0-1.internal', 'deny-all']),
};

describe('mentionsIn', () => {
  it('finds namespaces in names, sentences, keys and nested values', () => {
    const value = { 'kube-system': [{ why: 'any pod of pay may reach it' }], at: 'shop/web-1' };
    expect(mentionsIn(value, names)).toEqual(['kube-system', 'pay', 'shop']);
  });

  it('takes no part of a word for a namespace', () => {
    expect(mentionsIn('shop-2/web, payments and my-shop', names)).toEqual([]);
  });

  it('finds a namespace beside signs that no name has', () => {
    expect(mentionsIn('"shop"→pay:443 [kube-system].', names)).toEqual(['kube-system', 'pay', 'shop']);
  });

  it.each(['on node worker-1.', 'ip-10-0-0-1.internal runs it', '{"policy":"deny-all"}'])(
    'says that `%s` names something that is in no namespace',
    (text) => {
      expect(mentionsIn(`shop: ${text}`, names)).toEqual(['', 'shop']);
    },
  );

  it('takes no part of a name for the name of something that is in no namespace', () => {
    expect(mentionsIn('worker-11, my-deny-all, ip-10-0-0-1', names)).toEqual([]);
  });
});
