import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type * as SchemaEngineCode from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { Secret } from '#config';
import { AppError } from '#contracts';
import { silentLog, type Log } from '#telemetry';
import { toStoreError } from './store-error.js';

/** One migration as it is on disk. */
interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** What Prisma's history table says of a migration. */
interface AppliedMigration {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly rolled_back_at: Date | null;
}

/** Any number; all processes that migrate must use the same. */
const MIGRATION_LOCK = 4_021_177_201;
/** The least schema that the engine takes: applying migrations needs no models. */
const DATASOURCE: [string, string] = ['schema.prisma', 'datasource db {\n  provider = "postgresql"\n}\n'];
const LOCK_FILE = 'migration_lock.toml';

/** The folder of migrations: above this file, however deep the build put it. */
function migrationsDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (folder !== dirname(folder)) {
    const candidate = join(folder, 'prisma', 'migrations');
    if (existsSync(join(candidate, LOCK_FILE))) return candidate;
    folder = dirname(folder);
  }
  throw new AppError('startup.failed', 'the folder prisma/migrations is missing, install the product again');
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => ({ name, sql: await readFile(join(folder, name, 'migration.sql'), 'utf8') })),
  );
}

async function readHistory(client: pg.Client): Promise<AppliedMigration[]> {
  const table = await client.query<{ found: string | null }>(`SELECT to_regclass('_prisma_migrations') AS found`);
  if ((table.rows[0]?.found ?? null) === null) return [];
  const history = await client.query<AppliedMigration>(
    'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations ORDER BY started_at',
  );
  return history.rows.filter((row) => row.rolled_back_at === null);
}

/** Migrations still to be applied. Throws when the history of the database is not ours or stopped half way. */
function pending(migrations: readonly Migration[], history: readonly AppliedMigration[]): Migration[] {
  const onDisk = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of history) {
    const migration = onDisk.get(row.migration_name);
    if (row.finished_at === null) {
      throw new AppError(
        'startup.failed',
        `migration \`${row.migration_name}\` did not finish, repair the database or restore a backup`,
      );
    }
    if (migration === undefined) {
      throw new AppError(
        'startup.failed',
        `the database has migration \`${row.migration_name}\`, which this version does not know, start a newer version`,
      );
    }
    if (createHash('sha256').update(migration.sql).digest('hex') !== row.checksum) {
      throw new AppError('startup.failed', `migration \`${row.migration_name}\` was changed after it had been applied`);
    }
  }
  const applied = new Set(history.map((row) => row.migration_name));
  return migrations.filter((migration) => !applied.has(migration.name));
}

/** The part of the platform's WebAssembly that is used here; the compiler knows it only together with the DOM. */
interface WebAssemblyApi {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
}
const wasm = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

type EngineCode = typeof SchemaEngineCode;

/** Once a process: the glue keeps views of the memory of the instance that it was given first. */
let engineCode: Promise<EngineCode> | undefined;

/** The glue with timers that do not keep the process: the engine leaves one of 10 s behind for its own lock. */
function withIdleTimers(glue: EngineCode): object {
  const wrap = (name: string, value: unknown): unknown =>
    name.startsWith('__wbg_setTimeout_')
      ? (work: () => void, delayMs: number) => setTimeout(work, delayMs).unref()
      : value;
  return Object.fromEntries(Object.entries(glue).map(([name, value]) => [name, wrap(name, value)]));
}

async function loadEngineCode(): Promise<EngineCode> {
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const path = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm');
  const { instance } = await wasm.instantiate(await readFile(path), { './schema_engine_bg.js': withIdleTimers(glue) });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue;
}

/** The engine and what it holds. */
export interface OpenSchemaEngine {
  readonly engine: SchemaEngine;
  /** Frees the engine and its connections, which would otherwise stay open for a while. */
  close(): Promise<void>;
}

/**
 * Prisma's schema engine, WebAssembly in this process. Loaded only when there is something to apply.
 * `onScriptError` gets what Postgres says of a script that failed; the engine itself reports only that one did.
 */
