import { parseArgs } from 'node:util';
import { WHOLE_SCOPE, systemAccess } from '#access';
import { normaliseObject, type Fact } from '#engine';
import { ChangeRepository, ClusterRepository, SnapshotRepository, type Database } from '#store';
import { onBenchDatabase } from './bench-database.js';
import { BenchReport, percentile } from './bench-row.js';
import { podText } from './fleet/pod-text.js';

/**
 * What questions about the past cost when there is much of it.
 *   npm run -s bench:history -- [--clusters 20] [--pods 5000] [--turns 20] [--explain] [--json FILE]
 * Each turn changes every pod once, a hundredth of them in each snapshot.
 */
const { values } = parseArgs({
  options: {
    clusters: { type: 'string', default: '20' },
    pods: { type: 'string', default: '5000' },
    turns: { type: 'string', default: '20' },
    explain: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const CLUSTERS = Number(values.clusters);
const PODS = Number(values.pods);
const TURNS = Number(values.turns);
const PARTS = 100;
const SNAPSHOTS = TURNS * PARTS;
const RUNS = 5;

/** A history of one cluster by SQL: revision `turn` of a pod holds from the snapshot that changed it to the next that did. */
const REVISIONS = `
  INSERT INTO object_revision (cluster_id, kind, namespace, name, uid, hash, fact, valid_from_seq, valid_to_seq)
  SELECT $1, kind, namespace, name, uid, md5(name || turn), fact,
         CASE turn WHEN 0 THEN 1 ELSE turn * ${PARTS} + part END,
         CASE turn WHEN ${TURNS - 1} THEN 2147483647 ELSE (turn + 1) * ${PARTS} + part END
    FROM (SELECT *, row_number() OVER (ORDER BY namespace, name) % ${PARTS} + 1 AS part FROM pattern) pods,
         generate_series(0, ${TURNS - 1}) turn
   ORDER BY turn, part`;
const SNAPSHOT_ROWS = `
  INSERT INTO snapshot (cluster_id, seq, taken_at, stored_at, completeness, facts_digest, digest, object_count)
  SELECT $1, seq, at, at, '{"Pod":{"complete":true}}', seq, seq, ${PODS}
    FROM (SELECT seq, now() - make_interval(mins => ${SNAPSHOTS} - seq) AS at FROM generate_series(1, ${SNAPSHOTS}) seq) s`;

function factOf(index: number): Fact {
  const pod = Object.assign(JSON.parse(podText(index, 1, 0)) as object, { apiVersion: 'v1', kind: 'Pod' });
  const { fact } = normaliseObject(pod);
  if (fact === null) throw new Error('a pod gave no fact');
  return fact;
}

/** The median of some runs, in milliseconds. */
async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return percentile(times, 0.5);
}

await onBenchDatabase({ poolSize: 4 }, async (database) => {
  const clusters = new ClusterRepository(database, null, () => systemAccess('bench'));
  const snapshots = new SnapshotRepository(database);
  const changes = new ChangeRepository(database);
  const facts = Array.from({ length: PODS }, (_, index) => factOf(index));
  const create = async (name: string): Promise<string> =>
    (await clusters.create({ name, source: { type: 'upload' } })).id;
  const seed = await create('pattern');
  await snapshots.persist(seed, {
    upserts: facts,
    deletes: [],
    replace: ['Pod'],
    completeness: { Pod: { complete: true } },
    takenAt: new Date(),
  });
  await database.query('CREATE TABLE pattern AS SELECT * FROM object_revision');
  let id = '';
  for (let number = 0; number < CLUSTERS; number++) {
    id = await create(`c${number}`);
    await database.query(SNAPSHOT_ROWS, [id]);
    await database.query(REVISIONS, [id]);
  }
  await database.query('VACUUM (ANALYZE) object_revision, snapshot');
  const fixture = `${(CLUSTERS * PODS * TURNS).toLocaleString('en')} revisions, ${CLUSTERS} × ${PODS}, ${SNAPSHOTS} snapshots`;
  const report = new BenchReport();
  const middle = SNAPSHOTS >> 1;
  const { group, kind, namespace, name } = (facts[PODS >> 1] as Fact).meta;
  const page = { kinds: ['Pod'], limit: 100 };
  const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
  const questions: Record<string, () => Promise<unknown>> = {
    'the newest state, whole': () => snapshots.loadFacts(id, SNAPSHOTS),
    'the state in the middle, whole': () => snapshots.loadFacts(id, middle),
    'the oldest state, whole': () => snapshots.loadFacts(id, 1),
    'which snapshot held at a time': () => snapshots.at(id, { time: minutesAgo(middle) }),
    'one object, newest': () => snapshots.getObject(id, SNAPSHOTS, { group, kind, namespace, name }, WHOLE_SCOPE),
    'one object in the middle': () => snapshots.getObject(id, middle, { group, kind, namespace, name }, WHOLE_SCOPE),
    'one object, oldest': () => snapshots.getObject(id, 1, { group, kind, namespace, name }, WHOLE_SCOPE),
    'a page of pods, newest': () => snapshots.listObjects(id, SNAPSHOTS, page, WHOLE_SCOPE),
    'a page of pods in the middle': () => snapshots.listObjects(id, middle, page, WHOLE_SCOPE),
    'a page of pods, oldest': () => snapshots.listObjects(id, 1, page, WHOLE_SCOPE),
    'what changed between two': () => snapshots.changesBetween(id, middle, middle + 10, 10_000),
    'the last changes of a cluster': () => changes.list({ order: 'newest', clusterId: id, limit: 50 }),
    'the last changes of all': () => changes.list({ order: 'newest', limit: 50 }),
    'counts by kind, in the middle': () => snapshots.countKinds(id, middle, WHOLE_SCOPE),
  };
  for (const [question, ask] of Object.entries(questions)) report.add(question, fixture, await median(ask), 'ms');
  report.write(values.json ?? null);
  if (values.explain) await explain(database, id);
});

/** How Postgres reads a whole state, a page of one, and one object. */
async function explain(database: Database, id: string): Promise<void> {
  for (const seq of [1, SNAPSHOTS >> 1, SNAPSHOTS]) {
    for (const rest of [
      'ORDER BY kind, namespace, name',
      `AND kind = 'Pod' ORDER BY kind, namespace, name LIMIT 101`,
      `AND kind = 'Pod' AND namespace = 'shop' AND name = 'x'`,
    ]) {
      const { rows } = await database.transaction(
        (client) =>
          client.query<Record<string, string>>(
            `EXPLAIN (ANALYZE, BUFFERS) SELECT fact::text FROM object_revision
              WHERE cluster_id = $1 AND valid_from_seq <= $2 AND valid_to_seq > $2 ${rest}`,
            [id, seq],
          ),
        'BEGIN; SET LOCAL enable_seqscan = off',
      );
      process.stdout.write(`\nsnapshot ${seq}, ${rest}\n${rows.map((row) => row['QUERY PLAN']).join('\n')}\n`);
    }
  }
}
