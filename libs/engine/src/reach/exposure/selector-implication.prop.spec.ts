import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Selector } from '../../model/index.js';
import { implicationLookups, implicationWords, impliesForPods } from './selector-implication.js';

const values = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
const labelTest = fc.record({
  type: fc.constant('label' as const),
  owner: fc.constantFrom('pod' as const, 'namespace' as const),
  key: fc.constantFrom('app', 'tier', 'kubernetes.io/metadata.name'),
  op: fc.constantFrom('in' as const, 'notIn' as const, 'exists' as const, 'notExists' as const),
  values,
});
const test: fc.Arbitrary<Selector> = fc.oneof(
  labelTest,
  fc.record({ type: fc.constant('namespace' as const), names: values }),
  fc.constant<Selector>({ type: 'all' }),
  fc.constant<Selector>({ type: 'kind', kinds: ['pod'] }),
);
const selector: fc.Arbitrary<Selector> = fc.oneof(
  test,
  fc.array(test, { maxLength: 4 }).map((of): Selector => ({ type: 'and', of })),
  fc.array(test, { minLength: 1, maxLength: 2 }).map((of): Selector => ({ type: 'or', of })),
);

describe('words of selectors', () => {
  it('find every conclusion that a premise implies', () => {
    let implied = 0;
    fc.assert(
      fc.property(selector, selector, (premise, conclusion) => {
        if (!impliesForPods(premise, conclusion, (name) => (name === 'a' ? { app: 'a' } : null))) return;
        implied++;
        const lookups = implicationLookups(premise);
        if (lookups !== null) expect(implicationWords(conclusion).some((word) => lookups.includes(word))).toBe(true);
      }),
      { numRuns: 5000 },
    );
    expect(implied).toBeGreaterThan(200);
  });
});
