import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WHOLE_SCOPE } from '#access';
import { normaliseObject, type Fact } from '#engine';
import { firstOf, SNAPSHOT_ORDER, ChangeRepository, Database, RetentionRepository, SnapshotRepository } from '#store';
import { PARTITIONED, type TestDatabase } from '../support/database.js';
import { batchOf, createSnapshotRows, type SnapshotRows } from '../support/snapshot-rows.js';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-06-15T12:00:00Z');
const POLICY = { fullHours: 24, hourlyDays: 7, days: 30, kindDays: {} };

let test: TestDatabase;
let snapshots: SnapshotRepository;
let newCluster: SnapshotRows['newCluster'];
let retention: RetentionRepository;

beforeAll(async () => {
  ({ test, snapshots, newCluster } = await createSnapshotRows());
  retention = new RetentionRepository(test.database);
});
afterAll(() => test.drop());

const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR_MS);

function namespace(name: string, content: string): Fact {
  const metadata = { name, labels: { content } };
  return normaliseObject({ apiVersion: 'v1', kind: 'Namespace', metadata }).fact as Fact;
}

function pod(name: string): Fact {
  return normaliseObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'x' } }).fact as Fact;
}

/** Snapshots at these times, each with another content of one object beside one that stays. */
async function snapshotsAt(id: string, times: readonly Date[]): Promise<void> {
  for (const [index, takenAt] of times.entries()) {
    await snapshots.persist(id, batchOf({ upserts: [namespace('x', String(index)), namespace('same', '')], takenAt }));
  }
}

async function keptSeqs(id: string): Promise<number[]> {
  return (await snapshots.list(id, firstOf(SNAPSHOT_ORDER, 1_000))).map(({ seq }) => seq).sort((a, b) => a - b);
}

async function revisions(id: string): Promise<number> {
  const found = await test.database.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM object_revision WHERE cluster_id = $1',
    [id],
  );
  return found.rows[0]?.count ?? 0;
}

