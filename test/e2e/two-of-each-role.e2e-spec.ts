import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { WATCHED_KINDS } from '#engine';

import { DB_DENY, DB_OPENED, SHOP } from '../integration/api/shop.js';
import { readEvents, type ReceivedEvent } from '../integration/api/read-events.js';
import { type TestDatabase, createTestDatabase } from '../support/database.js';
import { FakeApiServer } from '../support/fake-api-server.js';
import { RoleProcess } from '../support/role-process.js';
import { askByRest, requestJson, untilAnswer, type Essence } from './ask.js';

jest.setTimeout(90_000);

const CLUSTERS = ['c0', 'c1', 'c2', 'c3'];
const ROLES = ['api', 'sync', 'worker'] as const;
const READY = { api: /api is listening/, sync: /sync is running/, worker: /worker is running/ };

interface ManifestHead {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Where an API server keeps an object: `pods`, `apps/daemonsets`. */
function resourceOf({ apiVersion, kind }: ManifestHead): string {
  const group = apiVersion.includes('/') ? apiVersion.replace(/\/.*/, '') : '';
  const watched = WATCHED_KINDS.find((one) => one.group === group && one.kind === kind);
  return [group, watched?.resource ?? ''].filter(Boolean).join('/');
}
const put = (server: FakeApiServer, object: unknown): void =>
  server.put(resourceOf(object as ManifestHead), object as Record<string, unknown>);

describe('two processes of each role, as they are built', () => {
  let database: TestDatabase;
  let servers: FakeApiServer[];
  let sampling: NodeJS.Timeout;
  let watchedTwice = 0;
  const running: Record<(typeof ROLES)[number], RoleProcess[]> = { api: [], sync: [], worker: [] };

  beforeAll(async () => {
    database = await createTestDatabase();
    const serve = [...new Set(SHOP.map((object) => resourceOf(object as ManifestHead)))];
    servers = await Promise.all(CLUSTERS.map(() => FakeApiServer.start({ serve })));
    for (const [number, server] of servers.entries()) {
      server.identify(`uid-${String(number)}`);
      for (const object of SHOP) put(server, object);
    }
    sampling = setInterval(() => {
      if (servers.some((server) => server.watchCount('pods') > 1)) watchedTwice += 1;
    }, 5);
    await Promise.all(ROLES.flatMap((role) => [start(role), start(role)]));
  });
  afterAll(async () => {
    clearInterval(sampling);
    await Promise.all(ROLES.flatMap((role) => running[role]).map((one) => one.end('SIGKILL')));
    await Promise.all(servers.map((server) => server.stop()));
    await database.drop();
  });

  async function start(role: (typeof ROLES)[number]): Promise<void> {
    const process = RoleProcess.built(role, {
      DATABASE_URL: database.url,
      ATLAS_SECRET_KEY: 'ef'.repeat(32),
      HTTP_PORT: '0',
      SYNC_FLUSH_INTERVAL_MS: '50',
      SYNC_LEASE_SECONDS: '3',
    });
    running[role].push(process);
    await process.says(READY[role]);
  }
  const urls = (): string[] => running.api.filter(({ isAlive }) => isAlive).map(({ url }) => url);
  const fromAll = <T>(ask: (url: string) => Promise<T>): Promise<T[]> => Promise.all(urls().map(ask));
  const toDatabase = (url: string, cluster: string): Promise<Essence> =>
    askByRest(url, { cluster, from: 'shop/web-0', to: 'shop/db-0', port: 5432 });

  /** Waits until every API answers alike for every cluster, from the same snapshot. */
  async function allAnswer(verdict: string): Promise<void> {
    for (const cluster of CLUSTERS) {
      await fromAll((url) => untilAnswer(() => toDatabase(url, cluster), { verdict, intended: verdict }));
      const answers = await fromAll((url) => toDatabase(url, cluster));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    }
  }
  /** How many clusters each sync process has, smallest first. */
  async function shares(): Promise<number[]> {
    const found = await database.database.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM cluster_lease GROUP BY worker_id ORDER BY 1',
    );
    return found.rows.map(({ count }) => count);
  }
  async function untilShares(wanted: readonly number[]): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (let found = await shares(); String(found) !== String(wanted); found = await shares()) {
      if (Date.now() > deadline) throw new Error(`clusters are still shared ${JSON.stringify(found)}`);
      await sleep(50);
    }
  }
  /** Asks one API for an audit; gives what every API tells of the job, and the audits there are of each cluster then. */
  async function auditBy(url: string, cluster: string): Promise<{ told: string[][]; audits: number[] }> {
    const { status, body } = await requestJson(`${url}/api/v1/audits`, 'POST', { clusters: [cluster] });
    expect(status).toBe(202);
    const { id } = body as { id: string };
    const told = await fromAll((one) => eventsUntilEnd(`${one}/api/v1/jobs/${id}/events`));
    const audits = await fromAll(async (one) => {
      const list = await requestJson(`${one}/api/v1/audits?cluster=${cluster}`);
      return (list.body as { items: unknown[] }).items.length;
    });
    expect((await requestJson(`${url}/api/v1/jobs/${id}`)).body).toMatchObject({ state: 'succeeded', attempts: 1 });
    return { told, audits };
  }
  async function eventsUntilEnd(url: string): Promise<string[]> {
    const stream = await readEvents(url);
    const seen: ReceivedEvent[] = [];
    do seen.push(await stream.next());
    while (!['done', 'failed'].includes(seen.at(-1)?.event ?? ''));
    stream.close();
    return seen.map((event) => JSON.stringify(event));
  }

