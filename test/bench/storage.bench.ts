import { parseArgs } from 'node:util';
import { systemAccess } from '#access';
import { compileSnapshot, normaliseObject, type Fact } from '#engine';
import { ClusterRepository, SnapshotRepository, type Database } from '#store';
import { onBenchDatabase } from './bench-database.js';
import { BenchReport } from './bench-row.js';

/**
 * What a cluster costs in the database, and how long a process takes to have it again from there.
 *   npm run -s bench:storage -- [pods] [--json FILE]
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const PODS = Number(positionals[0] ?? 20_000);
/** Changes of each pod in a day: started, made ready, and gone again, by a rollout or a job. */
const CHANGES_A_POD = 3;
const NODES = 100;
/** Snapshots of a long past, each with another hundredth of the pods changed. */
const PAST = 90;

/** A pod as an API server has it, with what makes real ones large: labels, ports, sidecars, volumes, conditions. */
function pod(number: number, phase: 'Pending' | 'Running'): unknown {
  const app = `service-${String(Math.floor(number / 20))}`;
  const namespace = `team-${String(Math.floor(number / 400))}`;
  const ip = `10.${String((number >> 16) & 255)}.${String((number >> 8) & 255)}.${String(number & 255)}`;
  const hash = (2_166_136_261 ^ number).toString(36);
  const container = (name: string, image: string, port: number): unknown => ({
    name,
    image,
    ports: [{ name, containerPort: port, protocol: 'TCP' }],
    env: Array.from({ length: 10 }, (_, index) => ({ name: `VARIABLE_${String(index)}`, value: 'x'.repeat(20) })),
    volumeMounts: [{ name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${app}-${hash}-${String(number)}`,
      namespace,
      uid: `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
      creationTimestamp: '2026-11-01T10:00:00Z',
      labels: { 'app.kubernetes.io/name': app, 'app.kubernetes.io/part-of': namespace, 'pod-template-hash': hash },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-${hash}`, uid: app, controller: true },
      ],
    },
    spec: {
      nodeName: `node-${String(number % NODES)}`,
      serviceAccountName: app,
      containers: [
        container('http', `registry.example.com/${namespace}/${app}:1.2.3`, 8080),
        container('metrics', 'registry.example.com/sidecars/exporter:4.5.6', 9102),
      ],
    },
    status:
      phase === 'Pending'
        ? { phase }
        : {
            phase,
            hostIP: `192.168.0.${String(number % NODES)}`,
            podIP: ip,
            podIPs: [{ ip }],
            conditions: [{ type: 'Ready', status: 'True' }],
          },
  };
}

function factOf(raw: unknown): Fact {
  const { fact } = normaliseObject(raw);
  if (fact === null) throw new Error('a pod gave no fact');
  return fact;
}

async function timed<T>(work: () => Promise<T> | T): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

async function bytesOf(database: Database): Promise<number> {
  await database.query('VACUUM (ANALYZE) object_revision');
  const found = await database.query<{ bytes: string }>(
    `SELECT pg_total_relation_size('object_revision')::text AS bytes`,
  );
  return Number(found.rows[0]?.bytes);
}

await onBenchDatabase({ poolSize: 4 }, async (database) => {
  const clusters = new ClusterRepository(database, null, () => systemAccess('bench'));
  const snapshots = new SnapshotRepository(database);
  const { id } = await clusters.create({ name: 'bench', source: { type: 'upload' } });
  const batch = { deletes: [], replace: ['Pod'], completeness: { Pod: { complete: true } }, takenAt: new Date() };
  const before = await bytesOf(database);
  const running = Array.from({ length: PODS }, (_, number) => factOf(pod(number, 'Running')));
  const stored = await timed(() => snapshots.persist(id, { ...batch, upserts: running }));
  const again = await timed(() => snapshots.persist(id, { ...batch, upserts: running }));
  const first = await bytesOf(database);
  const changed = Math.floor(PODS / 10);
  for (let round = 0; round < CHANGES_A_POD; round++) {
    const phase = round % 2 === 0 ? 'Pending' : 'Running';
    const upserts = Array.from({ length: changed }, (_, number) => factOf(pod(number, phase)));
    await snapshots.persist(id, { ...batch, replace: [], upserts });
  }
  const later = await bytesOf(database);
  // A long past: what it costs to read one state must not grow with it.
  const short = await timed(() => snapshots.loadFacts(id, 1));
  const few = Math.max(1, Math.floor(PODS / 100));
  for (let round = 0; round < PAST; round++) {
    const upserts = Array.from({ length: few }, (_, at) => factOf(pod(changed + round * few + at, 'Pending')));
    await snapshots.persist(id, { ...batch, replace: [], upserts });
  }
  const latest = await snapshots.latest(id);
  const oldest = await timed(() => snapshots.loadFacts(id, 1));
  const middle = await timed(() => snapshots.loadFacts(id, (latest?.seq ?? 0) - Math.floor(PAST / 2)));
  const loaded = await timed(() => snapshots.loadFacts(id, latest?.seq ?? 1));
  const compiled = await timed(() => compileSnapshot(loaded.result));
  const perThousand = ((first - before) / PODS) * 1_000;
  const perChange = (later - first) / (changed * CHANGES_A_POD);
  const report = new BenchReport();
  const fixture = `${PODS} pods`;
  const megabytes = (bytes: number): number => bytes / 1e6;
  report.add('stored first', fixture, (PODS / stored.ms) * 1_000, 'pods/s');
  report.add('the same list again', fixture, (PODS / again.ms) * 1_000, 'pods/s');
  report.add('snapshots that it made', fixture, again.result.created ? 1 : 0, 'rows', { atMost: 0 });
  report.add('size of 1,000 pods, with indexes', fixture, megabytes(perThousand), 'MB');
  report.add('size of 1,000 changes, with indexes', fixture, megabytes(perChange * 1_000), 'MB');
  report.add(
    `1,000 pods, a day of ${CHANGES_A_POD} changes each`,
    fixture,
    megabytes(perChange * CHANGES_A_POD * 1_000),
    'MB',
  );
  report.add('the newest state from tables', fixture, loaded.ms, 'ms');
  report.add(`the first state, of ${1 + CHANGES_A_POD} snapshots`, fixture, short.ms, 'ms');
  report.add(`the same, of ${latest?.seq} snapshots`, fixture, oldest.ms, 'ms');
  report.add('one in the middle of them', fixture, middle.ms, 'ms');
  report.add('compiled', fixture, compiled.ms, 'ms');
  report.write(values.json ?? null);
});