describe('retention', () => {
  it('keeps everything of a day, the last of each hour of a week, the last of each day of a month, and one before', async () => {
    const id = await newCluster();
    const times = [
      hoursAgo(24 * 50),
      hoursAgo(24 * 40), // 2: held when the month began
      hoursAgo(24 * 20 + 5),
      hoursAgo(24 * 20 + 1), // 4: the last of its day
      hoursAgo(24 * 10), // 5
      new Date('2026-06-12T08:05:00Z'),
      new Date('2026-06-12T08:40:00Z'), // 7: the last of its hour
      new Date('2026-06-12T09:10:00Z'), // 8
      hoursAgo(3), // 9
      hoursAgo(2.9), // 10
      hoursAgo(2.8), // 11
    ];
    await snapshotsAt(id, times);
    expect(await retention.prune(id, POLICY, NOW)).toEqual({ snapshots: 3, revisions: 3 });
    expect(await keptSeqs(id)).toEqual([2, 4, 5, 7, 8, 9, 10, 11]);
    expect(await revisions(id)).toBe(9);
    expect((await snapshots.at(id, { time: new Date('2026-06-12T08:50:00Z') }))?.seq).toBe(7);
    expect((await snapshots.at(id, { time: hoursAgo(24 * 25) }))?.seq).toBe(2);
    await expect(snapshots.loadFacts(id, 3)).rejects.toMatchObject({ code: 'snapshot.not_found' });
    expect(await retention.prune(id, POLICY, NOW)).toEqual({ snapshots: 0, revisions: 0 });
    expect((await snapshots.persist(id, batchOf({ upserts: [namespace('x', 'new')], takenAt: NOW }))).seq).toBe(12);
  });

  it('never drops the newest, however old, nor one that is pinned', async () => {
    const id = await newCluster();
    await snapshotsAt(id, [hoursAgo(24 * 300), hoursAgo(24 * 200), hoursAgo(24 * 101), hoursAgo(24 * 100)]);
    expect(await snapshots.setPinned(id, 2, true)).toMatchObject({ seq: 2, pinned: true });
    await retention.prune(id, POLICY, NOW);
    expect(await keptSeqs(id)).toEqual([2, 4]);
    await snapshots.setPinned(id, 2, false);
    await retention.prune(id, POLICY, NOW);
    expect(await keptSeqs(id)).toEqual([4]);
    expect(await revisions(id)).toBe(2);
    await expect(snapshots.setPinned(id, 2, true)).rejects.toMatchObject({ code: 'snapshot.not_found' });
  });

  it('lets the past of a kind go earlier, and says so in the snapshots that lack it', async () => {
    const id = await newCluster();
    const completeness = { Namespace: { complete: true }, Pod: { complete: true } };
    const days = [20, 15, 10, 5, 1];
    for (const [index, day] of days.entries()) {
      const upserts = [namespace('x', String(index)), pod(`of-day-${String(day)}`)];
      await snapshots.persist(id, batchOf({ upserts, replace: ['Pod'], completeness, takenAt: hoursAgo(24 * day) }));
    }
    await snapshots.setPinned(id, 2, true);
    const kindsOf = async (seq: number): Promise<string[]> =>
      (await snapshots.loadFacts(id, seq)).map(({ meta }) => `${meta.kind} ${meta.name}`);
    const lacking = { complete: false, reason: 'the past of this kind is kept for 7 days' };
    // Number 3 held when the seven days began.
    expect(await retention.prune(id, { ...POLICY, kindDays: { Pod: 7 } }, NOW)).toEqual({ snapshots: 0, revisions: 1 });
    expect(await kindsOf(1)).toEqual(['Namespace x']);
    expect((await snapshots.at(id, { seq: 1 }))?.completeness).toEqual({ ...completeness, Pod: lacking });
    expect(await kindsOf(2)).toEqual(['Namespace x', 'Pod of-day-15']);
    expect(await kindsOf(3)).toEqual(['Namespace x', 'Pod of-day-10']);
    expect((await snapshots.at(id, { seq: 3 }))?.completeness).toEqual(completeness);
    expect(await retention.prune(id, { ...POLICY, kindDays: { Pod: 7 } }, NOW)).toEqual({ snapshots: 0, revisions: 0 });
    await snapshots.setPinned(id, 2, false);
    expect(await retention.prune(id, { ...POLICY, kindDays: { Pod: 7 } }, NOW)).toEqual({ snapshots: 0, revisions: 1 });
    expect(await kindsOf(5)).toEqual(['Namespace x', 'Pod of-day-1']);
  });

  it('says so too in snapshots that did not tell of the kind, and nothing of a kind that the cluster never had', async () => {
    const id = await newCluster();
    const completeness = { Namespace: { complete: true } };
    for (const day of [20, 10, 1]) {
      const upserts = [namespace('x', ''), pod(`of-day-${String(day)}`)];
      await snapshots.persist(id, batchOf({ upserts, replace: ['Pod'], completeness, takenAt: hoursAgo(24 * day) }));
    }
    await retention.prune(id, { ...POLICY, kindDays: { Pod: 7, Node: 7 } }, NOW);
    const lacking = { complete: false, reason: 'the past of this kind is kept for 7 days' };
    expect((await snapshots.at(id, { seq: 1 }))?.completeness).toEqual({ ...completeness, Pod: lacking });
    expect((await snapshots.at(id, { seq: 2 }))?.completeness).toEqual(completeness);
  });

  it('leaves the past of other clusters alone', async () => {
    const past = [hoursAgo(24 * 300), hoursAgo(24 * 200), hoursAgo(24 * 100)];
    const ids = await Promise.all(Array.from({ length: 8 }, () => newCluster()));
    for (const id of ids) await snapshotsAt(id, past);
    expect(await retention.prune(ids[0] ?? '', POLICY, NOW)).toEqual({ snapshots: 2, revisions: 2 });
    expect(await Promise.all(ids.map((id) => revisions(id)))).toEqual([2, 4, 4, 4, 4, 4, 4, 4]);
  });

  it('finishes what a run left behind that was cut short between snapshots and revisions', async () => {
    const id = await newCluster();
    await snapshotsAt(id, [hoursAgo(5), hoursAgo(4), hoursAgo(3), hoursAgo(2)]);
    await test.database.query('DELETE FROM snapshot WHERE cluster_id = $1 AND seq IN (1, 3)', [id]);
    expect(await retention.prune(id, POLICY, NOW)).toEqual({ snapshots: 0, revisions: 2 });
  });

  it('leaves what each kept snapshot holds as it was, whatever came before', async () => {
    const step = fc.record({
      minutes: fc.integer({ min: 1, max: 60 * 24 * 4 }),
      upserts: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2')), { maxLength: 3 }),
      deletes: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
      pinned: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 20 }), async (steps) => {
        const id = await newCluster();
        let time = hoursAgo(24 * 45).getTime();
        for (const { minutes, upserts, deletes, pinned } of steps) {
          time = Math.min(time + minutes * 60_000, NOW.getTime());
          const gone = deletes.map((name) => ({ group: '', kind: 'Namespace', namespace: '', name }));
          const facts = upserts.map(([name, content]) => namespace(name, content));
          const { seq } = await snapshots.persist(
            id,
            batchOf({ upserts: facts, deletes: gone, takenAt: new Date(time) }),
          );
          if (pinned && steps.length > 10) await snapshots.setPinned(id, seq, true);
        }
        const before = new Map<number, unknown>();
        for (const seq of await keptSeqs(id)) before.set(seq, await snapshots.loadFacts(id, seq));
        await retention.prune(id, POLICY, NOW);
        const kept = await keptSeqs(id);
        expect(kept.at(-1)).toBe([...before.keys()].at(-1));
        for (const seq of kept) expect(await snapshots.loadFacts(id, seq)).toEqual(before.get(seq));
        const unseen = await test.database.query(
          `SELECT 1 FROM object_revision r WHERE cluster_id = $1 AND NOT EXISTS (
             SELECT 1 FROM snapshot s WHERE s.cluster_id = $1 AND s.seq >= valid_from_seq AND s.seq < valid_to_seq)`,
          [id],
        );
        expect(unseen.rows).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

describe('questions about any time', () => {
  it('are answered by indexes, however much history there is', async () => {
    const id = await newCluster();
    const names = Array.from({ length: 1_500 }, (_, index) => `n${String(index).padStart(4, '0')}`);
    await snapshots.persist(id, batchOf({ upserts: names.map((name) => namespace(name, '')), takenAt: hoursAgo(900) }));
    for (let seq = 2; seq <= 120; seq++) {
      const changed = names.slice((seq * 10) % 1_400, ((seq * 10) % 1_400) + 40);
      const upserts = changed.map((name) => namespace(name, String(seq)));
      await snapshots.persist(id, batchOf({ upserts, takenAt: hoursAgo(900 - seq) }));
    }
    // A fleet of the same, or the one cluster would be the whole table.
    for (let copy = 0; copy < 20; copy++) {
      const other = await newCluster();
      await test.database.query(
        `INSERT INTO snapshot (cluster_id, seq, taken_at, stored_at, completeness, facts_digest, digest, object_count)
         SELECT $2, seq, taken_at, stored_at, completeness, facts_digest, digest, object_count
           FROM snapshot WHERE cluster_id = $1`,
        [id, other],
      );
      await test.database.query(
        `INSERT INTO object_revision (cluster_id, kind, namespace, name, uid, hash, fact, valid_from_seq, valid_to_seq)
         SELECT $2, kind, namespace, name, uid, hash, fact, valid_from_seq, valid_to_seq
           FROM object_revision WHERE cluster_id = $1`,
        [id, other],
      );
    }
    await test.database.query('ANALYZE object_revision, snapshot');
    // One connection, whose counters can be read as soon as its statement has ended.
    const single = new Database({ url: test.url, poolSize: 1 });
    const scans = async (): Promise<{ whole: number; byIndex: number }> => {
      await single.query('SELECT pg_stat_force_next_flush()');
      const found = await single.query<{ whole: number; byIndex: number }>(
        `SELECT sum(seq_scan)::int AS whole, sum(idx_scan)::int AS "byIndex" FROM pg_stat_user_tables
          WHERE relname ~ '^(object_revision|snapshot)(_\\d)?$'`,
      );
      return found.rows[0] ?? { whole: 0, byIndex: 0 };
    };
    // Partitions of three clusters are small: some may be read in the whole, and an index needs a push to be taken.
    const mayScan = process.env[PARTITIONED] !== undefined;
    if (mayScan) await single.query('SET enable_seqscan = off');
    const byIndex = async (work: () => Promise<unknown>): Promise<{ whole: number; isIndexed: boolean }> => {
      const before = await scans();
      await work();
      const after = await scans();
      return { whole: mayScan ? 0 : after.whole - before.whole, isIndexed: after.byIndex > before.byIndex };
    };
    const history = new SnapshotRepository(single);
    const changes = new ChangeRepository(single);
    const newest = { order: 'newest', limit: 50 } as const;
    const after = {
      ...(await changes.list({ ...newest, clusterId: id })).at(-1),
      kindId: 'Namespace',
    } as Parameters<ChangeRepository['list']>[0]['after'];
    const object = { group: '', kind: 'Namespace', namespace: '', name: 'n0100' };
    const questions: Record<string, () => Promise<unknown>> = {
      'the newest state': () => history.loadFacts(id, 120),
      'a state half way': () => history.loadFacts(id, 60),
      'counts half way': () => history.countKinds(id, 60, WHOLE_SCOPE),
      'one object long ago': () => history.getObject(id, 3, object, WHOLE_SCOPE),
      'a page of a kind': () => history.listObjects(id, 60, { kinds: ['Namespace'], limit: 50 }, WHOLE_SCOPE),
      'the snapshot of a time': () => history.at(id, { time: hoursAgo(850) }),
      'what changed last': () => changes.list(newest),
      'what changed last in a cluster': () => changes.list({ ...newest, clusterId: id }),
      'the next changes': () => changes.list({ order: 'oldest', clusterId: id, after, limit: 50 }),
      'where each cluster stands': () => changes.marks({ clusterId: id }),
      'what retention gives up': () =>
        new RetentionRepository(single).prune(id, { ...POLICY, days: 365 }, hoursAgo(800)),
    };
    const answers: Record<string, unknown> = {};
    for (const [question, ask] of Object.entries(questions)) answers[question] = await byIndex(ask);
    await single.close();
    const indexed = { whole: 0, isIndexed: true };
    expect(answers).toEqual(Object.fromEntries(Object.keys(questions).map((question) => [question, indexed])));
  }, 120_000);
});
