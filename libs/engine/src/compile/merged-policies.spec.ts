import { describe, expect, it } from '@jest/globals';

import { finish } from '../base/index.js';
import type { PolicyFact } from '../model/index.js';
import { factsOf, rawNetworkPolicy } from '../testing/index.js';
import { indexingFacts } from './facts-index.js';
import { demandingAfter, demandingOf } from './merged-policies.js';
import { changesTo, updateIndex } from './update-index.js';

const RULES = { http: [{ path: '/' }] };

const policy = (name: string, more: object): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'n' },
  spec: { endpointSelector: {}, ingress: [{ toPorts: [{ ports: [{ port: '80' }], ...more }] }] },
});

const names = (policies: readonly PolicyFact[]): readonly string[] => policies.map(({ meta }) => meta.name);

describe('the policies that may bear on others', () => {
  const first = finish(
    indexingFacts(
      factsOf(
        policy('b', { rules: RULES }),
        policy('d', { rules: RULES }),
        policy('plain', {}),
        rawNetworkPolicy('n/x', {}),
      ),
    ),
  );

  it('are those of Cilium that ask for more than peers and ports', () => {
    expect(names(demandingOf(first))).toEqual(['b', 'd']);
  });

  it.each([
    ['one that comes', { upserts: factsOf(policy('c', { serverNames: ['a.org'] })) }, ['b', 'c', 'd']],
    ['one that asks no more', { upserts: factsOf(policy('b', {})) }, ['d']],
    ['one that asks now', { upserts: factsOf(policy('plain', { rules: RULES })) }, ['b', 'd', 'plain']],
    ['one that goes', { removes: factsOf(policy('d', {})).map(({ meta }) => meta) }, ['b']],
  ])('are after a change what they are of the whole: %s', (_, edits, expected) => {
    const changes = changesTo(first, edits);
    const after = demandingAfter(demandingOf(first), changes);
    expect(names(after)).toEqual(expected);
    expect(after).toEqual(demandingOf(updateIndex(first, changes)));
  });

  it('are not looked through for one that asks for nothing', () => {
    const known = demandingOf(first);
    expect(demandingAfter(known, changesTo(first, { upserts: factsOf(policy('other', {})) }))).toBe(known);
  });
});
