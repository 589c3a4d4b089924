// npm run -s bench:sync -- [--json FILE] [--scale 1] [--workers 2] [--only first,resync,watch,memory,api,api-memory]
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { systemAccess } from '#access';
import { Secret } from '#config';
import { SNAPSHOT_CHANNEL } from '#contracts';
import { normaliseObject } from '#engine';
import { KubeSource, type SourceSink } from '#kube';
import { ClusterRepository, packFact, SnapshotRepository, type Database } from '#store';

import { RoleProcess } from '../support/role-process.js';
import { onBenchDatabase } from './bench-database.js';
import { BenchReport } from './bench-row.js';
import { Fleet, cpuSecondsOf, memoryOf } from './fleet/fleet.js';
import { podText } from './fleet/pod-text.js';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    scale: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    only: { type: 'string', default: 'first,resync,watch,memory,api,api-memory' },
  },
});
const SCALE = Number(values.scale);
const PARTS = new Set(values.only.split(','));
const SECRET_KEY = randomBytes(32).toString('hex');
const WAIT_MS = 600_000;
const PARTS_OF_MEMORY = ['live in the heap', 'free in the heap', 'outside of it'] as const;
/** After which a process that has nothing to do has given back its memory. */
const GIVEN_BACK_MS = 20_000;
const report = new BenchReport();

interface Ground {
  readonly database: Database;
  readonly url: string;
  readonly clusters: ClusterRepository;
}

/** Runs a part on a database and a fleet of its own. */
async function onGround(
  clusters: number,
  pods: number,
  work: (ground: Ground, fleet: Fleet) => Promise<void>,
): Promise<void> {
  await onBenchDatabase({}, async (database, url) => {
    const repository = new ClusterRepository(database, new Secret(SECRET_KEY), () => systemAccess('test'));
    const fleet = await Fleet.start(clusters, pods);
    try {
      await work({ database, url, clusters: repository }, fleet);
    } finally {
      await fleet.stop();
    }
  });
}

function startSync({ url }: Ground): RoleProcess {
  // Of the allocator, as the image has it.
  const env = { MALLOC_ARENA_MAX: '1', LOG_LEVEL: 'warn' };
  return RoleProcess.built('sync', { DATABASE_URL: url, ATLAS_SECRET_KEY: SECRET_KEY, ...env });
}

async function addClusters({ clusters }: Ground, fleet: Fleet, count: number, from = 0): Promise<string[]> {
  const source = { type: 'kubeconfig', path: null, inline: true, context: null } as const;
  const ids: string[] = [];
  for (let number = from; number < from + count; number++) {
    ids.push((await clusters.create({ name: `c${number}`, source, credentials: fleet.kubeconfig(number) })).id);
  }
  return ids;
}

/** Waits until a query's only number reaches `wanted`; returns the time that it took. */
async function untilCount({ database }: Ground, sql: string, wanted: number, values: unknown[] = []): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { rows } = await database.query<{ count: number }>(sql, values);
    if ((rows[0]?.count ?? 0) >= wanted) return performance.now() - start;
    if (performance.now() - start > WAIT_MS) throw new Error(`${sql} did not reach ${wanted}`);
    await sleep(50);
  }
}

const SYNCED = `SELECT count(*)::int AS count FROM cluster WHERE state = 'synced' AND last_synced_at IS NOT NULL`;
const REVISIONS = 'SELECT count(*)::int AS count FROM object_revision';

/** Pods a second of processor time that one thread parses, normalises and hashes: the work that cannot be left out when all is read. */
function decodeRate(): number {
  const count = Math.max(500, Math.round(5_000 * SCALE));
  const items = Array.from({ length: count }, (_, index) => podText(index, 1, 0)).join(',');
  const start = process.cpuUsage();
  for (const item of JSON.parse(`[${items}]`) as object[]) {
    const { fact } = normaliseObject(Object.assign(item, { apiVersion: 'v1', kind: 'Pod' }));
    if (fact) packFact(fact);
  }
  const { user, system } = process.cpuUsage(start);
  return (count * 1_000_000) / (user + system);
}

