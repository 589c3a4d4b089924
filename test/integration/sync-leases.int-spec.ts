import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemAccess, WHOLE_SCOPE } from '#access';
import { Secret } from '#config';
import { objectLabel } from '#engine';
import { ClusterRepository, SnapshotRepository } from '#store';

import { type TestDatabase, createTestDatabase } from '../support/database.js';
import { FakeApiServer } from '../support/fake-api-server.js';
import { RoleProcess } from '../support/role-process.js';

const SYSTEM = (): ReturnType<typeof systemAccess> => systemAccess('test');

const SECRET_KEY = 'ab'.repeat(32);
const CLUSTERS = 5;
const KINDS = ['pods', 'namespaces', 'networking.k8s.io/networkpolicies'];

/** Real processes of the sync role share clusters; the servers see who reads them. */
describe('sync processes that share clusters (9)', () => {
  let db: TestDatabase;
  let servers: FakeApiServer[];
  const ids: string[] = [];
  const processes: RoleProcess[] = [];
  let watchedTwice = 0;
  let sampling: NodeJS.Timeout;

  beforeAll(async () => {
    db = await createTestDatabase();
    const clusters = new ClusterRepository(db.database, new Secret(SECRET_KEY), SYSTEM);
    servers = await Promise.all(Array.from({ length: CLUSTERS }, () => FakeApiServer.start({ serve: KINDS })));
    const source = { type: 'kubeconfig', path: null, inline: true, context: null } as const;
    for (const [index, server] of servers.entries()) {
      const { id } = await clusters.create({ name: `c${index}`, source, credentials: server.kubeconfig() });
      ids.push(id);
    }
    sampling = setInterval(() => {
      if (servers.some((server) => server.watchCount('pods') > 1)) watchedTwice += 1;
    }, 5);
  }, 60_000);
  afterAll(async () => {
    clearInterval(sampling);
    await Promise.all(processes.map((one) => one.end('SIGKILL')));
    await Promise.all(servers.map((server) => server.stop()));
    await db.drop();
  });

  async function start(): Promise<RoleProcess> {
    const sync = RoleProcess.spawn('sync', {
      DATABASE_URL: db.url,
      ATLAS_SECRET_KEY: SECRET_KEY,
      SYNC_FLUSH_INTERVAL_MS: '50',
    });
    processes.push(sync);
    await sync.says(/sync is running/);
    return sync;
  }

  /** How many clusters each worker has, smallest first. */
  async function spread(): Promise<number[]> {
    const found = await db.database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM cluster_lease GROUP BY worker_id ORDER BY 1',
    );
    return found.rows.map(({ count }) => count);
  }
  async function until(what: string, test: () => Promise<boolean>, timeoutMs = 30_000): Promise<number> {
    const start = Date.now();
    while (!(await test())) {
      if (Date.now() - start > timeoutMs)
        throw new Error(`in vain: ${what}; ${processes.map(({ log }) => log).join()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return Date.now() - start;
  }
  async function hasPod(id: string, name: string): Promise<boolean> {
    const snapshots = new SnapshotRepository(db.database);
    const latest = await snapshots.latest(id);
    if (latest === null) return false;
    const { items } = await snapshots.listObjects(id, latest.seq, { kinds: ['Pod'], limit: 100 }, WHOLE_SCOPE);
    return items.some(({ fact }) => objectLabel(fact.meta) === `shop/${name}`);
  }
  /** Changes every cluster and waits until every change is stored. */
  async function allFollow(name: string): Promise<number> {
    for (const server of servers)
      server.put('pods', { metadata: { name, namespace: 'shop' }, spec: { containers: [] } });
    return until(`every cluster has ${name}`, async () =>
      (await Promise.all(ids.map((id) => hasPod(id, name)))).every(Boolean),
    );
  }

  it('spread, move within 30 s from one that was killed, and at once from one that was stopped', async () => {
    const first = await start();
    await until('the first has all', async () => JSON.stringify(await spread()) === `[${CLUSTERS}]`);
    await allFollow('one');

    await start();
    await until('both have their share', async () => JSON.stringify(await spread()) === '[2,3]');
    await allFollow('two');
    expect(watchedTwice).toBe(0);

    await first.end('SIGKILL');
    expect(await allFollow('three')).toBeLessThan(30_000);
    await until('the other has all', async () => JSON.stringify(await spread()) === `[${CLUSTERS}]`);

    const third = await start();
    await until('both have their share', async () => JSON.stringify(await spread()) === '[2,3]');
    await third.end('SIGTERM');
    expect(third.log.match(/stopped reading a cluster/g)?.length).toBeGreaterThanOrEqual(2);
    // What was handed over is free at once: nobody waits for a lease to expire.
    expect(await allFollow('four')).toBeLessThan(10_000);
    expect(await spread()).toEqual([CLUSTERS]);
    expect(watchedTwice).toBe(0);
  }, 180_000);
});
