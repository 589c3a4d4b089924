import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { compileSnapshot } from '#engine';
import { factsOf } from '#engine/testing';

import { namespace, policy } from '../testing/objects.js';
import { AuditContext } from './audit-context.js';
import { DEFAULT_SETTINGS } from './audit-settings.js';
import { SaidByOthers } from './rule-coverage.js';

/** What a rule says: addresses of one block, and ports, as sets that can be counted. */
interface Small {
  readonly prefix: number;
  readonly host: number;
  readonly from: number;
  readonly length: number;
}

const small: fc.Arbitrary<Small> = fc.record({
  prefix: fc.integer({ min: 29, max: 32 }),
  host: fc.integer({ min: 0, max: 7 }),
  from: fc.integer({ min: 80, max: 83 }),
  length: fc.integer({ min: 0, max: 2 }),
});

/** As many as are held against each other at once, and more. */
const few = fc.array(small, { minLength: 1, maxLength: 12 });
const many = fc.array(small, { minLength: 40, maxLength: 50 });

const ruleOf = ({ prefix, host, from, length }: Small): object => ({
  from: [{ ipBlock: { cidr: `192.0.2.${firstOf({ prefix, host })}/${prefix}` } }],
  ports: [length === 0 ? { port: from } : { port: from, endPort: from + length }],
});

function firstOf({ prefix, host }: Pick<Small, 'prefix' | 'host'>): number {
  const size = 2 ** (32 - prefix);
  return Math.floor(host / size) * size;
}

function isWithin(narrow: Small, wide: Small): boolean {
  const [first, around] = [firstOf(narrow), firstOf(wide)];
  const isInBlock = around <= first && first + 2 ** (32 - narrow.prefix) <= around + 2 ** (32 - wide.prefix);
  return isInBlock && wide.from <= narrow.from && narrow.from + narrow.length <= wide.from + wide.length;
}

describe('rules that others cover', () => {
  it('are found among many as if each were held against each', () => {
    fc.assert(
      fc.property(fc.oneof(few, many), (smalls) => {
        const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: smalls.map(ruleOf) };
        const snapshot = compileSnapshot(factsOf(namespace('shop'), policy('shop/p', spec)));
        const context = new AuditContext(snapshot, DEFAULT_SETTINGS);
        const rules = context.networkPolicies[0]?.rules ?? [];
        const said = new SaidByOthers(context, rules, ({ entry }) => (entry === null ? [] : [entry]));
        const found = rules.map(({ entry }, own) =>
          (said.covering(entry === null ? [] : [entry], (other) => other.index !== own) ?? []).map(
            ({ index }) => index,
          ),
        );
        const expected = smalls.map((narrow, own) => {
          const first = smalls.findIndex((wide, at) => at !== own && isWithin(narrow, wide));
          return first < 0 ? [] : [first];
        });
        expect(found).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});
