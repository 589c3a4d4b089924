import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Tables about no single cluster, with the reason: small, so that every node of a distributed database can hold them. */
const REFERENCE: Readonly<Record<string, string>> = {
  cluster: 'the list of clusters, which every table is keyed by',
  job_run: 'jobs may be about no cluster, or about many',
  job_event: 'of a job',
  sync_worker: 'processes, a row each',
  api_token: 'of callers',
  question_log: 'who asked what, of callers',
  idempotent_request: 'of callers, for a day',
  finding_suppression: 'may hold for every cluster',
  schedule: 'may be for many clusters, or for none',
  schedule_run: 'of a schedule',
  channel: 'may be told of every cluster',
  delivery: 'of a channel',
};

interface TableKey {
  readonly name: string;
  readonly key: readonly string[];
  readonly hasCluster: boolean;
}

describe('tables', () => {
  let test: TestDatabase;
  let tables: readonly TableKey[];

  beforeAll(async () => {
    test = await createTestDatabase();
    const found = await test.database.query<TableKey>(
      `SELECT t.relname AS name,
              ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
                      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum ORDER BY k.place) AS key,
              EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'cluster_id') AS "hasCluster"
         FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
         LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
        WHERE n.nspname = 'public' AND t.relkind IN ('r', 'p') AND t.relname NOT LIKE '\\_prisma%' ORDER BY 1`,
    );
    tables = found.rows;
  });
  afterAll(() => test.drop());

  it('are keyed by cluster first, so that they partition by it and distribute as they are', () => {
    const others = tables.filter(({ name, key }) => key[0] !== 'cluster_id' && !Object.hasOwn(REFERENCE, name));
    expect(others.map(({ name, key }) => `${name} (${key.join(', ')})`)).toEqual([]);
  });

  it('are unique only together with their cluster', async () => {
    const found = await test.database.query<{ table: string; index: string }>(
      `SELECT t.relname AS table, x.relname AS index
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE n.nspname = 'public' AND i.indisunique AND t.relname NOT LIKE '\\_prisma%'
          AND NOT EXISTS (SELECT 1 FROM pg_attribute a
                           WHERE a.attrelid = t.oid AND a.attname = 'cluster_id' AND a.attnum = ANY (i.indkey))`,
    );
    const alone = found.rows.filter(({ table }) => !Object.hasOwn(REFERENCE, table));
    expect(alone).toEqual([]);
  });

  it('have no exception that is not needed any more', () => {
    const known = new Map(tables.map(({ name, key }) => [name, key]));
    const stale = Object.keys(REFERENCE).filter(
      (name) => known.get(name) === undefined || known.get(name)?.[0] === 'cluster_id',
    );
    expect(stale).toEqual([]);
  });

  it('refer only to tables of the same cluster, or to those that every node has', async () => {
    const found = await test.database.query<{ name: string; key: string[]; target: string }>(
      `SELECT c.conname AS name, c.confrelid::regclass::text AS target,
              ARRAY(SELECT a.attname::text FROM unnest(c.conkey) k(attnum)
                      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum) AS key
         FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
        WHERE c.contype = 'f' AND n.nspname = 'public'`,
    );
    const crossing = found.rows.filter(
      ({ target, key }) => !Object.hasOwn(REFERENCE, target) && !key.includes('cluster_id'),
    );
    expect(crossing).toEqual([]);
  });
});
