import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, namedPeer, rawNamespace, rawPod } from '../testing/index.js';
import { checkAssertion, type AssertionResult } from './assertion.js';
import { breachLine } from './render-junit.js';

const SHOP = compileSnapshot(factsOf(rawNamespace('shop'), rawPod('shop/web'), rawPod('shop/db')), {
  cni: knownCni('calico'),
});

function check(from: string, to: string): AssertionResult {
  const named = (text: string) => [{ text, peer: namedPeer(text) }];
  const given = { name: 'x', owner: '', protocol: TCP, ports: [80], expect: 'denied', reading: 'enforced' } as const;
  return checkAssertion(SHOP, { ...given, from: named(from), to: named(to) });
}

describe('an expectation about a name that is not there', () => {
  it('says which names are close', () => {
    const { outcome, breaches } = check('shop/web', 'shop/dbb');
    expect(outcome).toBe('error');
    expect(breaches.map(breachLine)).toEqual([
      'shop/web → shop/dbb on TCP 80: not found (no pod, workload or Service is named `shop/dbb`, did you mean `shop/db`, `shop/web`?)',
    ]);
  });

  it('says nothing more where none is', () => {
    expect(check('shop/web', 'elsewhere/quite-another').breaches[0]?.summary).toMatch(
      /named `elsewhere\/quite-another`$/,
    );
  });
});
