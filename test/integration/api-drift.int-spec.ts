import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runAsSystem } from '#access';
import { DriftTimeline } from '#analysis';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { DB_OPENED, SHOP } from './api/shop.js';

const YAML = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-deny, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress] }
`;

describe('drift over REST and GraphQL', () => {
  let api: ApiUnderTest;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    clusterId = (await api.seed('shop', SHOP)).id;
    await persist(api.snapshots, clusterId, [DB_OPENED]);
  });
  afterAll(async () => {
    await api.close();
  });

  const drift = (body: object) => api.request('POST', '/api/v1/drift', { cluster: 'shop', ...body });

  it('tells what the newest snapshot opened, why and when', async () => {
    const report = expectDescribed('drift', await drift({}));
    expect(report).toMatchObject({
      before: { type: 'snapshot', seq: 1 },
      after: { type: 'snapshot', seq: 2 },
      reading: 'enforced',
      asOf: { cluster: 'shop', seq: 2 },
    });
    const opened = report.entries.find(({ destinations }) => destinations?.peers.some(({ name }) => name === 'db-0'));
    expect(opened).toMatchObject({
      type: 'opened',
      dangerous: true,
      before: 'none',
      after: 'all',
      causes: [
        {
          type: 'policy',
          object: { name: 'db-deny' },
          text: 'NetworkPolicy shop/db-deny changed: spec.ingress (absent) → [{}]',
        },
      ],
      happened: { seq: 2 },
    });
    expect(report.objects).toMatchObject([
      {
        type: 'changed',
        kindId: 'NetworkPolicy.networking.k8s.io',
        meaning: 'different',
        patch: [{ path: 'spec.ingress', before: null, after: '[{}]' }],
        happened: { seq: 2 },
      },
    ]);
    expect(report.summary).toMatchObject({ breaking: 0, policies: { same: 0, different: 1 } });
  });

  it('turns round with its states, and keeps what a filter asks for', async () => {
    const back = expectDescribed('drift', await drift({ before: 2, after: 1 }));
    expect(back.summary).toMatchObject({ dangerous: 0 });
    expect(back.summary.breaking).toBeGreaterThan(0);
    const none = expectDescribed('drift', await drift({ breaking: true }));
    expect(none).toMatchObject({ entries: [], summary: { entries: 0 } });
    const query = 'cluster=shop&before=1&after=2&dangerous=true&type=opened';
    const opened = expectDescribed('driftByQuery', await api.request('GET', `/api/v1/drift?${query}`));
    expect(opened).toMatchObject({ entries: [{ type: 'opened' }], page: { limit: 25, nextCursor: null } });
  });

  it('goes on behind a cursor, and refuses one of another report', async () => {
    const page = {
      against: { manifests: YAML },
      kind: ['NetworkPolicy.networking.k8s.io'],
      type: ['opened'],
      limit: 1,
    };
    const first = expectDescribed('drift', await drift(page));
    expect(first.objects.map(({ object }) => object.name)).toEqual(['api-ingress']);
    const cursor = first.page.nextCursor ?? '';
    const second = expectDescribed('drift', await drift({ ...page, cursor }));
    expect(second.objects.map(({ object }) => object.name)).toEqual(['db-deny']);
    expect(expectProblem(await drift({ cursor }))).toMatchObject({ status: 400, code: 'cursor.invalid' });
  });

  it('compares with manifests and with another cluster under other names', async () => {
    const declared = expectDescribed(
      'drift',
      await drift({ against: { manifests: YAML }, kind: ['NetworkPolicy.networking.k8s.io'] }),
    );
    expect(declared.before).toEqual({ type: 'manifests', objects: 2 });
    expect(declared.objects.map(({ type, object }) => `${type} ${object.name}`)).toEqual([
      'added api-ingress',
      'changed db-deny',
    ]);
    const staged = JSON.parse(JSON.stringify(SHOP).replaceAll('"shop"', '"stage"')) as unknown[];
    await api.seed('staging', staged);
    const against = { against: { cluster: 'staging' }, namespaces: { stage: 'shop' } };
    const report = expectDescribed('drift', await drift({ ...against, after: 1 }));
    expect(report.entries).toEqual([]);
    expect(report.objects).toMatchObject([{ meaning: 'same', patch: [{ path: 'metadata.labels.team' }] }]);
    expect(expectDescribed('drift', await drift(against)).summary.dangerous).toBeGreaterThan(0);
  });

  it('says what a change would do before anyone makes it, and which flows it would cut', async () => {
    const flows = [
      { src: 'shop/web-0', dst: 'shop/db-0', port: 5432 },
      { src: 'shop/web-0', dst: 'shop/api-0', port: 8080 },
    ];
    const reply = await api.request('POST', '/api/v1/what-if', { cluster: 'shop', apply: YAML, flows });
    const answer = expectDescribed('whatIf', reply);
    expect(answer.summary.dangerous).toBe(0);
    expect(answer.entries.map(({ type }) => type)).toContain('closed');
    expect(answer.flows).toMatchObject({
      given: 2,
      same: 1,
      affected: [{ src: 'shop/web-0', dst: 'shop/db-0', effect: 'cut', before: 'allowed', after: 'denied' }],
    });
    const none = await api.request('POST', '/api/v1/what-if', { cluster: 'shop' });
    expect(expectProblem(none)).toMatchObject({
      status: 400,
      errors: [{ detail: expect.stringContaining('`apply`') }],
    });
    const broken = await api.request('POST', '/api/v1/what-if', { cluster: 'shop', apply: 'kind: [' });
    expect(expectProblem(broken)).toMatchObject({ status: 400, errors: [{ pointer: '/apply' }] });
  });

  it('is told as Markdown when that is asked for', async () => {
    const reply = await api.request('GET', '/api/v1/drift?cluster=shop', undefined, { accept: 'text/markdown' });
    expect(reply.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(reply.text).toContain('| 🔴 | opened |');
  });

  it('finds since when an answer holds, over changes that came and went', async () => {
    const since = (query: string) => api.request('GET', `/api/v1/reachability/since?cluster=shop&${query}`);
    const opened = expectDescribed('reachableSince', await since('from=shop/web-0&to=shop/db-0&port=5432'));
    expect(opened).toMatchObject({
      verdict: 'allowed',
      since: { seq: 2 },
      verdictBefore: 'denied',
      oldest: { seq: 1 },
    });
    const always = expectDescribed('reachableSince', await since('from=shop/web-0&to=shop/api-0&port=8080'));
    expect(always).toMatchObject({ verdict: 'allowed', since: null, verdictBefore: null });
  });

  it('keeps a report for each stretch, once, and lists them newest first', async () => {
    const timeline = api.app.get(DriftTimeline, { strict: false });
    expect(await timeline.behind()).toEqual([clusterId]);
    expect(await runAsSystem('test', () => timeline.compute(clusterId))).toMatchObject({
      before: { seq: 1 },
      after: { seq: 2 },
    });
    expect(await runAsSystem('test', () => timeline.compute(clusterId))).toBeNull();
    expect(await timeline.behind()).toEqual([]);
    await persist(api.snapshots, clusterId, SHOP);
    await persist(api.snapshots, clusterId, [DB_OPENED]);
    expect(await runAsSystem('test', () => timeline.compute(clusterId))).toMatchObject({
      before: { seq: 2 },
      after: { seq: 4 },
      entries: 0,
    });
    const list = expectDescribed('driftTimeline', await api.request('GET', '/api/v1/clusters/shop/drift'));
    expect(list.items).toMatchObject([{ before: { seq: 1 }, after: { seq: 2 }, breaking: 0, objects: 1 }]);
  });

  it('tells each report as it is stored, from where a listener left off', async () => {
    const stop = new AbortController();
    const response = await fetch(`${api.url}/api/v1/clusters/shop/drift/events`, {
      headers: { 'last-event-id': '1' },
      signal: stop.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('event: drift')) text += (await reader.read()).value ?? '';
    stop.abort();
    expect(text).toContain('id: 2\nevent: drift\ndata: {');
    expect(JSON.parse(/data: (.*)/.exec(text)?.[1] ?? '')).toMatchObject({ before: { seq: 1 }, after: { seq: 2 } });
  });

  it('answers the same over GraphQL', async () => {
    const query = `query ($input: DriftInput!) { drift(input: $input) { __typename ... on Drift {
      summary { dangerous } entries { edges { node { type dangerous causes { text } happened { seq } } } pageInfo { hasNextPage } }
      objects { type meaning patch { path after } } before { snapshot { seq } } markdown asOf { seq } } } }`;
    const reply = await api.graphql(query, { input: { cluster: 'shop', before: 1, after: 2, type: ['OPENED'] } });
    expect(reply.json).toMatchObject({
      data: {
        drift: {
          __typename: 'Drift',
          entries: {
            edges: [{ node: { type: 'OPENED', happened: { seq: 2 } } }],
            pageInfo: { hasNextPage: false },
          },
          objects: [{ type: 'CHANGED', meaning: 'DIFFERENT', patch: [{ path: 'spec.ingress', after: '[{}]' }] }],
          before: { snapshot: { seq: 1 } },
        },
      },
    });
    const change = `query ($apply: String!) { whatIf(input: {cluster: "shop", apply: $apply}) { __typename ... on Drift { summary { breaking } flows { effect } } } }`;
    expect((await api.graphql(change, { apply: YAML })).json).toMatchObject({ data: { whatIf: { flows: null } } });
    const gone = await api.graphql('{ drift(input: {cluster: "nowhere"}) { __typename } }');
    expect(gone.json).toEqual({ data: { drift: { __typename: 'ClusterNotFound' } } });
    const since = await api.graphql(
      '{ reachableSince(input: {cluster: "shop", from: "shop/web-0", to: "shop/db-0", port: 1}) { since { seq } } }',
    );
    expect(since.json).toEqual({ data: { reachableSince: { since: { seq: 4 } } } });
    const list = await api.graphql('{ driftTimeline(cluster: "shop") { edges { node { dangerous after { seq } } } } }');
    expect(list.json).toMatchObject({ data: { driftTimeline: { edges: [{ node: { after: { seq: 2 } } }] } } });
  });
});