async function first(): Promise<void> {
  const clusters = 50;
  const pods = Math.round(5_000 * SCALE);
  const fixture = `${clusters} × ${pods}, ${values.workers} sync`;
  const rates = [decodeRate(), decodeRate(), decodeRate()].sort((a, b) => a - b);
  const reference = { name: 'parse, normalise and hash alone, one thread', value: rates[1] as number };
  const workers = Number(values.workers);
  await onGround(clusters, pods, async (ground, fleet) => {
    const syncs = Array.from({ length: workers }, () => startSync(ground));
    const spent = (): number => syncs.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
    await untilCount(ground, 'SELECT count(*)::int AS count FROM sync_worker', workers);
    await addClusters(ground, fleet, clusters);
    const idle = spent();
    const firstMs = await untilCount(ground, SYNCED, clusters);
    const busy = spent() - idle;
    report.rate('from nothing to queryable', fixture, (clusters * pods * 1_000) / firstMs, 'pods/s', 20_000, reference);
    report.add('the same by a second of its processor time', fixture, (clusters * pods) / busy, 'pods/s');
    const before = await ground.database.query<{ count: number }>(REVISIONS);
    const snapshots = await ground.database.query<{ count: number }>('SELECT count(*)::int AS count FROM snapshot');
    await ground.database.query('UPDATE cluster SET resync_requested_at = clock_timestamp()');
    const resyncMs = await untilCount(ground, `${SYNCED} AND last_synced_at > resync_requested_at`, clusters);
    const after = await ground.database.query<{ count: number }>(REVISIONS);
    const later = await ground.database.query<{ count: number }>('SELECT count(*)::int AS count FROM snapshot');
    const read = (clusters * pods * 1_000) / resyncMs;
    report.add('full read on demand, no change', fixture, read, 'pods/s');
    const written =
      (after.rows[0]?.count ?? 0) -
      (before.rows[0]?.count ?? 0) +
      (later.rows[0]?.count ?? 0) -
      (snapshots.rows[0]?.count ?? 0);
    report.add('rows written by it', fixture, written, 'rows', { atMost: 0 });
    const peak = Math.max(...syncs.map(({ pid }) => memoryOf(pid).peak));
    report.add('memory of a sync process, at most', fixture, peak / 2 ** 20, 'MiB');
    await Promise.all(syncs.map((sync) => sync.end('SIGTERM')));
  });
}

/** The regular resync: names and versions are compared, and nothing is read or written when they are as they were. */
async function resync(): Promise<void> {
  const clusters = 50;
  const pods = Math.round(5_000 * SCALE);
  const fixture = `${clusters} × ${pods}`;
  const fleet = await Fleet.start(clusters, pods);
  let lists = 0;
  const settings = { resyncIntervalMs: 1, watchTimeoutSeconds: 1 };
  const runs = Array.from({ length: clusters }, (_, number) => {
    const ending = new AbortController();
    const source = new KubeSource({ type: 'text', text: fleet.kubeconfig(number) }, { settings });
    const count: SourceSink = (event) => (lists += event.type === 'list' && event.kind === 'Pod' ? 1 : 0);
    return { ending, ended: source.run(count, ending.signal) };
  });
  while (lists < clusters) await sleep(50);
  await sleep(2_000);
  const [before, cpu, start] = [await fleet.metadataPods(), process.cpuUsage(), performance.now()];
  await sleep(15_000);
  const compared = (await fleet.metadataPods()) - before;
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const reference = { name: 'parse, normalise and hash alone', value: decodeRate() };
  report.rate('no-change resync', fixture, compared / seconds, 'pods/s', 100_000, reference);
  report.rate(
    'the same by a second of its processor time',
    fixture,
    (compared * 1_000_000) / (user + system),
    'pods/s',
    100_000,
    reference,
  );
  report.add('lists that it caused', fixture, lists - clusters, 'lists', { atMost: 0 });
  for (const { ending } of runs) ending.abort();
  await Promise.all(runs.map(({ ended }) => ended));
  await fleet.stop();
}