  it('share the clusters, each read by one, and answer alike', async () => {
    const [first = '', second = ''] = urls();
    for (const [number, name] of CLUSTERS.entries()) {
      const source = { type: 'kubeconfig', inline: servers[number]?.kubeconfig() };
      const url = `${number % 2 === 0 ? first : second}/api/v1/clusters?wait=30`;
      expect(await requestJson(url, 'POST', { name, source })).toMatchObject({
        status: 201,
        body: { state: 'synced' },
      });
    }
    await untilShares([2, 2]);
    await allAnswer('denied');
    expect(servers.map((server) => server.watchCount('pods'))).toEqual([1, 1, 1, 1]);
  });

  it('tell a change to whoever listens to either, and answer from it', async () => {
    const streams = await fromAll((url) => readEvents(`${url}/api/v1/changes/stream?cluster=c1`));
    for (const server of servers) put(server, DB_OPENED);
    const [heard, alsoHeard] = await Promise.all(streams.map((stream) => stream.next()));
    expect(heard).toMatchObject({ event: 'change', data: { object: { name: 'db-deny' } } });
    expect(alsoHeard).toEqual(heard);
    for (const stream of streams) stream.close();
    await allAnswer('allowed');
  });

  it('do a job once, whoever took it, and tell of it alike', async () => {
    const [first = '', second = ''] = urls();
    for (const { told, audits } of [await auditBy(first, 'c0'), await auditBy(second, 'c1')]) {
      expect(told[0]?.at(-1)).toContain('"event":"done"');
      expect(told[1]).toEqual(told[0]);
      expect(audits).toEqual([1, 1]);
    }
  });

  it('go on when one of each is killed, and with those that take their places', async () => {
    await Promise.all(ROLES.flatMap((role) => running[role].slice(0, 1)).map((one) => one.end('SIGKILL')));
    for (const server of servers) put(server, DB_DENY);
    await untilShares([4]);
    await allAnswer('denied');
    expect(await auditBy(urls()[0] ?? '', 'c2')).toMatchObject({ audits: [1] });

    await Promise.all(ROLES.map((role) => start(role)));
    await untilShares([2, 2]);
    for (const server of servers) put(server, DB_OPENED);
    await allAnswer('allowed');
    const { told, audits } = await auditBy(urls()[1] ?? '', 'c3');
    expect(told[1]).toEqual(told[0]);
    expect(audits).toEqual([1, 1]);
    expect(watchedTwice).toBe(0);
  });
});