export async function createSchemaEngine(
  url: string,
  datamodels: [string, string][],
  onScriptError: (error: Error) => void = () => undefined,
): Promise<OpenSchemaEngine> {
  const [{ PrismaPg }, { bindMigrationAwareSqlAdapterFactory }, glue] = await Promise.all([
    import('@prisma/adapter-pg'),
    import('@prisma/driver-adapter-utils'),
    (engineCode ??= loadEngineCode()),
  ]);
  const factory = new PrismaPg({ connectionString: url });
  const connect = factory.connect.bind(factory);
  const adapters: SqlDriverAdapter[] = [];
  factory.connect = async () => {
    const adapter = await connect();
    adapters.push(adapter);
    // The adapter's own way is to cut a script at every semicolon, even inside texts and functions. Sent as one,
    // Postgres reads it itself and runs it in one transaction: a migration is applied as a whole or not at all.
    adapter.executeScript = async (script) => {
      await adapter
        .underlyingDriver()
        .query(script)
        .catch((error: unknown) => {
          if (error instanceof Error) onScriptError(error);
          throw error;
        });
    };
    return adapter;
  };
  const adapter = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await glue.SchemaEngine.new({ datamodels }, () => undefined, adapter);
  return {
    engine,
    async close(): Promise<void> {
      engine.free();
      await Promise.all(adapters.map((opened) => opened.dispose().catch(() => undefined)));
    },
  };
}

async function apply(url: string, folder: string, migrations: readonly Migration[]): Promise<string[]> {
  let scriptError: Error | undefined;
  const schemaEngine = await createSchemaEngine(url, [DATASOURCE], (error) => {
    scriptError = error;
  });
  try {
    const result = await schemaEngine.engine.applyMigrations({
      migrationsList: {
        baseDir: folder,
        lockfile: { path: LOCK_FILE, content: await readFile(join(folder, LOCK_FILE), 'utf8') },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    });
    return result.appliedMigrationNames;
  } catch (error) {
    throw scriptError ?? error;
  } finally {
    await schemaEngine.close();
  }
}

/** A script that failed left nothing behind, as it runs in one transaction: the next start may try again. */
async function markRolledBack(client: pg.Client): Promise<void> {
  const table = await client.query<{ found: string | null }>(`SELECT to_regclass('_prisma_migrations') AS found`);
  if ((table.rows[0]?.found ?? null) === null) return;
  await client.query(
    'UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL',
  );
}

/**
 * Brings the database's schema up to date, one process at a time; does nothing when it is. Returns what it applied.
 * The history is Prisma's own table, so that `prisma migrate deploy` can take over.
 * Throws `startup.failed` when the history and the migrations disagree, `database.unavailable` without a server.
 */
export async function applyMigrations(databaseUrl: Secret | string, log: Log = silentLog): Promise<string[]> {
  const url = databaseUrl instanceof Secret ? databaseUrl.reveal() : databaseUrl;
  const folder = migrationsDir();
  const migrations = await readMigrations(folder);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A session lock: the engine below uses connections of its own, and the lock must outlive its transactions.
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const waiting = pending(migrations, await readHistory(client));
    if (waiting.length === 0) return [];
    log.info('migrating the database', { migrations: waiting.map((migration) => migration.name) });
    return await apply(url, folder, migrations).catch(async (error: unknown) => {
      await markRolledBack(client);
      throw error;
    });
  } catch (error) {
    throw toMigrationError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function toMigrationError(error: unknown): AppError {
  const known = toStoreError(error);
  if (known instanceof AppError) return known;
  const text = error instanceof Error ? error.message : String(error);
  const message = /schema is not empty/i.test(text)
    ? 'it holds tables but no history of ours, give an empty database'
    : text;
  return new AppError('startup.failed', `cannot migrate the database: ${message.replaceAll(/\s+/g, ' ').trim()}`, {
    cause: error,
  });
}