async function watch(): Promise<void> {
  const clusters = Math.round(1_000 * SCALE);
  const touches = 400;
  const fixture = `${clusters} × 3 kinds`;
  await onGround(clusters, 10, async (ground, fleet) => {
    const ids = await addClusters(ground, fleet, clusters);
    const sync = startSync(ground);
    await untilCount(ground, SYNCED, clusters);
    const touchedAt = new Map<string, number>();
    const latencies: number[] = [];
    const end = await ground.database.listen(SNAPSHOT_CHANNEL, (payload) => {
      const id = payload.split(':')[0] as string;
      const at = touchedAt.get(id);
      if (at === undefined) return;
      touchedAt.delete(id);
      latencies.push(performance.now() - at);
    });
    for (let turn = 0; turn < touches; turn++) {
      const number = (turn * 7) % clusters;
      const id = ids[number] as string;
      if (!touchedAt.has(id)) touchedAt.set(id, performance.now());
      await fleet.touch(number, 0);
      await sleep(25);
    }
    const deadline = Date.now() + 60_000;
    while (touchedAt.size > 0 && Date.now() < deadline) await sleep(50);
    await end();
    latencies.sort((a, b) => a - b);
    report.add('changes that were lost', fixture, touchedAt.size, 'changes', { atMost: 0 });
    report.add('change to queryable, p50', fixture, (latencies[latencies.length >> 1] ?? NaN) / 1_000, 's');
    const p99 = latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * 0.99))] ?? NaN;
    report.add('change to queryable, p99', fixture, p99 / 1_000, 's', { atMost: 5 });
    report.add('memory of sync, at most', fixture, memoryOf(sync.pid).peak / 2 ** 20, 'MiB', { atMost: 2_048 });
    await sync.end('SIGTERM');
  });
}

async function memory(): Promise<void> {
  const clusters = 20;
  const pods = Math.round(5_000 * SCALE);
  const fixture = `${clusters} × ${pods}`;
  await onGround(clusters + 1, pods, async (ground, fleet) => {
    const sync = startSync(ground);
    const settled = async (count: number): Promise<number> => {
      await untilCount(ground, SYNCED, count);
      // What lists leave behind is collected when it is quiet.
      await sleep(GIVEN_BACK_MS);
      return memoryOf(sync.pid).now;
    };
    // The first one brings in what the process needs for any cluster.
    await addClusters(ground, fleet, 1);
    const idle = await settled(1);
    await addClusters(ground, fleet, clusters, 1);
    const grown = (await settled(clusters + 1)) - idle;
    report.add('memory of sync with one cluster', fixture, idle / 2 ** 20, 'MiB');
    report.add('memory of sync, a further pod', fixture, grown / (clusters * pods) / 1_024, 'KB', { atMost: 1 });
    await sync.end('SIGTERM');
    const size = await ground.database.query<{ count: number }>(
      `SELECT (pg_total_relation_size('object_revision') / 1024.0 / ${(clusters + 1) * pods})::float AS count`,
    );
    report.add('size in the database, a pod', fixture, size.rows[0]?.count ?? NaN, 'KB');
  });
}

/** The API from its start to its first answers, with everything in tables already. */
async function api(): Promise<void> {
  const clusters = 40;
  const pods = Math.round(5_000 * SCALE);
  const fixture = `${clusters} × ${pods}`;
  await onGround(clusters, pods, async (ground, fleet) => {
    await addClusters(ground, fleet, clusters);
    const sync = startSync(ground);
    await untilCount(ground, SYNCED, clusters);
    await sync.end('SIGTERM');
    const start = performance.now();
    const api = await startApi(ground, clusters);
    report.add('API from its start to ready', fixture, (performance.now() - start) / 1_000, 's', { atMost: 2 });
    const asked = performance.now();
    await askAbout(api, 0);
    report.add('first question about one of them', fixture, (performance.now() - asked) / 1_000, 's');
    for (let cluster = 1; cluster < clusters; cluster++) await askAbout(api, cluster);
    report.add('a question about each of them', fixture, (performance.now() - asked) / 1_000, 's');
    await api.end('SIGTERM');
  });
}

/** An API that keeps so many compiled, once it is ready. */
async function startApi(ground: Ground, snapshots: number): Promise<RoleProcess> {
  const api = RoleProcess.built('api', {
    DATABASE_URL: ground.url,
    ATLAS_SECRET_KEY: SECRET_KEY,
    HTTP_PORT: '0',
    // As the image has it.
    MALLOC_ARENA_MAX: '1',
    NODE_OPTIONS: '--max-semi-space-size=32',
    ANALYSIS_CACHE_SNAPSHOTS: String(snapshots),
    // What nobody asks about is not compiled, so that one cluster can be told from all.
    ANALYSIS_CACHE_OBJECTS: '0',
  });
  await api.says(/api is listening/);
  while (!(await fetch(`${api.url}/readyz`)).ok) await sleep(10);
  return api;
}

