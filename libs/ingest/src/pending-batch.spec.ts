import { type Fact, canonicalJson, normaliseObject, objectKey } from '#engine';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { PendingBatch } from './pending-batch.js';

const pod = (name: string, version: string): Fact => {
  const { fact } = normaliseObject({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'n', labels: { version } },
    spec: { containers: [] },
  });
  if (!fact) throw new Error('not a pod');
  return fact;
};

type Step =
  | { readonly do: 'put' | 'delete'; readonly name: string; readonly version: string }
  | { readonly do: 'list'; readonly names: readonly string[]; readonly version: string }
  | { readonly do: 'flush' | 'fail' };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const version = fc.constantFrom('1', '2', '3');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('put' as const, 'delete' as const), name, version }),
  fc.record({ do: fc.constant('list' as const), names: fc.uniqueArray(name), version }),
  fc.record({ do: fc.constantFrom('flush' as const, 'fail' as const) }),
);

/** What a store holds, applying batches as the store's contract says. */
class Model {
  readonly objects = new Map<string, Fact>();

  apply(batch: PendingBatch): void {
    const { upserts, deletes, replace } = batch.toBatch(new Date(0));
    if (replace.includes('Pod')) this.objects.clear();
    for (const ref of deletes) this.objects.delete(objectKey(ref));
    for (const fact of upserts) this.objects.set(objectKey(fact.meta), fact);
  }

  get text(): string {
    return canonicalJson([...this.objects].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

describe('PendingBatch', () => {
  it('leads to the latest state of each object whatever the path: flushes, failures and lists in between (1, 2, 6)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const truth = new Model();
        const stored = new Model();
        let pending = new PendingBatch();
        for (const one of steps) {
          const direct = new PendingBatch();
          if (one.do === 'put' || one.do === 'delete') {
            const fact = pod(one.name, one.version);
            for (const batch of [pending, direct]) batch.change('Pod', fact.meta, one.do === 'put' ? fact : null);
          } else if (one.do === 'list') {
            const facts = one.names.map((each) => pod(each, one.version));
            for (const batch of [pending, direct]) batch.list('Pod', facts, true);
          } else if (one.do === 'flush') {
            stored.apply(pending);
            pending = new PendingBatch();
          } else {
            const failed = pending;
            pending = new PendingBatch();
            // Something arrives while the batch is on its way.
            const late = pod('d', '9');
            pending.change('Pod', late.meta, late);
            direct.change('Pod', late.meta, late);
            pending.putBack(failed);
          }
          truth.apply(direct);
        }
        stored.apply(pending);
        expect(stored.text).toBe(truth.text);
      }),
    );
  });

  it('holds one entry an object (4)', () => {
    const pending = new PendingBatch();
    for (let i = 0; i < 1000; i++) pending.change('Pod', pod('a', '1').meta, pod('a', String(i)));
    expect(pending.size).toBe(1);
    pending.list('Pod', [pod('b', '1')], true);
    expect(pending.toBatch(new Date()).upserts.map((fact) => fact.meta.name)).toEqual(['b']);
  });

  it('does not conclude from a partial list that anything is gone (5)', () => {
    const pending = new PendingBatch();
    pending.list('Pod', [pod('a', '1')], false);
    const batch = pending.toBatch(new Date());
    expect(batch.replace).toEqual([]);
    expect(batch.completeness['Pod']?.complete).toBe(false);
  });

  it('keeps the newest word on completeness when a batch is put back (5)', () => {
    const older = new PendingBatch();
    older.list('Pod', [], true);
    const newer = new PendingBatch();
    newer.incomplete('Pod', 'forbidden');
    newer.putBack(older);
    expect(newer.toBatch(new Date()).completeness['Pod']).toEqual({ complete: false, reason: 'forbidden' });
  });
});
