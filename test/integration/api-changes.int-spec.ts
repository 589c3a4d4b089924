import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChangeBody } from '../../apps/api/src/changes/changes.mapper.js';
import { changeBody } from '../../apps/api/src/changes/change.body.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { readEvents } from './api/read-events.js';
import { DB_OPENED, SHOP } from './api/shop.js';
import { untilWithin } from './api/until.js';

const until = untilWithin(20_000);

const namespace = (name: string, labels: Record<string, string> = {}): unknown => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels, uid: `namespace-${name}` },
});
const OPENED = {
  type: 'changed',
  kindId: 'NetworkPolicy.networking.k8s.io',
  object: { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: 'shop', name: 'db-deny' },
  by: 'kubectl-edit',
  values: [{ pointer: '/raw/spec/ingress', before: null, after: [{}] }],
  patch: ['/raw/spec/ingress: (absent) → [{}]'],
};

describe('the feed of changes', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest({ STREAM_HEARTBEAT_SECONDS: '1' });
  });
  afterAll(async () => {
    await api.close();
  });

  const list = async (query: string) =>
    expectDescribed('listChanges', await api.request('GET', `/api/v1/changes${query}`));
  const line = ({ type, object, seq, cluster }: ChangeBody): string =>
    `${cluster} ${String(seq)} ${type} ${object.kind} ${object.name}`;
  /** A cluster whose second snapshot opens the database and whose third removes a namespace and adds another. */
  const seedMoving = async (name: string): Promise<string> => {
    const { id } = await api.seed(name, SHOP);
    const managers = new Map([['networking.k8s.io/NetworkPolicy/shop/db-deny', 'kubectl-edit']]);
    await persist(api.snapshots, id, [DB_OPENED], {}, { managers });
    const deletes = [{ group: '', kind: 'Namespace', namespace: '', name: 'kube-system' }];
    await persist(api.snapshots, id, [namespace('new')], {}, { deletes });
    return id;
  };
  const open = async (query: string, headers: Record<string, string> = {}) =>
    readEvents(`${api.url}/api/v1/changes/stream${query}`, headers);

  it('tells what came, went and changed, by whom, newest first; the first snapshot is where it begins', async () => {
    await seedMoving('moving');
    const { items } = await list('?cluster=moving');
    expect(items.map(line)).toEqual([
      'moving 3 removed Namespace kube-system',
      'moving 3 added Namespace new',
      'moving 2 changed NetworkPolicy db-deny',
    ]);
    expect(items[2]).toMatchObject(OPENED);
    expect(items.slice(0, 2).map(({ by, patch }) => [by, patch])).toEqual([
      [null, []],
      [null, []],
    ]);
  });

  it('pages through every cluster without a gap or a repeat, and filters', async () => {
    await seedMoving('paged-a');
    await seedMoving('paged-b');
    const all = (await list('?limit=100')).items.map(line);
    const seen: string[] = [];
    for (let query = '?limit=1'; query !== '';) {
      const page = await list(query);
      seen.push(...page.items.map(line));
      query = page.page.nextCursor === null ? '' : `?limit=1&cursor=${page.page.nextCursor}`;
    }
    expect(seen).toEqual(all);
    expect(all.filter((text) => text.startsWith('paged-b'))).toHaveLength(3);
    expect((await list('?cluster=paged-a&kind=Namespace')).items.map(line)).toEqual([
      'paged-a 3 removed Namespace kube-system',
      'paged-a 3 added Namespace new',
    ]);
    expect((await list('?cluster=paged-a&namespace=shop')).items.map(line)).toEqual([
      'paged-a 2 changed NetworkPolicy db-deny',
    ]);
    expect((await list(`?cluster=paged-a&until=2020-01-01T00:00:00Z`)).items).toEqual([]);
    expect((await list(`?cluster=paged-a&name=new&since=2020-01-01T00:00:00Z`)).items).toHaveLength(1);
  });

  it('refuses a cursor of another filter, an unknown cluster and an unknown kind', async () => {
    const { nextCursor } = (await list('?limit=1')).page;
    const other = await api.request('GET', `/api/v1/changes?cluster=moving&cursor=${nextCursor ?? ''}`);
    expect(expectProblem(other)).toMatchObject({ status: 400, code: 'cursor.invalid' });
    expect(expectProblem(await api.request('GET', '/api/v1/changes?cluster=nope'))).toMatchObject({ status: 404 });
    expect(expectProblem(await api.request('GET', '/api/v1/changes?kind=Secret'))).toMatchObject({ status: 400 });
  });

  it('streams what is stored from now on, with a heartbeat, and goes on behind the last event', async () => {
    const { id } = await api.seed('live', SHOP);
    const stream = await open('?cluster=live');
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    await persist(api.snapshots, id, [DB_OPENED]);
    const first = await stream.next();
    expect(first.event).toBe('change');
    expect(changeBody.safeParse(first.data).error?.issues ?? []).toEqual([]);
    expect(first.data).toMatchObject({ ...OPENED, by: null, cluster: 'live', seq: 2 });
    while (stream.comments.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    stream.close();

    await persist(api.snapshots, id, [namespace('one'), namespace('two')]);
    const again = await open('?cluster=live', { 'last-event-id': first.id });
    const [one, two] = [await again.next(), await again.next()];
    expect([one, two].map(({ data }) => line(data as ChangeBody))).toEqual([
      'live 3 added Namespace one',
      'live 3 added Namespace two',
    ]);
    again.close();
    // From the middle of a snapshot too.
    const middle = await open(`?cluster=live&cursor=${one.id}`);
    expect((await middle.next()).id).toBe(two.id);
    middle.close();
  });

  it('streams every cluster, added ones too, and only what the filter names', async () => {
    const { id } = await api.seed('fleet-a', SHOP);
    const stream = await open('?kind=Namespace');
    const added = await api.seed('fleet-b', SHOP);
    await persist(api.snapshots, id, [DB_OPENED]);
    await persist(api.snapshots, id, [namespace('a')]);
    await persist(api.snapshots, added.id, [namespace('b')]);
    expect([await stream.next(), await stream.next()].map(({ data }) => line(data as ChangeBody)).sort()).toEqual([
      'fleet-a 3 added Namespace a',
      'fleet-b 2 added Namespace b',
    ]);
    stream.close();
  });

  it('loses nothing of many changes at once, and tells each once', async () => {
    const { id } = await api.seed('busy', SHOP);
    const stream = await open('?cluster=busy');
    const names = Array.from({ length: 450 }, (_, index) => `n-${String(index).padStart(3, '0')}`);
    await persist(
      api.snapshots,
      id,
      names.map((name) => namespace(name)),
    );
    for (const name of names.slice(0, 20)) await persist(api.snapshots, id, [namespace(name, { moved: 'yes' })]);
    const told: string[] = [];
    while (told.length < 470) told.push(line((await stream.next()).data as ChangeBody));
    expect(told).toEqual([
      ...names.map((name) => `busy 2 added Namespace ${name}`),
      ...names.slice(0, 20).map((name, index) => `busy ${String(index + 3)} changed Namespace ${name}`),
    ]);
    stream.close();
  });

  it('ends the stream of a cluster that is removed, and refuses to begin one of a cluster that is not there', async () => {
    const { id } = await api.seed('leaving', SHOP);
    const stream = await open('?cluster=leaving');
    await api.clusters.remove(id);
    await stream.ended;
    expect(expectProblem(await api.request('GET', '/api/v1/changes/stream?cluster=leaving'))).toMatchObject({
      status: 404,
      code: 'cluster.not_found',
    });
    const forged = await api.request('GET', '/api/v1/changes/stream', undefined, { 'last-event-id': 'forged.x' });
    expect(expectProblem(forged)).toMatchObject({ status: 400, code: 'cursor.invalid' });
    expect((await api.request('HEAD', '/api/v1/changes/stream')).status).toBe(200);
  });

  it('bounds how many streams are open and how long, and ends them with the process', async () => {
    const other = await startApiUnderTest({ STREAM_MAX_OPEN: '1', STREAM_LIFETIME_SECONDS: '1' });
    await other.seed('shop', SHOP);
    const url = `${other.url}/api/v1/changes/stream`;
    const first = await readEvents(url);
    const second = await other.request('GET', '/api/v1/changes/stream');
    expect(expectProblem(second)).toMatchObject({ status: 503, code: 'streams.exhausted', retryable: true });
    await first.ended;
    const third = await readEvents(url);
    expect(third.status).toBe(200);
    await other.close();
    await third.ended;
  });

  it('gives the place of who left before its stream began to another', async () => {
    const other = await startApiUnderTest({ STREAM_MAX_OPEN: '1' });
    await other.seed('shop', SHOP);
    const url = `${other.url}/api/v1/changes/stream`;
    await other.database.database.transaction(async (client) => {
      await client.query('LOCK TABLE cluster, snapshot');
      const leaving = new AbortController();
      const left = fetch(url, { signal: leaving.signal });
      await until(async () => {
        const { rowCount } = await client.query(`SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database
          WHERE datname = current_database() AND NOT granted`);
        return rowCount === 0 ? null : rowCount;
      });
      leaving.abort();
      await expect(left).rejects.toThrow('aborted');
      await sleep(200);
    });
    const next = await until(async () => {
      const stream = await readEvents(url);
      return stream.status === 200 ? stream : null;
    });
    next.close();
    await other.close();
  });

  it('keeps what the thinning of snapshots leaves: the same objects between the same two states', async () => {
    const id = await seedMoving('thinned');
    await api.database.database.query('DELETE FROM snapshot WHERE cluster_id = $1 AND seq = 2', [id]);
    expect((await list('?cluster=thinned')).items.map(line)).toEqual([
      'thinned 3 removed Namespace kube-system',
      'thinned 3 added Namespace new',
      'thinned 3 changed NetworkPolicy db-deny',
    ]);
  });

  it('is the same by GraphQL', async () => {
    const { items, page } = await list('?cluster=moving&limit=2');
    const query = `{ changes(cluster: "moving", first: 2) {
      edges { cursor node { type cluster seq takenAt by patch kindId object { name } values { pointer before after } } }
      pageInfo { hasNextPage endCursor } } }`;
    const { data } = (await api.graphql(query)).json as {
      data: { changes: { edges: { node: Record<string, unknown> }[]; pageInfo: Record<string, unknown> } };
    };
    expect(data.changes.edges.map(({ node }) => node)).toEqual(
      items.map((item) => ({
        type: item.type.toUpperCase(),
        cluster: item.cluster,
        seq: item.seq,
        takenAt: item.takenAt,
        by: item.by,
        patch: item.patch,
        kindId: item.kindId,
        object: { name: item.object.name },
        values: item.values,
      })),
    );
    expect(data.changes.pageInfo).toEqual({ hasNextPage: true, endCursor: page.nextCursor });
  });
});