async function askAbout(api: RoleProcess, cluster: number, port = 8080): Promise<void> {
  const query = new URLSearchParams({
    cluster: `c${cluster}`,
    from: 'shop/api-7d9c5b0000-00000',
    to: 'shop/api-7d9c5b0000-00001',
    port: String(port),
  });
  const answer = await fetch(`${api.url}/api/v1/reachability?${query.toString()}`);
  if (!answer.ok) throw new Error(await answer.text());
  await answer.text();
}

/** What the API keeps of each further pod, all in: the growth of the process from one cluster to all of them. */
async function apiMemory(): Promise<void> {
  const clusters = 20;
  const pods = Math.round(5_000 * SCALE);
  const fixture = `${clusters} × ${pods}`;
  await onGround(clusters + 1, pods, async (ground, fleet) => {
    const ids = await addClusters(ground, fleet, clusters + 1);
    const sync = startSync(ground);
    await untilCount(ground, SYNCED, clusters + 1);
    await sync.end('SIGTERM');
    // Of a cluster that changes two states are kept for some seconds.
    const api = await startApi(ground, 2 * (clusters + 1));
    // The first one brings in what the process needs for any cluster, its room for what is short-lived included.
    for (let turn = 0; turn < 20; turn++) await askAbout(api, clusters, 8_000 + turn);
    const settled = async (): Promise<ApiMemory> => {
      await sleep(GIVEN_BACK_MS);
      return apiMemoryOf(api);
    };
    const idle = await settled();
    const tell = (what: string, now: ApiMemory): void => {
      const grown = PARTS_OF_MEMORY.map((part) => (now[part] - idle[part]) / (clusters * pods) / 1_024);
      // Room that was free before and is given back now is no room that pods need less.
      const all = grown.reduce((sum, each) => sum + Math.max(0, each), 0);
      report.add(`memory of the API, ${what}`, fixture, all, 'KB', { atMost: 1 });
      for (const [i, part] of PARTS_OF_MEMORY.entries()) report.add(`of it ${part}`, fixture, grown[i] as number, 'KB');
    };
    report.add('memory of the API with one cluster', fixture, idle.all / 2 ** 20, 'MiB');
    for (let cluster = 0; cluster < clusters; cluster++) await askAbout(api, cluster);
    tell('a further pod', await settled());
    for (const [cluster, id] of ids.slice(0, clusters).entries()) await changePods(ground, api, { cluster, id, pods });
    tell('a pod that changed since', await settled());
    await api.end('SIGTERM');
  });
}

/** Changes every pod of a cluster once, and asks about it after each thousand. */
async function changePods(
  ground: Ground,
  api: RoleProcess,
  of: { cluster: number; id: string; pods: number },
): Promise<void> {
  for (let from = 0; from < of.pods; from += 1_000) {
    await store(
      ground,
      of.id,
      Array.from({ length: Math.min(1_000, of.pods - from) }, (_, at) => from + at),
    );
    // Time to hear of it.
    await sleep(100);
    await askAbout(api, of.cluster);
  }
}

/** Stores pods by their numbers, as they are after a change. */
async function store({ database }: Ground, id: string, numbers: readonly number[]): Promise<void> {
  const upserts = numbers.flatMap((number) => {
    const pod = JSON.parse(podText(number, 2_000, 1)) as object;
    return normaliseObject({ apiVersion: 'v1', kind: 'Pod', ...pod }).fact ?? [];
  });
  const batch = { upserts, deletes: [], replace: [], completeness: {}, takenAt: new Date() };
  await new SnapshotRepository(database).persist(id, batch);
}

/** What a process has from the system, and where it is, in bytes. */
type ApiMemory = Readonly<Record<'all' | (typeof PARTS_OF_MEMORY)[number], number>>;

async function apiMemoryOf(api: RoleProcess): Promise<ApiMemory> {
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  const metric = (name: string): number => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(metrics)?.[1]);
  const heap = metric('nodejs_heap_size_total_bytes');
  const live = metric('nodejs_heap_size_used_bytes');
  const all = metric('process_resident_memory_bytes');
  return { all, 'live in the heap': live, 'free in the heap': heap - live, 'outside of it': all - heap };
}

if (PARTS.has('first')) await first();
if (PARTS.has('resync')) await resync();
if (PARTS.has('watch')) await watch();
if (PARTS.has('memory')) await memory();
if (PARTS.has('api')) await api();
if (PARTS.has('api-memory')) await apiMemory();
report.write(values.json ?? null);
process.exit(report.rows.every(({ met }) => met !== false) ? 0 : 1);
