import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemAccess } from '#access';
import { Secret } from '#config';
import { CLUSTER_ORDER, firstOf, ClusterRepository, Database, SnapshotRepository } from '#store';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const SYSTEM = (): ReturnType<typeof systemAccess> => systemAccess('test');

const KUBECONFIG = 'apiVersion: v1\nusers: [{name: u, user: {token: s3cr3t-t0ken}}]\n';

let test: TestDatabase;
let clusters: ClusterRepository;
const key = new Secret(randomBytes(32).toString('hex'));

beforeAll(async () => {
  test = await createTestDatabase();
  clusters = new ClusterRepository(test.database, key, SYSTEM);
});
afterAll(() => test.drop());

describe('clusters', () => {
  it('are made, found by id and by name, changed and removed', async () => {
    const source = { type: 'folder', path: '/manifests' } as const;
    const made = await clusters.create({ name: 'shop', source });
    expect(made).toMatchObject({
      name: 'shop',
      source,
      paused: false,
      state: 'pending',
      problems: [],
      counts: {},
      cni: null,
      lastSyncedAt: null,
    });
    expect(await clusters.get('shop')).toEqual(made);
    expect(await clusters.get(made.id)).toEqual(made);
    const lastSyncedAt = new Date();
    const problem = { code: 'manifest.invalid', message: 'bad text \0 and \uD800', file: 'a.yaml', document: 2 };
    const changed = await clusters.update(made.id, {
      state: 'degraded',
      message: 'one file was left out',
      problems: [problem],
      counts: { Pod: 3 },
      lastSyncedAt,
    });
    expect(changed).toMatchObject({ state: 'degraded', counts: { Pod: 3 }, lastSyncedAt, paused: false });
    expect(changed.problems).toEqual([{ ...problem, message: 'bad text \uFFFD and \uFFFD' }]);
    expect(changed.updatedAt.getTime()).toBeGreaterThanOrEqual(made.updatedAt.getTime());
    await clusters.remove(made.id);
    expect(await clusters.find('shop')).toBeNull();
  });

  it('prefer an id over a name that looks like one', async () => {
    const first = await clusters.create({ name: 'first', source: { type: 'upload' } });
    await clusters.create({ name: first.id, source: { type: 'upload' } });
    expect((await clusters.get(first.id)).name).toBe('first');
  });

  it('refuse a taken name and name what is not there', async () => {
    await clusters.create({ name: 'twice', source: { type: 'upload' } });
    await expect(clusters.create({ name: 'twice', source: { type: 'upload' } })).rejects.toMatchObject({
      code: 'cluster.exists',
    });
    const missing = { code: 'cluster.not_found' };
    await expect(clusters.get('nowhere')).rejects.toMatchObject(missing);
    await expect(clusters.get('no\0where')).rejects.toMatchObject(missing);
    await expect(clusters.update(randomUUID(), { paused: true })).rejects.toMatchObject(missing);
    await expect(clusters.update('x', { paused: true })).rejects.toMatchObject(missing);
    await expect(clusters.remove(randomUUID())).rejects.toMatchObject(missing);
    await expect(clusters.saveUpload(randomUUID(), new Uint8Array(1), 'x/y')).rejects.toMatchObject(missing);
  });

  it('say that there is nothing to remove with the only connection that there is', async () => {
    const database = new Database({ url: test.url, poolSize: 1 });
    try {
      const narrow = new ClusterRepository(database, key, SYSTEM);
      await expect(narrow.remove(randomUUID())).rejects.toMatchObject({ code: 'cluster.not_found' });
    } finally {
      await database.close();
    }
  });

  it('are listed in order of name, page by page', async () => {
    const other = await createTestDatabase();
    const repository = new ClusterRepository(other.database, null, SYSTEM);
    for (const name of ['d', 'b', 'a', 'e', 'c']) await repository.create({ name, source: { type: 'upload' } });
    const names: string[] = [];
    const first = firstOf(CLUSTER_ORDER, 2);
    let page = await repository.list(first);
    while (page.length > 0) {
      names.push(...page.map((item) => item.name));
      page = await repository.list({ ...first, from: [page.at(-1)?.name ?? ''] });
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await repository.all()).map((item) => item.name)).toEqual(names);
    await other.drop();
  });

  it('take everything that is stored of them along when they go', async () => {
    const made = await clusters.create({
      name: 'gone',
      source: { type: 'kubeconfig', path: null, inline: true, context: null },
      credentials: KUBECONFIG,
    });
    await clusters.saveUpload(made.id, Buffer.from('x'), 'text/yaml');
    await new SnapshotRepository(test.database).persist(made.id, {
      upserts: [
        {
          type: 'namespace',
          meta: {
            group: '',
            kind: 'Namespace',
            namespace: '',
            name: 'n',
            version: 'v1',
            uid: 'u',
            labels: {},
            annotations: {},
            owner: null,
            createdAt: '',
            deleting: false,
          },
        },
      ],
      deletes: [],
      replace: [],
      completeness: {},
      takenAt: new Date(),
    });
    await clusters.remove(made.id);
    for (const table of ['snapshot', 'object_revision', 'cluster_credential', 'cluster_upload']) {
      const left = await test.database.query(`SELECT 1 FROM ${table} WHERE cluster_id = $1`, [made.id]);
      expect([table, left.rowCount]).toEqual([table, 0]);
    }
  });
});

