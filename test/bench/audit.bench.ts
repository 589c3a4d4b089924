import 'reflect-metadata';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadChecks } from '#checks';
import { loadConfig, Secret } from '#config';
import { normaliseObject, type Fact } from '#engine';
import { BullmqJobQueue, type QueueBackend } from '#queue';
import { systemAccess } from '#access';
import { ClusterRepository, JobRunRepository, SnapshotRepository } from '#store';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startTestRedis } from '../support/redis.js';
import { BenchReport } from './bench-row.js';
import { mixedShape } from './clusters.js';

/**
 * Audits of a fleet: every check of the core set on each of its clusters, stored. Two workers, each a process of its
 * own, have loaded the state of all clusters before the clock starts; the first run stores its findings, the second one
 * finds the same again. With `--kills` nothing is timed: workers are killed at random while audits of ten clusters run,
 * and no job may be lost and none may have two reports.
 *
 *   npm run -s bench:audit -- [--clusters 100] [--kills 100] [--queue postgres|redis] [--json FILE]
 */

const WORKER = fileURLToPath(new URL('audit-worker.ts', import.meta.url));
const RUN = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url));
/** A worker runs as the image runs it. */
const V8_FLAGS = ['--max-semi-space-size=32'];
const WORKERS = 2;
/** What is to be reached, for a fleet of so many. */
const GOAL_MS = 3_000;
const GOAL_CLUSTERS = 100;
const KILL_CLUSTERS = 10;
const TELL_EVERY = 10;
const LONGEST_MS = 300_000;

interface Fleet {
  readonly test: TestDatabase;
  readonly runs: JobRunRepository;
  readonly ids: readonly string[];
  readonly checks: readonly string[];
}

const access = (): ReturnType<typeof systemAccess> => systemAccess('bench');

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const report = new BenchReport();
  const kills = Number(option('--kills') ?? 0);
  const fleet = await makeFleet(kills > 0 ? KILL_CLUSTERS : Number(option('--clusters') ?? GOAL_CLUSTERS));
  const redis = await startTestRedis();
  try {
    const backends: QueueBackend[] = [{ type: 'postgres', url: new Secret(fleet.test.url) }];
    if (redis === null) process.stdout.write('no redis-server here: the queue on Redis is left out\n');
    else backends.push({ type: 'redis', url: new Secret(redis.url) });
    const queue = option('--queue');
    for (const backend of backends.filter(({ type }) => queue === undefined || queue === type)) {
      await (kills > 0 ? killed(fleet, backend, kills, report) : measure(fleet, backend, report));
    }
  } finally {
    await redis?.stop();
    await fleet.test.drop();
  }
  report.write(option('--json') ?? null);
}

async function makeFleet(count: number): Promise<Fleet> {
  const test = await createTestDatabase();
  const clusters = new ClusterRepository(test.database, null, access);
  const snapshots = new SnapshotRepository(test.database);
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const { id } = await clusters.create({ name: `c-${String(n)}`, source: { type: 'upload' } });
    const facts = mixedShape(50, 20, 1, 5, n + 1).objects.map((object) => normaliseObject(object).fact as Fact);
    const batch = { upserts: facts, deletes: [], replace: [], completeness: {}, takenAt: new Date() };
    await snapshots.persist(id, batch);
    ids.push(id);
  }
  const checks = (await loadChecks()).filter((check) => check.core).map((check) => check.id);
  return { test, runs: new JobRunRepository(test.database, access), ids, checks };
}

/** Wall time from the first row to the end of the flow, and what was stored. */
async function measure(fleet: Fleet, backend: QueueBackend, report: BenchReport): Promise<void> {
  const name = `${String(fleet.ids.length)} × 1,000 pods`;
  const goal = fleet.ids.length < GOAL_CLUSTERS ? {} : { atMost: GOAL_MS };
  const queue = new BullmqJobQueue({ backend });
  await queue.start();
  await forgetReports(fleet);
  const workers = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(fleet, backend)));
  for (const run of ['first', 'again']) {
    const start = performance.now();
    const flow = await startFlow(fleet, queue);
    await ended(fleet, flow);
    const tookMs = performance.now() - start;
    report.add(`audit ${run}, queue on ${backend.type}`, name, tookMs, 'ms', goal);
  }
  await Promise.all(workers.map(endWorker));
  await queue.stop();
  const { rows } = await fleet.test.database.query<{ reports: number; findings: number }>(
    'SELECT (SELECT count(*)::int FROM audit_report) AS reports, (SELECT count(*)::int FROM audit_finding) AS findings',
  );
  process.stdout.write(`${JSON.stringify(rows[0])}\n`);
}

/**
 * Each queue starts with the same rows: else the second one stores nothing in its first run. And Postgres has put away
 * what it was filled with, which it would do on the cores that are measured.
 */
