import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runAsSystem } from '#access';
import { Assertions, DriftTimeline } from '#analysis';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { readEvents } from './api/read-events.js';
import { DB_OPENED, SHOP } from './api/shop.js';

const FILE = `
assertions:
  - { name: web asks the api, from: shop/web-0, to: shop/api-0, port: 8080, expect: allowed }
  - { name: the database is closed, owner: dba, from: shop/web-0, to: shop/db-0, port: 5432, expect: denied }
`;

/** The pods of the shop, each of a StatefulSet. */
const OF_WORKLOADS = SHOP.map((object) => {
  const { kind, metadata } = object as { readonly kind: string; readonly metadata: { readonly name: string } };
  if (kind !== 'Pod') return object;
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: metadata.name.replace(/-0$/, ''), uid: 'owner' };
  return { ...(object as object), metadata: { ...metadata, ownerReferences: [{ ...owner, controller: true }] } };
});

describe('assertions over REST and GraphQL', () => {
  let api: ApiUnderTest;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    clusterId = (await api.seed('shop', SHOP)).id;
  });
  afterAll(async () => {
    await api.close();
  });

  const path = '/api/v1/clusters/shop/assertions';

  it('checks a file that nobody keeps, as JSON and as JUnit', async () => {
    const body = { cluster: 'shop', assertions: FILE };
    const report = expectDescribed('checkAssertions', await api.request('POST', '/api/v1/assertions/check', body));
    expect(report.counts).toEqual({ pass: 2, fail: 0, unknown: 0, error: 0 });
    const junit = await api.request('POST', '/api/v1/assertions/check?format=junit', body);
    expect(junit.headers.get('content-type')).toBe('application/xml; charset=utf-8');
    expect(junit.text).toContain('<testsuite name="shop" tests="2" failures="0" errors="0" skipped="0">');
  });

  it('names every wrong place of a file, by line', async () => {
    const assertions = FILE.replace('expect: denied', 'expect: closed').replace('web asks', 'web  asks');
    const reply = await api.request('PUT', path, { assertions });
    expect(expectProblem(reply)).toMatchObject({
      status: 400,
      errors: [
        { pointer: '/assertions', detail: expect.stringMatching(/^line 4, \/assertions\/1\/expect: must be one of/) },
      ],
    });
    expect(expectProblem(await api.request('GET', path))).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('keeps a file, checks it at once, and tells when an expectation breaks and why', async () => {
    const kept = expectDescribed('setAssertions', await api.request('PUT', path, { assertions: FILE }));
    expect(kept.items.map(({ name, outcome, since }) => [name, outcome, since?.seq])).toEqual([
      ['web asks the api', 'pass', 1],
      ['the database is closed', 'pass', 1],
    ]);
    await persist(api.snapshots, clusterId, [DB_OPENED]);
    const timeline = api.app.get(DriftTimeline, { strict: false });
    await runAsSystem('test', () => timeline.compute(clusterId));
    const assertions = api.app.get(Assertions, { strict: false });
    const stream = await readEvents(`${api.url}${path}/stream`);
    expect(await runAsSystem('test', () => assertions.evaluate(clusterId))).toBe(1);
    expect(await runAsSystem('test', () => assertions.evaluate(clusterId))).toBe(0);
    const events = expectDescribed('listAssertionEvents', await api.request('GET', `${path}/events`));
    expect(events.items).toMatchObject([
      {
        name: 'the database is closed',
        owner: 'dba',
        before: 'pass',
        after: 'fail',
        at: { seq: 2 },
        result: { breaches: [{ verdict: 'allowed', source: { name: 'web-0' }, destination: { name: 'db-0' } }] },
        causes: [{ text: 'NetworkPolicy shop/db-deny changed: spec.ingress (absent) → [{}]' }],
      },
    ]);
    const heard = await stream.next();
    stream.close();
    expect(heard).toEqual({ id: events.items[0]?.id, event: 'assertion', data: events.items[0] });
    const again = await readEvents(`${api.url}${path}/stream`, { 'last-event-id': '0' });
    expect(await again.next()).toEqual(heard);
    again.close();
    const after = expectDescribed('getAssertions', await api.request('GET', path));
    expect(after.items.map(({ outcome, since }) => [outcome, since?.seq])).toEqual([
      ['pass', 1],
      ['fail', 2],
    ]);
  });

  it('tells what broke an expectation about pods of workloads', async () => {
    const { id } = await api.seed('workloads', OF_WORKLOADS);
    const place = '/api/v1/clusters/workloads/assertions';
    expectDescribed('setAssertions', await api.request('PUT', place, { assertions: FILE }));
    await persist(api.snapshots, id, [DB_OPENED]);
    await runAsSystem('test', async () => {
      await api.app.get(DriftTimeline, { strict: false }).compute(id);
      await api.app.get(Assertions, { strict: false }).evaluate(id);
    });
    const events = expectDescribed('listAssertionEvents', await api.request('GET', `${place}/events`));
    expect(events.items).toMatchObject([
      {
        name: 'the database is closed',
        after: 'fail',
        causes: [{ text: 'NetworkPolicy shop/db-deny changed: spec.ingress (absent) → [{}]' }],
      },
    ]);
  });

  it('streams events by number, beyond the ninth as well', async () => {
    await api.database.database.query(
      `INSERT INTO assertion_event (cluster_id, name, owner, before, after, seq, at, result, causes)
       SELECT cluster_id, 'again ' || n, owner, before, after, seq, at, result, causes
         FROM assertion_event, generate_series(1, 12) AS n WHERE cluster_id = $1 ORDER BY n`,
      [clusterId],
    );
    const stream = await readEvents(`${api.url}${path}/stream`, { 'last-event-id': '0' });
    const ids: number[] = [];
    while (ids.length < 13) ids.push(Number((await stream.next()).id));
    stream.close();
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    await api.database.database.query(`DELETE FROM assertion_event WHERE name LIKE 'again %'`);
  });

  it('answers the same over GraphQL, and keeps and forgets', async () => {
    const query = `{ assertions(cluster: "shop") { items { name outcome since { seq } } }
      assertionEvents(cluster: "shop") { items { name before after causes { text } } pageInfo { hasNextPage } } }`;
    expect((await api.graphql(query)).json).toMatchObject({
      data: {
        assertions: { items: [{ outcome: 'PASS' }, { outcome: 'FAIL', since: { seq: 2 } }] },
        assertionEvents: { items: [{ before: 'PASS', after: 'FAIL' }], pageInfo: { hasNextPage: false } },
      },
    });
    const check = `query ($file: String!) { checkAssertions(input: {cluster: "shop", assertions: $file, at: 1}) { counts { pass fail } results { expect outcome } asOf { seq } } }`;
    expect((await api.graphql(check, { file: FILE })).json).toEqual({
      data: {
        checkAssertions: {
          counts: { pass: 2, fail: 0 },
          results: [
            { expect: 'ALLOWED', outcome: 'PASS' },
            { expect: 'DENIED', outcome: 'PASS' },
          ],
          asOf: { seq: 1 },
        },
      },
    });
    const set = `mutation ($file: String!) { setAssertions(input: {cluster: "shop", assertions: $file}) { assertions { items { name } } } }`;
    const one = FILE.split('\n').slice(0, 3).join('\n');
    expect((await api.graphql(set, { file: one })).json).toMatchObject({
      data: { setAssertions: { assertions: { items: [{ name: 'web asks the api' }] } } },
    });
    expectDescribed('removeAssertions', await api.request('DELETE', path));
    await api.graphql(set, { file: one });
    const remove = 'mutation { removeAssertions(input: {cluster: "shop"}) { cluster } }';
    expect((await api.graphql(remove)).json).toEqual({ data: { removeAssertions: { cluster: 'shop' } } });
    expect((await api.graphql('{ assertions(cluster: "shop") { source } }')).json).toEqual({
      data: { assertions: null },
    });
  });
});