describe('credentials', () => {
  const source = { type: 'kubeconfig', path: null, inline: true, context: null } as const;

  it('are sealed in the database, never in the record, and open with the key alone', async () => {
    const made = await clusters.create({ name: 'sealed', source, credentials: KUBECONFIG });
    expect(
      JSON.stringify([made, await clusters.all(), await clusters.list(firstOf(CLUSTER_ORDER, 100))]),
    ).not.toContain('s3cr3t');
    const dump = await test.database.query<{ row: string }>(
      `SELECT c::text || coalesce(encode(k.sealed, 'escape'), '') AS row FROM cluster c LEFT JOIN cluster_credential k ON k.cluster_id = c.id`,
    );
    expect(dump.rows.map((entry) => entry.row).join()).not.toContain('s3cr3t');
    const opened = await clusters.loadCredentials(made.id);
    expect(opened?.reveal()).toBe(KUBECONFIG);
    expect(inspect(opened)).not.toContain('s3cr3t');
    const stranger = new ClusterRepository(test.database, new Secret(randomBytes(32).toString('base64')), SYSTEM);
    await expect(stranger.loadCredentials(made.id)).rejects.toMatchObject({ code: 'cluster.credentials_invalid' });
  });

  it('do not open in the row of another cluster', async () => {
    const a = await clusters.create({ name: 'seal-a', source, credentials: 'text of a' });
    const b = await clusters.create({ name: 'seal-b', source, credentials: 'text of b' });
    await test.database.query(
      'UPDATE cluster_credential SET sealed = (SELECT sealed FROM cluster_credential WHERE cluster_id = $1) WHERE cluster_id = $2',
      [a.id, b.id],
    );
    await expect(clusters.loadCredentials(b.id)).rejects.toMatchObject({ code: 'cluster.credentials_invalid' });
  });

  it('are refused without a key, and absent where none were given', async () => {
    const keyless = new ClusterRepository(test.database, null, SYSTEM);
    await expect(keyless.create({ name: 'keyless', source, credentials: 'x' })).rejects.toMatchObject({
      code: 'cluster.credentials_invalid',
    });
    const plain = await keyless.create({ name: 'plain', source: { type: 'inCluster' } });
    expect(await keyless.loadCredentials(plain.id)).toBeNull();
  });
});

describe('uploads', () => {
  it('keep the last one byte for byte, and ask for a read', async () => {
    const { id } = await clusters.create({ name: 'upload', source: { type: 'upload' } });
    expect(await clusters.loadUpload(id)).toBeNull();
    await clusters.saveUpload(id, Buffer.from('first'), 'text/yaml');
    const bytes = randomBytes(100_000);
    await clusters.saveUpload(id, bytes, 'application/zip');
    const upload = await clusters.loadUpload(id);
    expect(Buffer.from(upload?.bytes ?? []).equals(bytes)).toBe(true);
    expect(upload?.contentType).toBe('application/zip');
    expect((await clusters.get(id)).resyncRequestedAt).toEqual(upload?.uploadedAt);
  });
});