async function forgetReports({ test: { database } }: Fleet): Promise<void> {
  for (const statement of ['DELETE FROM audit_finding', 'DELETE FROM audit_report', 'VACUUM (ANALYZE)', 'CHECKPOINT']) {
    await database.query(statement);
  }
}

/** Kills a worker again and again while audits run; others take its place. */
async function killed(fleet: Fleet, backend: QueueBackend, kills: number, report: BenchReport): Promise<void> {
  const queue = new BullmqJobQueue({ backend });
  await queue.start();
  const flows: string[] = [];
  let done = 0;
  let worker = await startWorker({ ...fleet, ids: [] }, backend);
  while (done < kills) {
    flows.push(await startFlow(fleet, queue));
    await sleep(Math.random() * 400);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    done++;
    if (done % TELL_EVERY === 0) await tellStates(fleet, flows, `${String(done)} of ${String(kills)} kills`);
    worker = await startWorker({ ...fleet, ids: [] }, backend);
  }
  for (const [n, flow] of flows.entries()) {
    if (n % TELL_EVERY === 0) await tellStates(fleet, flows, 'after the kills');
    await ended(fleet, flow);
  }
  await endWorker(worker);
  await queue.stop();
  const { rows } = await fleet.test.database.query<{ jobs: number; lost: number; reports: number }>(
    `SELECT count(*)::int AS jobs, count(*) FILTER (WHERE state <> 'succeeded')::int AS lost,
         (SELECT count(*)::int FROM audit_report WHERE id IN (SELECT id FROM job_run WHERE parent_id = ANY($1::uuid[]))) AS reports
       FROM job_run WHERE parent_id = ANY($1::uuid[])`,
    [flows],
  );
  const { jobs, lost, reports } = rows[0] ?? { jobs: 0, lost: 0, reports: 0 };
  process.stdout.write(`queue on ${backend.type}: ${JSON.stringify({ kills: done, jobs, lost, reports })}\n`);
  report.add(`jobs lost by ${String(kills)} kills, queue on ${backend.type}`, 'killed', lost, 'jobs', { atMost: 0 });
  report.add('jobs with no report, or two', 'killed', Math.abs(jobs - reports), 'jobs', { atMost: 0 });
}

/** How many jobs of these flows are where. */
async function tellStates({ test }: Fleet, flows: readonly string[], what: string): Promise<void> {
  const { rows } = await test.database.query<{ state: string; jobs: number }>(
    'SELECT state, count(*)::int AS jobs FROM job_run WHERE parent_id = ANY($1::uuid[]) GROUP BY state ORDER BY state',
    [flows],
  );
  process.stdout.write(`${what}: ${rows.map(({ state, jobs }) => `${String(jobs)} ${state}`).join(', ')}\n`);
}

async function startFlow({ runs, ids, checks }: Fleet, queue: BullmqJobQueue): Promise<string> {
  const name = 'audit.run' as const;
  const parts = ids.map((clusterId) => ({ name, clusterId, input: { clusterId, checks }, requester: 'bench' }));
  const made = await runs.createFlow({ name, clusterId: null, input: {}, requester: 'bench' }, parts);
  await queue.enqueueMany(
    name,
    made.parts.map(({ id }) => ({ runId: id, delivery: 0 })),
  );
  return made.flow.id;
}

async function ended({ runs }: Fleet, id: string): Promise<void> {
  const deadline = Date.now() + LONGEST_MS;
  for (;;) {
    const { state, progress } = await runs.get(id);
    if (state === 'succeeded') return;
    if (state !== 'running' || Date.now() > deadline) {
      throw new Error(`the audit is ${state}, ${String(progress.done)} of ${String(progress.total)} clusters done`);
    }
    await sleep(20);
  }
}

async function startWorker(fleet: Fleet, backend: QueueBackend): Promise<ChildProcess> {
  const env = {
    ...process.env,
    DATABASE_URL: fleet.test.url,
    ANALYSIS_CACHE_SNAPSHOTS: '1000',
    ...(backend.type === 'redis' ? { REDIS_URL: backend.url.reveal() } : { REDIS_URL: '' }),
  };
  const args = [...V8_FLAGS, RUN, WORKER, ...fleet.ids];
  const worker = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await Promise.race([once(worker.stdout, 'data'), once(worker, 'exit')])) as [unknown];
  if (String(said).trim() !== 'ready') throw new Error('a worker did not start');
  return worker;
}

async function endWorker(worker: ChildProcess): Promise<void> {
  const exit = once(worker, 'exit');
  worker.kill('SIGTERM');
  await exit;
}

// Read here, so that a wrong environment is told before the fleet is made.
loadConfig({ ...process.env, DATABASE_URL: 'postgresql://localhost/bench' }, 'worker');
await main();
