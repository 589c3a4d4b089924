import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { applyMigrations, Database } from '#store';
import { partitionByCluster } from './partition-tables.js';

/** A database of its own for one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Closes `database` and drops the database. */
  drop(): Promise<void>;
}

/** What the keeper writes once the server is up, or why it is not. */
type KeeperState = { readonly url: string } | { readonly error: string };

const TEMPLATE = 'atlas_template';
/** Set by a test file that runs on tables which are partitioned by cluster. */
export const PARTITIONED = 'TEST_DATABASE_PARTITIONED';
const START_TIMEOUT_MS = 60_000;

/** The process of the whole test run: workers share what it owns. */
function runPid(): number {
  return (process.argv[1] ?? '').includes('jest-worker') ? process.ppid : process.pid;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function readState(file: string): KeeperState | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeeperState;
  } catch {
    return null;
  }
}

/**
 * Starts a process that keeps one server for this run and ends it, with its data, when the run's process is gone,
 * however that ended. Whoever makes the folder first is the one to start it.
 */
function startKeeper(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  const here = dirname(fileURLToPath(import.meta.url));
  const root = join(here, '..', '..');
  const args = [join(root, 'scripts', 'run.mjs'), join(here, 'postgres-keeper.ts'), folder, String(runPid())];
  // Jest's own flags and worker id are none of the keeper's business.
  const env = { ...process.env, NODE_OPTIONS: '', JEST_WORKER_ID: undefined };
  spawn(process.execPath, args, { cwd: root, detached: true, stdio: 'ignore', env }).unref();
}

/** The server of this run: TEST_DATABASE_URL, or an embedded one that the first caller starts. */
async function serverUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') return given;
  const folder = join(tmpdir(), `atlas-test-postgres-${String(runPid())}`);
  startKeeper(folder);
  const end = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const state = readState(join(folder, 'state.json'));
    if (state !== null && 'url' in state) return state.url;
    if (state !== null || Date.now() > end) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`no database for the tests: ${state === null ? 'it did not start in time' : state.error}`);
    }
    await sleep(25);
  }
}

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes the migrated database that all others are copied from, once a server, whoever comes first. */
async function ensureTemplate(url: string): Promise<void> {
  await onServer(url, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [TEMPLATE]);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${TEMPLATE}`);
    // Does nothing when it is migrated; a server that is kept between runs may be behind.
    await applyMigrations(withDatabase(url, TEMPLATE));
  });
}

/**
 * A fresh database with every migration applied (`migrated: false`: an empty one). Copied from a template, so it takes
 * some tens of milliseconds. Call `drop` in `afterAll`.
 */
export async function createTestDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `atlas_test_${randomBytes(6).toString('hex')}`;
  const isMigrated = options.migrated ?? true;
  if (isMigrated) await ensureTemplate(server);
  await onServer(server, async (client) => {
    // A copy needs the template to itself.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [TEMPLATE]);
    await client.query(`CREATE DATABASE ${name}${isMigrated ? ` TEMPLATE ${TEMPLATE}` : ''}`);
  });
  const url = withDatabase(server, name);
  const database = new Database({ url });
  if (process.env[PARTITIONED] !== undefined) await partitionByCluster(database);
  return {
    url,
    database,
    drop: async () => {
      await database.close();
      await onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}
