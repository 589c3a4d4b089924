import type { Database } from '#store';

const PARTITIONS = 3;

interface ForeignKey {
  readonly name: string;
  readonly table: string;
  readonly definition: string;
}

/** Partitions every table whose key begins with its cluster by that, as an operator would who has too many for one table. */
export async function partitionByCluster(database: Database): Promise<void> {
  const found = await database.query<{ name: string }>(
    `SELECT t.relname AS name
       FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
      WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND a.attname = 'cluster_id' ORDER BY 1`,
  );
  const tables = found.rows.map(({ name }) => name);
  const { rows: keys } = await database.query<ForeignKey>(
    `SELECT conname AS name, conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint WHERE contype = 'f' AND (conrelid::regclass::text = ANY ($1) OR confrelid::regclass::text = ANY ($1))`,
    [tables],
  );
  const { rows: sequences } = await database.query<{ name: string }>(
    `SELECT objid::regclass::text AS name FROM pg_depend
      WHERE classid = 'pg_class'::regclass AND deptype = 'a' AND refobjid::regclass::text = ANY ($1)
        AND objid IN (SELECT oid FROM pg_class WHERE relkind = 'S')`,
    [tables],
  );
  const statements = [
    ...keys.map(({ name, table }) => `ALTER TABLE ${table} DROP CONSTRAINT "${name}"`),
    ...sequences.map(({ name }) => `ALTER SEQUENCE ${name} OWNED BY NONE`),
    ...tables.flatMap(partitioned),
    ...keys.map(({ name, table, definition }) => `ALTER TABLE ${table} ADD CONSTRAINT "${name}" ${definition}`),
  ];
  // One query, so one transaction.
  await database.query(statements.join('; '));
}

function partitioned(table: string): string[] {
  return [
    `ALTER TABLE "${table}" RENAME TO "${table}_whole"`,
    `CREATE TABLE "${table}" (LIKE "${table}_whole" INCLUDING ALL) PARTITION BY HASH (cluster_id)`,
    ...Array.from(
      { length: PARTITIONS },
      (_, part) =>
        `CREATE TABLE "${table}_${part}" PARTITION OF "${table}" FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${part})`,
    ),
    `DROP TABLE "${table}_whole"`,
  ];
}
