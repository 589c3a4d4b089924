import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WHOLE_SCOPE } from '#access';
import type { Fact, ObjectRef } from '#engine';
import type { ClusterRepository, FactBatch, SnapshotRepository } from '#store';
import type { TestDatabase } from '../support/database.js';
import { batchOf, createSnapshotRows, type SnapshotRows } from '../support/snapshot-rows.js';

let test: TestDatabase;
let clusters: ClusterRepository;
let snapshots: SnapshotRepository;
let newCluster: SnapshotRows['newCluster'];

beforeAll(async () => {
  ({ test, clusters, snapshots, newCluster } = await createSnapshotRows());
});
afterAll(() => test.drop());

const KINDS: Readonly<Record<string, { group: string; kind: string }>> = {
  Namespace: { group: '', kind: 'Namespace' },
  'NetworkPolicy.networking.k8s.io': { group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  'NetworkPolicy.projectcalico.org': { group: 'projectcalico.org', kind: 'NetworkPolicy' },
};

function bare(entries: Record<string, string>): Record<string, string> {
  return Object.assign(Object.create(null) as Record<string, string>, entries);
}

function policy(ref: ObjectRef, content: string, labels: Record<string, string> = {}): Fact {
  return {
    type: 'policy',
    meta: {
      ...ref,
      version: 'v1',
      uid: `uid-${ref.name}`,
      labels: bare(labels),
      annotations: bare({}),
      owner: null,
      createdAt: '',
      deleting: false,
    },
    raw: { spec: { content } },
  };
}

function ref(kindId: string, namespace: string, name: string): ObjectRef {
  return { ...(KINDS[kindId] as { group: string; kind: string }), namespace, name };
}

const byKey = (fact: Fact): string =>
  [`${fact.meta.kind}.${fact.meta.group}`, fact.meta.namespace, fact.meta.name].join('/');
const sorted = (facts: Iterable<Fact>): Fact[] => [...facts].sort((a, b) => (byKey(a) < byKey(b) ? -1 : 1));

const anyKind = fc.constantFrom(...Object.keys(KINDS));
const anyRef = fc
  .tuple(anyKind, fc.constantFrom('', 'a', 'b'), fc.constantFrom('x', 'y', 'ä\t\\', 'quote"\n'))
  .map(([kind, namespace, name]) => ref(kind, namespace, name));
const anyText = fc.oneof(
  fc.constantFrom('', 'v1', 'v2', '\\N', '\\.', 'a\tb\nc\rd\\e', '\0', '\uD800', '{"a":1}', 'ü€😀'),
  fc.string({ maxLength: 8, unit: 'binary' }),
);
const anyFact = fc
  .tuple(anyRef, anyText, fc.dictionary(fc.constantFrom('app', '__proto__', 'constructor'), anyText, { maxKeys: 2 }))
  .map(([object, content, labels]) => policy(object, content, labels));
const anyBatch = fc.record({
  upserts: fc.array(anyFact, { maxLength: 12 }),
  deletes: fc.array(anyRef, { maxLength: 4 }),
  replace: fc.uniqueArray(anyKind, { maxLength: 2 }),
  completeness: fc.dictionary(anyKind, fc.constantFrom({ complete: true }, { complete: false, reason: 'forbidden' }), {
    maxKeys: 2,
    noNullPrototype: true,
  }),
});

/** What the store promises, in memory: the objects and completeness after each snapshot. */
class Model {
  readonly states: { facts: Map<string, Fact>; completeness: Map<string, object> }[] = [];
  #facts = new Map<string, Fact>();
  #completeness = new Map<string, object>();

  apply(batch: Pick<FactBatch, 'upserts' | 'deletes' | 'replace' | 'completeness'>): void {
    const facts = new Map(this.#facts);
    const kept = new Map(batch.upserts.map((fact) => [byKey(fact), fact]));
    for (const object of batch.deletes) facts.delete(byKey(policy(object, '')));
    for (const [key, fact] of facts) {
      const kindId = fact.meta.group === '' ? fact.meta.kind : `${fact.meta.kind}.${fact.meta.group}`;
      if (batch.replace.includes(kindId)) facts.delete(key);
    }
    for (const [key, fact] of kept) facts.set(key, fact);
    const completeness = new Map([...this.#completeness, ...Object.entries(batch.completeness)]);
    const isSame =
      this.states.length > 0 && text(facts) === text(this.#facts) && text(completeness) === text(this.#completeness);
    this.#facts = facts;
    this.#completeness = completeness;
    if (!isSame) this.states.push({ facts, completeness });
  }
}

function text(map: ReadonlyMap<string, unknown>): string {
  return JSON.stringify([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('persist and load', () => {
  it('gives back, for every snapshot, what a model in memory holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { minLength: 1, maxLength: 6 }), async (batches) => {
        const id = await newCluster();
        const model = new Model();
        for (const part of batches) {
          const before = model.states.length;
          model.apply(part);
          const result = await snapshots.persist(id, batchOf(part));
          expect(result.seq).toBe(model.states.length);
          expect(result.created).toBe(model.states.length > before);
          expect((await snapshots.persist(id, batchOf({ ...part, deletes: [] }))).created).toBe(false);
        }
        for (const [index, state] of model.states.entries()) {
          const seq = index + 1;
          const facts = await snapshots.loadFacts(id, seq);
          expect(sorted(facts)).toEqual(sorted(state.facts.values()));
          const snapshot = await snapshots.at(id, { seq });
          expect(snapshot?.objectCount).toBe(state.facts.size);
          expect(snapshot?.completeness).toEqual(Object.fromEntries(state.completeness));
          const rebuilt = await newCluster();
          await snapshots.persist(
            rebuilt,
            batchOf({
              upserts: facts,
              completeness: Object.fromEntries(state.completeness) as FactBatch['completeness'],
            }),
          );
          expect((await snapshots.latest(rebuilt))?.digest).toBe(snapshot?.digest);
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('gives back objects of every size, more than one piece of what is sent and larger than a piece', async () => {
    const id = await newCluster();
    const sizes = [1, 300_000, 87_000, 87_381, 100_000, 600_000, 7, 262_144, 200_000, 0, 90_000];
    const facts = sizes.flatMap((size, i) =>
      ['€', 'a', '\\'].map((character) =>
        policy(ref('Namespace', '', `${character}${String(i)}`), character.repeat(size)),
      ),
    );
    await snapshots.persist(id, batchOf({ upserts: facts }));
    expect(sorted(await snapshots.loadFacts(id, 1))).toEqual(sorted(facts));
  });

  it('keeps label maps without a prototype', async () => {
    const id = await newCluster();
    const labels = bare({ app: 'web' });
    labels['__proto__'] = 'mine';
    await snapshots.persist(id, batchOf({ upserts: [policy(ref('Namespace', '', 'x'), 'v', labels)] }));
    const [fact] = await snapshots.loadFacts(id, 1);
    expect(Object.getPrototypeOf(fact?.meta.labels)).toBeNull();
    expect(Object.entries(fact?.meta.labels ?? {})).toEqual([
      ['app', 'web'],
      ['__proto__', 'mine'],
    ]);
  });

  it('writes no row when a batch says nothing new', async () => {
    const id = await newCluster();
    const batch = batchOf({
      upserts: [policy(ref('Namespace', '', 'x'), 'v1')],
      replace: ['Namespace'],
      completeness: { Namespace: { complete: true } },
    });
    expect(await snapshots.persist(id, batch)).toEqual({ seq: 1, changed: 1, created: true });
    const rows = () => test.database.query('SELECT xmin, * FROM object_revision WHERE cluster_id = $1', [id]);
    const before = (await rows()).rows;
    expect(await snapshots.persist(id, batch)).toEqual({ seq: 1, changed: 0, created: false });
    expect((await rows()).rows).toEqual(before);
  });

  it('counts a changed object once and a replaced list by what it lacks', async () => {
    const id = await newCluster();
    const of = (name: string, content: string): Fact => policy(ref('Namespace', '', name), content);
    await snapshots.persist(id, batchOf({ upserts: [of('a', '1'), of('b', '1'), of('c', '1')] }));
    const result = await snapshots.persist(
      id,
      batchOf({ upserts: [of('a', '1'), of('b', '2'), of('d', '1')], replace: ['Namespace'] }),
    );
    expect(result).toEqual({ seq: 2, changed: 3, created: true });
    expect(await snapshots.countKinds(id, 1, WHOLE_SCOPE)).toEqual({ Namespace: 3 });
    expect((await snapshots.loadFacts(id, 2)).map((fact) => fact.meta.name)).toEqual(['a', 'b', 'd']);
  });

  it('numbers snapshots without gaps when many writers persist at once, some in vain', async () => {
    const id = await newCluster();
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, n) => {
        const fails = n % 4 === 0;
        const fact = policy(ref('Namespace', '', `n${String(n)}`), 'v');
        const broken = { ...fact, meta: { ...fact.meta, uid: undefined } } as unknown as Fact;
        return snapshots.persist(id, batchOf({ upserts: [fails ? broken : fact] })).then(
          (result) => result.seq,
          () => null,
        );
      }),
    );
    const seqs = results.filter((seq) => seq !== null).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    expect(await snapshots.loadFacts(id, 30)).toHaveLength(30);
  });

  it('reads a state as slowly as who reads it wants', async () => {
    const id = await newCluster();
    const facts = Array.from({ length: 3 }, (_, n) => policy(ref('Namespace', '', `n${String(n)}`), 'v'));
    await snapshots.persist(id, batchOf({ upserts: facts }));
    const pauses: null[] = [];
    const slowly = async (work: Generator<null, void>): Promise<void> => {
      for (const pause of work) {
        pauses.push(pause);
        await nextTurn();
      }
    };
    expect(await snapshots.loadFacts(id, 1, slowly)).toHaveLength(3);
    expect(pauses).toHaveLength(3);
  });

  it('announces a snapshot after it can be read', async () => {
    const id = await newCluster();
    const heard = new Promise<string>((resolve) => {
      void test.database.listen('atlas_snapshot', (payload) => {
        if (payload.startsWith(id)) resolve(payload);
      });
    });
    await test.database.listen('atlas_snapshot', () => undefined);
    await snapshots.persist(id, batchOf({ upserts: [policy(ref('Namespace', '', 'x'), 'v')] }));
    expect(await heard).toBe(`${id}:1`);
  });

  it('refuses a cluster that is gone', async () => {
    const id = await newCluster();
    await clusters.remove(id);
    await expect(snapshots.persist(id, batchOf({}))).rejects.toMatchObject({ code: 'cluster.not_found' });
  });
});

describe('finding snapshots', () => {
  it('finds the one that held at a time, and never lets time step back', async () => {
    const id = await newCluster();
    const at = (iso: string): Date => new Date(iso);
    const of = (content: string, iso: string): FactBatch =>
      batchOf({ upserts: [policy(ref('Namespace', '', 'x'), content)], takenAt: at(iso) });
    await snapshots.persist(id, of('1', '2026-01-01T00:00:00Z'));
    await snapshots.persist(id, of('2', '2026-01-03T00:00:00Z'));
    await snapshots.persist(id, of('3', '2026-01-02T00:00:00Z'));
    expect(await snapshots.at(id, { time: at('2025-12-31T00:00:00Z') })).toBeNull();
    expect((await snapshots.at(id, { time: at('2026-01-02T12:00:00Z') }))?.seq).toBe(1);
    expect(await snapshots.at(id, { time: at('2026-01-03T00:00:00Z') })).toMatchObject({
      seq: 3,
      takenAt: at('2026-01-03T00:00:00Z'),
    });
    expect(await snapshots.at(id, { seq: 4 })).toBeNull();
  });

  it('pages objects in order of key and binds the cursor to snapshot and filter', async () => {
    const id = await newCluster();
    const names = Array.from({ length: 7 }, (_, n) => `n${String(n)}`);
    await snapshots.persist(id, batchOf({ upserts: names.map((name) => policy(ref('Namespace', '', name), 'v')) }));
    await snapshots.persist(id, batchOf({ deletes: [ref('Namespace', '', 'n3')] }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { kinds: ['Namespace'], limit: 3, ...(cursor === undefined ? {} : { cursor }) };
      const page = await snapshots.listObjects(id, 1, query, WHOLE_SCOPE);
      seen.push(...page.items.map((item) => item.fact.meta.name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(names);
    const first = await snapshots.listObjects(id, 1, { limit: 3 }, WHOLE_SCOPE);
    const stolen = { limit: 3, cursor: first.nextCursor as string };
    await expect(snapshots.listObjects(id, 2, stolen, WHOLE_SCOPE)).rejects.toMatchObject({ code: 'cursor.invalid' });
    await expect(snapshots.listObjects(id, 1, { ...stolen, namespace: 'a' }, WHOLE_SCOPE)).rejects.toMatchObject({
      code: 'cursor.invalid',
    });
    await expect(snapshots.listObjects(id, 1, { limit: 3, cursor: 'junk' }, WHOLE_SCOPE)).rejects.toMatchObject({
      code: 'cursor.invalid',
    });
    await expect(snapshots.listObjects(id, 9, { limit: 3 }, WHOLE_SCOPE)).rejects.toMatchObject({
      code: 'snapshot.not_found',
    });
  });

  it('finds one object as each snapshot had it', async () => {
    const id = await newCluster();
    const object = ref('NetworkPolicy.networking.k8s.io', 'a', 'x');
    await snapshots.persist(id, batchOf({ upserts: [policy(object, '1')] }));
    await snapshots.persist(id, batchOf({ upserts: [policy(ref('Namespace', '', 'a'), '1')] }));
    await snapshots.persist(id, batchOf({ upserts: [policy(object, '2')] }));
    const content = async (seq: number) => {
      const found = await snapshots.getObject(id, seq, object, WHOLE_SCOPE);
      return [found?.sinceSeq, (found?.fact as { raw: unknown } | undefined)?.raw];
    };
    expect(await content(2)).toEqual([1, { spec: { content: '1' } }]);
    expect(await content(3)).toEqual([3, { spec: { content: '2' } }]);
    expect(await snapshots.getObject(id, 3, { ...object, name: 'y' }, WHOLE_SCOPE)).toBeNull();
  });
});

describe('size', () => {
  it('stores 5,000 objects, and the same list again, in seconds', async () => {
    const id = await newCluster();
    const upserts = Array.from({ length: 5_000 }, (_, n) =>
      policy(ref('NetworkPolicy.networking.k8s.io', `ns${String(n % 50)}`, `p${String(n)}`), 'x'.repeat(200)),
    );
    const batch = batchOf({ upserts, replace: ['NetworkPolicy.networking.k8s.io'] });
    const timed = async (work: () => Promise<unknown>): Promise<number> => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    const first = await timed(() => snapshots.persist(id, batch));
    const again = await timed(() => snapshots.persist(id, batch));
    const load = await timed(() => snapshots.loadFacts(id, 1));
    process.stdout.write(
      `5,000 objects: stored ${first.toFixed(0)} ms, again ${again.toFixed(0)} ms, loaded ${load.toFixed(0)} ms\n`,
    );
    expect(first).toBeLessThan(20_000);
    expect(again).toBeLessThan(10_000);
    expect(load).toBeLessThan(10_000);
  }, 60_000);
});
