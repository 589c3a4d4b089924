// What the API bench asks about: an embedded PostgreSQL with its clusters, in a process of its own, so that the API has a heap of
// its own as anywhere else.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemAccess } from '#access';
import { normaliseObject, type Fact } from '#engine';
import { applyMigrations, ClusterRepository, Database, SnapshotRepository, startEmbeddedPostgres } from '#store';
import { tiersShape } from '../clusters.js';

/** Pods that are asked about. */
const SAMPLE = 1_000;
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

const pods = facts.filter(({ meta }) => meta.kind === 'Pod').map(({ meta }) => `${meta.namespace}/${meta.name}`);
process.stdout.write(
  `${JSON.stringify({ pods: pods.length, names: sample(pods, SAMPLE), states: STATES, databaseUrl: url })}\n`,
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

process.stdin.resume().once('end', () => {
  void postgres.stop().then(() => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
});