describe('notifications', () => {
  it('tell of every change of a cluster, whoever makes it', async () => {
    const heard: string[] = [];
    const end = await test.database.listen('atlas_cluster', (payload) => heard.push(payload));
    const { id } = await clusters.create({ name: 'heard', source: { type: 'upload' } });
    await clusters.update(id, { paused: true });
    await test.database.query('UPDATE cluster SET message = $2 WHERE id = $1', [id, 'by hand']);
    await clusters.remove(id);
    for (let tries = 0; heard.length < 4 && tries < 100; tries++) await new Promise((done) => setTimeout(done, 20));
    expect(heard).toEqual([id, id, id, id]);
    await end();
  });

  it('are silent about freshness alone, but for the first and for one that someone asked for', async () => {
    const heard: string[] = [];
    const end = await test.database.listen('atlas_cluster', (payload) => heard.push(payload));
    const { id } = await clusters.create({ name: 'beating', source: { type: 'upload' } });
    const set = (what: string): Promise<unknown> =>
      test.database.query(`UPDATE cluster SET ${what}, updated_at = clock_timestamp() WHERE id = $1`, [id]);
    const settled = async (): Promise<number> => {
      await test.database.query(`SELECT pg_notify('atlas_cluster', 'mark')`);
      for (let tries = 0; !heard.includes('mark') && tries < 100; tries++)
        await new Promise((done) => setTimeout(done, 20));
      return heard.splice(0).filter((payload) => payload === id).length;
    };
    await settled();
    await set(`last_synced_at = '2026-01-01T00:00:00Z'`);
    expect(await settled()).toBe(1);
    await set(`last_synced_at = '2026-01-01T00:00:05Z'`);
    expect(await settled()).toBe(0);
    await set(`last_synced_at = '2026-01-01T00:00:10Z', state = 'degraded'`);
    expect(await settled()).toBe(1);
    await set(`resync_requested_at = '2026-01-01T00:00:12Z'`);
    expect(await settled()).toBe(1);
    await set(`last_synced_at = '2026-01-01T00:00:15Z'`);
    expect(await settled()).toBe(1);
    await set(`last_synced_at = '2026-01-01T00:00:20Z'`);
    expect(await settled()).toBe(0);
    await end();
  });

  it('go on after the connection was cut, and say that some may be missed', async () => {
    const heard: string[] = [];
    let resumed = 0;
    const database = new Database({ url: test.url });
    await database.listen(
      'atlas_try',
      (payload) => heard.push(payload),
      () => (resumed += 1),
    );
    await test.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'atlas-listen' AND datname = current_database()`,
    );
    for (let tries = 0; resumed === 0 && tries < 200; tries++) await new Promise((done) => setTimeout(done, 20));
    expect(resumed).toBe(1);
    await test.database.query(`SELECT pg_notify('atlas_try', 'again')`);
    for (let tries = 0; heard.length === 0 && tries < 100; tries++) await new Promise((done) => setTimeout(done, 20));
    expect(heard).toEqual(['again']);
    await database.close();
  });

  it('are not asked for once the connections are closed', async () => {
    const database = new Database({ url: test.url });
    const heard: string[] = [];
    const channels = ['atlas_one', 'atlas_two', 'atlas_three'];
    await Promise.all(channels.map((channel) => database.listen(channel, () => heard.push(channel))));
    for (const channel of channels) await test.database.query('SELECT pg_notify($1, $2)', [channel, '']);
    for (let tries = 0; heard.length < 3 && tries < 100; tries++) await new Promise((done) => setTimeout(done, 20));
    expect(heard).toEqual(channels);
    await database.close();
    const late = database.listen('atlas_late', () => undefined);
    await expect(late).rejects.toMatchObject({ code: 'database.unavailable' });
  });
});

describe('a database that cannot be used', () => {
  it('ends a transaction whose connection is cut, between two queries or in one, and no more than that', async () => {
    const test = await createTestDatabase();
    const cut = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1';
    const lost = (isBusy: boolean): Promise<unknown> =>
      test.database.transaction(async (client) => {
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const work = isBusy ? client.query('SELECT pg_sleep(30)') : new Promise((done) => client.once('end', done));
        await Promise.all([work, test.database.query(cut, [rows[0]?.pid])]);
        return client.query('SELECT 1');
      });
    await expect(lost(false)).rejects.toMatchObject({ code: 'database.unavailable' });
    await expect(lost(true)).rejects.toMatchObject({ code: 'database.unavailable' });
    expect((await test.database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await test.drop();
  });

  it.each([
    ['nothing listens', 'postgresql://u:hunter2@127.0.0.1:1/x'],
    ['the host is unknown', 'postgresql://u:hunter2@host.invalid/x'],
  ])('is named with a code and without its password when %s', async (_why, url) => {
    const database = new Database({ url });
    const error: unknown = await database.connect().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'database.unavailable', retryable: true });
    expect((error as Error).message).not.toContain('hunter2');
    await expect(new ClusterRepository(database, null, SYSTEM).all()).rejects.toMatchObject({
      code: 'database.unavailable',
    });
    await database.close();
  });

  it('is named when it does not know the password or the database', async () => {
    for (const change of [(url: URL) => (url.password = 'wrong'), (url: URL) => (url.pathname = '/missing')]) {
      const url = new URL(test.url);
      change(url);
      const database = new Database({ url: url.href });
      await expect(database.connect()).rejects.toMatchObject({ code: 'database.unavailable' });
      await database.close();
    }
  });
});
