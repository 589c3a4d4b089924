import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { applyMigrations, createSchemaEngine, type Database } from '#store';
import { createTestDatabase } from '../support/database.js';
import { partitionByCluster } from '../support/partition-tables.js';

const ROOT = join(import.meta.dirname, '..', '..');
const NAMES = readdirSync(join(ROOT, 'prisma', 'migrations')).filter((name) => !name.endsWith('.toml'));

/** The first that has to tell tables in partitions from whole ones. */
const FIRST_ON_PARTITIONS = '20261127235000_lighter_revisions';

function sqlOf(name: string): string {
  return readFileSync(join(ROOT, 'prisma', 'migrations', name, 'migration.sql'), 'utf8');
}

/** Columns and indexes of every table of ours, in a form that two databases can be compared by. */
async function shapeOf(database: Database): Promise<{ columns: string[]; indexes: string[] }> {
  const columns = await database.query<{ line: string }>(
    `SELECT table_name || '.' || column_name || ' ' || udt_name || ' ' || is_nullable AS line
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_prisma%' ORDER BY 1`,
  );
  const indexes = await database.query<{ line: string }>(
    `SELECT replace(indexdef, 'INDEX ' || indexname, 'INDEX') AS line
       FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_prisma%' ORDER BY 1`,
  );
  return { columns: columns.rows.map((row) => row.line), indexes: indexes.rows.map((row) => row.line) };
}

describe('migrations', () => {
  it('make the columns and indexes that the schema describes', async () => {
    const schemaDir = join(ROOT, 'prisma', 'schema');
    const files = readdirSync(schemaDir).map((path) => ({
      path,
      content: readFileSync(join(schemaDir, path), 'utf8'),
    }));
    const [migrated, described] = await Promise.all([createTestDatabase(), createTestDatabase({ migrated: false })]);
    const opened = await createSchemaEngine(
      described.url,
      files.map(({ path, content }) => [path, content]),
    );
    const diff = await opened.engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    await opened.close();
    expect(diff.stdout ?? '').toContain('CREATE TABLE');
    await described.database.query(diff.stdout ?? '');
    expect(await shapeOf(migrated.database)).toEqual(await shapeOf(described.database));
    await Promise.all([migrated.drop(), described.drop()]);
  });

  it('are applied once, also when many processes start at the same time', async () => {
    const test = await createTestDatabase({ migrated: false });
    const applied = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(test.url)));
    expect(applied.filter((names) => names.length > 0)).toEqual([NAMES]);
    expect(await applyMigrations(test.url)).toEqual([]);
    await test.drop();
  });

  it('make the same of tables that an operator put into partitions before', async () => {
    const [fresh, test] = await Promise.all([createTestDatabase(), createTestDatabase({ migrated: false })]);
    const at = NAMES.indexOf(FIRST_ON_PARTITIONS);
    for (const name of NAMES.slice(0, at)) await test.database.query(sqlOf(name));
    await Promise.all([test, fresh].map(({ database }) => partitionByCluster(database)));
    for (const name of NAMES.slice(at)) await test.database.query(sqlOf(name));
    expect(await shapeOf(test.database)).toEqual(await shapeOf(fresh.database));
    await Promise.all([fresh.drop(), test.drop()]);
  });

  it('keep the history where Prisma looks for it', async () => {
    const test = await createTestDatabase();
    const history = await test.database.query(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
    );
    expect(history.rows.map((row) => (row as { migration_name: string }).migration_name)).toEqual(NAMES);
    await test.drop();
  });

  it('stop at a history that is not theirs', async () => {
    const test = await createTestDatabase();
    await test.database.query(`UPDATE _prisma_migrations SET checksum = 'other'`);
    await expect(applyMigrations(test.url)).rejects.toMatchObject({
      code: 'startup.failed',
      message: expect.stringContaining('was changed after'),
    });
    await test.database.query(`UPDATE _prisma_migrations SET migration_name = '20991231000000_later'`);
    await expect(applyMigrations(test.url)).rejects.toMatchObject({
      message: expect.stringContaining('start a newer'),
    });
    await test.drop();
  });

  it('leave nothing behind when one fails, and can be tried again', async () => {
    const test = await createTestDatabase({ migrated: false });
    // The last thing that the first migration makes is in its way: everything before it must be undone.
    await test.database.query(
      `CREATE FUNCTION atlas_announce_cluster() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    );
    await expect(applyMigrations(test.url)).rejects.toMatchObject({
      code: 'startup.failed',
      message: expect.stringContaining('function "atlas_announce_cluster" already exists'),
    });
    expect((await test.database.query(`SELECT to_regclass('cluster') AS found`)).rows).toEqual([{ found: null }]);
    await test.database.query('DROP FUNCTION atlas_announce_cluster');
    expect(await applyMigrations(test.url)).toEqual(NAMES);
    await test.drop();
  });

  it('stop at a database that holds something else', async () => {
    const test = await createTestDatabase({ migrated: false });
    await test.database.query('CREATE TABLE somebody_elses (n int)');
    await expect(applyMigrations(test.url)).rejects.toMatchObject({
      code: 'startup.failed',
      message: 'cannot migrate the database: it holds tables but no history of ours, give an empty database',
    });
    await test.drop();
  });

  it('say when there is no database', async () => {
    await expect(applyMigrations('postgresql://u:p@127.0.0.1:1/x')).rejects.toMatchObject({
      code: 'database.unavailable',
    });
  });
});
