// The served side of the API bench, in a process of its own: the api role over a large cluster, and an empty route.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fastify } from 'fastify';
import { systemAccess } from '#access';
import { loadConfig } from '#config';
import { normaliseObject, type Fact } from '#engine';
import { applyMigrations, ClusterRepository, Database, SnapshotRepository, startEmbeddedPostgres } from '#store';
import { createLog } from '#telemetry';
import { createApi } from '../../../apps/api/src/start-api.js';
import { tiersShape } from '../clusters.js';

/** Pods that are asked about. */
const SAMPLE = 1_000;
/** An answer of such a cluster, about. */
const ANSWER_BYTES = 7_200;
/** Of the cluster whose connections are listed: 10,000 pods. */
const LISTED_NAMESPACES = 500;
/** Snapshots of that cluster. */
const STATES = 6;
const namespaces = Number(process.argv[2]);
const dataDir = mkdtempSync(join(tmpdir(), 'atlas-bench-api-'));
const postgres = await startEmbeddedPostgres({ dataDir });
const url = postgres.url.reveal();
await applyMigrations(url);

const database = new Database({ url });
const clusters = new ClusterRepository(database, null, () => systemAccess('bench'));
const facts = await seed('bench', namespaces);
await seed('listed', LISTED_NAMESPACES);
await change('listed', LISTED_NAMESPACES);
await database.close();

const config = loadConfig(
  { DATABASE_URL: url, HTTP_PORT: '0', ATLAS_SECRET_KEY: randomBytes(32).toString('hex'), LOG_LEVEL: 'warn' },
  'api',
);
const app = await createApi(config, createLog({ ...config.log, app: 'api' }));
await app.listen({ host: '127.0.0.1', port: 0 });

const empty = fastify();
empty.post('/empty', () => ({ verdict: 'allowed' }));
const text = JSON.stringify({ verdict: '→'.repeat(ANSWER_BYTES / 3) });
empty.post('/long', (_request, reply) => reply.type('application/json; charset=utf-8').send(text));
const loop = monitorEventLoopDelay({ resolution: 1 });
/** The longest that this process held its event loop since it was last asked. Nothing watches it before. */
empty.get('/hold', () => {
  loop.enable();
  const ms = loop.max / 1e6;
  loop.reset();
  return { ms };
});
const emptyUrl = await empty.listen({ host: '127.0.0.1', port: 0 });

const pods = facts.filter(({ meta }) => meta.kind === 'Pod').map(({ meta }) => `${meta.namespace}/${meta.name}`);
process.stdout.write(
  `${JSON.stringify({ url: await app.getUrl(), emptyUrl, pods: pods.length, names: sample(pods, SAMPLE), states: STATES, databaseUrl: url })}\n`,
);

async function seed(name: string, count: number): Promise<readonly Fact[]> {
  const { id } = await clusters.create({ name, source: { type: 'upload' } });
  return persist(id, tiersShape(count).objects);
}

interface RawObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** More states of the same cluster: from one to the next, the port of every policy named `api` changes. */
async function change(name: string, count: number): Promise<void> {
  const { id } = await clusters.get(name);
  const policies = (tiersShape(count).objects as readonly RawObject[]).filter(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'api',
  );
  for (let state = 1; state < STATES; state++) {
    const text = JSON.stringify(policies).replaceAll('8080', String(8080 + state));
    await persist(id, JSON.parse(text) as unknown[]);
  }
}

async function persist(id: string, objects: readonly unknown[]): Promise<readonly Fact[]> {
  const upserts = objects.map((object) => normaliseObject(object).fact).filter((fact): fact is Fact => fact !== null);
  const batch = { upserts, deletes: [], replace: [], completeness: {}, takenAt: new Date() };
  await new SnapshotRepository(database).persist(id, batch);
  return upserts;
}

/** Some of the values, spread evenly. */
function sample<T>(values: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, values.length / most);
  return Array.from({ length: Math.min(most, values.length) }, (_, index) => values[Math.floor(index * step)] as T);
}

// The end of the input, as a signal is taken by the application and ends the process before the database is stopped.
process.stdin.resume().once('end', () => {
  void app
    .close()
    .then(() => empty.close())
    .then(() => postgres.stop())
    .then(() => {
      rmSync(dataDir, { recursive: true, force: true });
      process.exit(0);
    });
});
