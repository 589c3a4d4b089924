import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compileFrom, SnapshotCache } from '#analysis';
import { compileSnapshot, normaliseObject, objectKey, type Fact } from '#engine';
import { type ClusterRepository, RetentionRepository, type SnapshotRepository } from '#store';
import { POLICY_MIXES, randomCluster } from '../differential/random-cluster.js';
import type { PolicyMix } from '../differential/random-cluster.js';
import { RandomSource } from '../differential/random-source.js';
import { bytesOf, difference } from '../differential/snapshot-bytes.js';
import type { TestDatabase } from '../support/database.js';
import { batchOf, createSnapshotRows, type SnapshotRows } from '../support/snapshot-rows.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const SNAPSHOTS = 12;

let test: TestDatabase;
let clusters: ClusterRepository;
let snapshots: SnapshotRepository;
let newCluster: SnapshotRows['newCluster'];

beforeAll(async () => {
  ({ test, clusters, snapshots, newCluster } = await createSnapshotRows());
});
afterAll(() => test.drop());

function factsOf(random: RandomSource, mix: PolicyMix): Fact[] {
  const { inventory, policies } = randomCluster(random, mix);
  return [...inventory, ...policies].flatMap((object) => normaliseObject(object).fact ?? []);
}

/** A cluster with random changes from snapshot to snapshot. */
async function storedCluster(random: RandomSource, mix: PolicyMix): Promise<{ id: string; newest: number }> {
  const id = await newCluster();
  const facts = new Map(factsOf(random, mix).map((fact) => [objectKey(fact.meta), fact]));
  const pool = factsOf(random, mix);
  let { seq: newest } = await snapshots.persist(
    id,
    batchOf({ upserts: [...facts.values()], completeness: { Pod: { complete: true } } }),
  );
  while (newest < SNAPSHOTS) {
    const upserts = random.some(pool, 1, 3);
    const deletes = random.some([...facts.values()], 0, 2).map(({ meta }) => meta);
    for (const ref of deletes) facts.delete(objectKey(ref));
    for (const fact of upserts) facts.set(objectKey(fact.meta), fact);
    ({ seq: newest } = await snapshots.persist(id, batchOf({ upserts, deletes })));
  }
  return { id, newest };
}

/** Some of the snapshots, the first among them, in order. */
function steps(random: RandomSource, newest: number): number[] {
  const seqs: number[] = [];
  for (let seq = 1; seq <= newest; seq += random.between(1, 3)) seqs.push(seq);
  return seqs;
}

