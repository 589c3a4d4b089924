import { describe, expect, it } from '@jest/globals';

import { PARTITIONED, createTestDatabase } from '../support/database.js';

// The tests of what is stored, once more: every database that is made here has its tables in partitions by cluster.
process.env[PARTITIONED] = 'yes';
await import('./store-snapshots.int-spec.js');
await import('./store-retention.int-spec.js');
await import('./store-leases.int-spec.js');
await import('./store-clusters.int-spec.js');
await import('./cluster-heads.int-spec.js');

describe('tables that are partitioned by cluster', () => {
  it('are all those that are keyed by it, with their rows in the partitions', async () => {
    const test = await createTestDatabase();
    const found = await test.database.query<{ kept: string; count: number }>(
      `SELECT relkind::text AS kept, count(*)::int AS count FROM pg_class t
        WHERE relnamespace = 'public'::regnamespace AND (relkind = 'p' OR relispartition AND relkind = 'r') GROUP BY 1`,
    );
    const [whole, parts] = ['p', 'r'].map((kind) => found.rows.find(({ kept }) => kept === kind)?.count ?? 0);
    expect(whole).toBeGreaterThan(10);
    expect(parts).toBe(3 * (whole ?? 0));
    await test.drop();
  });
});