describe('a snapshot that is made from another one', () => {
  it.each(POLICY_MIXES)(
    `is the one that is compiled of all its facts: %s (ATLAS_SEED=${String(SEED)})`,
    async (mix) => {
      const random = new RandomSource(SEED + POLICY_MIXES.indexOf(mix));
      const { id, newest } = await storedCluster(random, mix);
      const cache = new SnapshotCache(
        compileFrom(snapshots, () => undefined),
        2,
      );
      for (const seq of [...steps(random, newest), ...steps(random, newest).reverse()]) {
        const found = bytesOf(await cache.get(id, seq));
        const expected = bytesOf(compileSnapshot(await snapshots.loadFacts(id, seq)));
        expect([SEED, seq, difference(found, expected)]).toEqual([SEED, seq, null]);
      }
    },
  );

  it('costs what changed: the rest is shared', async () => {
    const random = new RandomSource(SEED);
    const { id, newest } = await storedCluster(random, 'networkpolicy');
    const cache = new SnapshotCache(
      compileFrom(snapshots, () => undefined),
      2,
    );
    const before = await cache.get(id, newest);
    const policy = factsOf(random, 'networkpolicy').find(({ type }) => type === 'policy') as Fact;
    const { seq } = await snapshots.persist(
      id,
      batchOf({ upserts: [{ ...policy, meta: { ...policy.meta, name: 'one-more' } }] }),
    );
    cache.forgetBefore(id, seq - 1);
    expect((await cache.get(id, seq)).endpoints).toBe(before.endpoints);
  });

  it('stays when the one it was made from goes, which answers the same when somebody asks for it again', async () => {
    const { id, newest } = await storedCluster(new RandomSource(SEED), 'networkpolicy');
    const cache = new SnapshotCache(
      compileFrom(snapshots, () => undefined),
      9,
      { elderMs: 10 },
    );
    const elder = bytesOf(await cache.get(id, newest - 1));
    const made = await cache.get(id, newest);
    while (cache.size > 1) await sleep(5);
    expect(await cache.get(id, newest)).toBe(made);
    expect(difference(bytesOf(await cache.get(id, newest - 1)), elder)).toBeNull();
    expect(difference(bytesOf(made), bytesOf(compileSnapshot(await snapshots.loadFacts(id, newest))))).toBeNull();
  });

  it.each(['an earlier', 'a later'])(
    'tells of how many objects it was made from %s one, and of a whole one that it was',
    async (near) => {
      const { id, newest } = await storedCluster(new RandomSource(SEED), 'networkpolicy');
      const told: (number | undefined)[] = [];
      const cache = new SnapshotCache(
        compileFrom(snapshots, (objects) => void told.push(objects)),
        9,
      );
      const [from, to] = near === 'an earlier' ? [1, newest] : [newest, newest - 1];
      await cache.get(id, from);
      await cache.get(id, to);
      const delta = await snapshots.changesBetween(id, from, to, 1_000);
      expect(told).toEqual([undefined, (delta?.upserts.length ?? 0) + (delta?.removes.length ?? 0)]);
    },
  );

  it('has one of what replicas have in common, of those that changed too', async () => {
    const replica = (name: string, version: string): Fact => {
      const metadata = { name, namespace: 'shop', labels: { app: 'api', version } };
      const spec = { containers: [{ name: 'main', image: 'api:1', ports: [{ containerPort: 8080 }] }] };
      return normaliseObject({ apiVersion: 'v1', kind: 'Pod', metadata, spec }).fact as Fact;
    };
    const { id } = await clusters.create({ name: 'replicas', source: { type: 'upload' } });
    await snapshots.persist(id, batchOf({ upserts: ['api-1', 'api-2', 'api-4'].map((name) => replica(name, '1')) }));
    const cache = new SnapshotCache(
      compileFrom(snapshots, () => undefined),
      2,
    );
    await cache.get(id, 1);
    const upserts = [replica('api-2', '2'), replica('api-3', '2'), replica('api-4', '1')];
    await snapshots.persist(id, batchOf({ upserts }));
    const [, two, three, four] = (await cache.get(id, 2)).index.pods;
    const [one] = (await cache.get(id, 1)).index.pods;
    expect(three?.shape).toBe(two?.shape);
    expect(two?.shape.containers).toBe(one?.shape.containers);
    expect(four?.shape).toBe(one?.shape);
  });

  it('is compiled anew when too much changed, or the other one is not kept, or not whole', async () => {
    const random = new RandomSource(SEED);
    const { id, newest } = await storedCluster(random, 'networkpolicy');
    const delta = await snapshots.changesBetween(id, 1, newest, 1_000);
    expect(delta?.upserts.length).toBeGreaterThan(0);
    const changed = (delta?.upserts.length ?? 0) + (delta?.removes.length ?? 0);
    expect(await snapshots.changesBetween(id, 1, newest, changed)).toEqual(delta);
    expect(await snapshots.changesBetween(id, 1, newest, changed - 1)).toBeNull();
    const retention = new RetentionRepository(test.database);
    const later = new Date(Date.now() + 2 * 86_400_000);
    const whole = { fullHours: 1_000, hourlyDays: 1_000, days: 1_000, kindDays: {} };
    const before = await snapshots.changesBetween(id, 2, newest, 1_000);
    await retention.prune(id, whole, later);
    expect(await snapshots.changesBetween(id, 2, newest, 1_000)).toEqual(before);
    await retention.prune(id, { ...whole, kindDays: { Pod: 1 } }, later);
    expect(await snapshots.changesBetween(id, 2, newest, 1_000)).toBeNull();
    await retention.prune(id, { fullHours: 0, hourlyDays: 0, days: 0, kindDays: {} }, later);
    expect(await snapshots.changesBetween(id, 1, newest, 1_000)).toBeNull();
  });
});
