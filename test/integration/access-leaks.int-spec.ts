import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { newApiToken } from '#access';
import type { RouteCatalogue } from '../../apps/api/src/http/route-catalogue.js';
import { schemaText } from '../../apps/api/src/graphql/graphql-schema.js';
import { graphqlDocument, rootFields } from '../support/api-surface/graphql-requests.js';
import {
  isStream,
  restOperations,
  restRequest,
  sortKeysOf,
  type OpenApi,
} from '../support/api-surface/rest-requests.js';
import type { Choices } from '../support/api-surface/sample.js';
import { persist, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { DB_OPENED } from './api/shop.js';
import { PLANTED, plantedIn, TWO_TENANTS } from './api/tenants.js';
import { startTwoTenants } from './api/two-tenants.js';

/** Pages, probes and descriptions. Agents show a token of their own, and are refused by its guard. */
const PUBLIC = [
  'GET /',
  'GET /api/v1/openapi.json',
  'GET /assets/:page/:file',
  'GET /docs',
  'GET /graphiql',
  'GET /livez',
  'GET /problems/:code',
  'GET /readyz',
];

/** What somebody who sees all declared: one expectation that the caller may know of, and what it may not. */
const EXPECTATIONS = JSON.stringify({
  assertions: [
    { name: 'web asks the api', from: 'shop/web-0', to: 'shop/db-0', port: 8080, expect: 'allowed' },
    { name: PLANTED.policy, from: `${PLANTED.namespace}/${PLANTED.pod}`, to: 'shop/db-0', expect: 'denied' },
    { name: 'nobody', from: `${PLANTED.namespace}/nobody`, to: 'shop/db-0', expect: 'denied' },
  ],
});
/** Flows that a cluster keeps: one that the caller may know of, and two that it may not. */
const SEEN = [
  { src: 'shop/web-0', dst: 'shop/db-0', port: 8080 },
  { src: `${PLANTED.namespace}/${PLANTED.pod}`, dst: 'shop/db-0', port: 8080 },
  { src: 'shop/web-0', dst: `service:${PLANTED.namespace}/${PLANTED.service}`, port: 80 },
]
  .map((flow) => JSON.stringify(flow))
  .join('\n');
const DECLARED = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${PLANTED.policy}, namespace: ${PLANTED.namespace} }
spec: { podSelector: {}, policyTypes: [Nonsense] }
`;

const MOST_PAGES = 5;

interface Listed {
  readonly items: readonly unknown[];
  readonly page: { readonly nextCursor: string | null };
}

describe('a caller of one namespace', () => {
  let api: ApiUnderTest;
  let close: () => Promise<void>;
  let root: Record<string, string>;
  let sue: Record<string, string>;
  let schema: GraphQLSchema;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    let clusterId: string;
    ({ api, root, sue, clusterId, close } = await startTwoTenants());
    await persist(api.snapshots, clusterId, [...TWO_TENANTS, DB_OPENED]);
    await prepare();
    schema = buildSchema(await schemaText());
  });
  afterAll(() => close());

  /** Everything that is kept beside snapshots, made by who sees all. */
  async function prepare(): Promise<void> {
    const wait = { ...root, prefer: 'wait=20' };
    for (const cluster of ['shop', PLANTED.cluster, PLANTED.cluster]) {
      await api.request('POST', '/api/v1/audits', { clusters: [cluster] }, wait);
    }
    const audit = await api.request('POST', '/api/v1/audits', { clusters: ['shop'] }, wait);
    expect(audit.status).toBeLessThan(300);
    const job = audit.json as { id?: string; result?: string };
    ids['job'] = job.id ?? '';
    ids['audit'] = job.result?.split('/').at(-1) ?? '';
    const made = await api.request('POST', '/api/v1/tokens', { name: PLANTED.account }, root);
    ids['token'] = (made.json as { id: string }).id;
    await api.request('PUT', '/api/v1/clusters/shop/assertions', { assertions: EXPECTATIONS }, root);
    await api.request('PUT', '/api/v1/clusters/shop/baseline', { manifests: DECLARED }, root);
    const lines = { ...root, 'content-type': 'application/x-ndjson' };
    const flows = await api.request('POST', '/api/v1/clusters/shop/flows', Buffer.from(SEEN), lines);
    expect(flows.json).toMatchObject({ kept: 3, refused: 0 });
  }

  /** Plausible values; `hidden` asks for what the caller may not see. */
  function choices(hidden: boolean, sends: boolean): Choices {
    const values: Record<string, unknown> = {
      id: hidden ? PLANTED.cluster : 'shop',
      cluster: hidden ? PLANTED.cluster : 'shop',
      namespace: hidden ? PLANTED.namespace : 'shop',
      name: hidden ? PLANTED.pod : 'web-0',
      kind: 'Pod',
      kinds: 'Pod',
      from: hidden ? '10.0.9.9' : 'shop/web-0',
      to: hidden ? '10.96.9.9' : 'shop/db-0',
      focus: 'namespace:shop',
      limit: '100',
      first: 100,
      port: 8080,
      protocol: 'TCP',
      before: 1,
      seq: '1',
      job: ids['job'],
      audit: ids['audit'],
      token: ids['token'],
      runbook: 'conntrack-saturation',
      labels: 'app',
      on: undefined,
    };
    return {
      value: (name) => values[name],
      sends: (name) => sends && Object.hasOwn(values, name),
      pick: (of) => of[0],
      bend: (value) => value,
    };
  }

  /** Planted names in an answer that its question did not name itself. */
  function leaks(asked: string, reply: Reply): string[] {
    const told = `${reply.text} ${JSON.stringify([...reply.headers])}`;
    return plantedIn(told, asked);
  }

  /** The pages of a list that the caller gets, up to one that it is refused. */
  async function* pagesOf(list: string): AsyncGenerator<{ readonly path: string; readonly reply: Reply }> {
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < MOST_PAGES; page++) {
      const path: string = cursor === '' ? list : `${list}&cursor=${encodeURIComponent(cursor)}`;
      const reply = await api.request('GET', path, undefined, sue);
      yield { path, reply };
      cursor = reply.status === 200 ? (reply.json as Listed).page.nextCursor : null;
    }
  }

  async function sizesOf(list: string): Promise<readonly number[]> {
    const sizes: number[] = [];
    for await (const { reply } of pagesOf(list)) sizes.push((reply.json as Listed).items.length);
    return sizes;
  }

  it('is nobody without a token, at every route but the public ones', async () => {
    const { routeCatalogue } = api.app.getHttpAdapter().getInstance() as unknown as { routeCatalogue: RouteCatalogue };
    const open = new Set<string>();
    for (const { method, path } of routeCatalogue.list()) {
      if (method === 'HEAD' || method === 'OPTIONS') continue;
      const { status } = await api.request(method, path.replace(/:\w+|\*/g, 'x'));
      if (status !== 401) open.add(`${method} ${path}`);
    }
    expect([...open].sort()).toEqual(PUBLIC);
  });

  it('gets full pages of audits, whatever lies between its own', async () => {
    expect(await sizesOf('/api/v1/audits?limit=1')).toEqual([1, 1]);
  });

  it('gets full pages of suppressions, whatever lies between its own', async () => {
    const expiresAt = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
    for (const [hours, namespace] of [
      PLANTED.namespace,
      'shop',
      PLANTED.namespace,
      PLANTED.namespace,
      'shop',
    ].entries()) {
      const accepted = { cluster: 'shop', namespace, fingerprint: 'f'.repeat(16), expiresAt: expiresAt(hours + 1) };
      await api.request('POST', '/api/v1/suppressions', { ...accepted, owner: 'ops', reason: 'for this test' }, root);
    }
    for (const order of ['', '&sort=-owner', '&backward=true']) {
      expect([order, await sizesOf(`/api/v1/suppressions?limit=1${order}`)]).toEqual([order, [1, 1]]);
    }
  });

  it('finds no planted name on any route', async () => {
    const { json } = await api.request('GET', '/api/v1/openapi.json');
    const found: string[] = [];
    let answered = 0;
    for (const operation of restOperations(json as OpenApi)) {
      if (isStream(operation) || operation.method === 'DELETE' || operation.operationId === 'createToken') continue;
      for (const [hidden, sends] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ] as const) {
        const { method, url, body, contentType } = restRequest(operation, choices(hidden, sends));
        const headers = { ...sue, ...(contentType === null ? {} : { 'content-type': contentType }) };
        const reply = await api.request(method, url, body, headers);
        if (reply.status < 300) answered += 1;
        if (reply.status >= 500) found.push(`${method} ${url}: ${String(reply.status)} ${reply.text}`);
        for (const name of leaks(`${url} ${body ?? ''}`, reply)) found.push(`${method} ${url} ${body ?? ''}: ${name}`);
      }
    }
    expect(found).toEqual([]);
    expect(answered).toBeGreaterThan(40);
  });

  it('gets full pages of every list in every order, and no planted name', async () => {
    const { json } = await api.request('GET', '/api/v1/openapi.json');
    const wrong: string[] = [];
    const walked = new Set<string>();
    for (const operation of restOperations(json as OpenApi)) {
      if (operation.method !== 'GET') continue;
      const { url } = restRequest(operation, choices(false, false));
      const list = `${url}${url.includes('?') ? '&' : '?'}limit=1`;
      const orders = sortKeysOf(operation).flatMap((key) => [key, `-${key}`, `${key}&backward=true`]);
      for (const order of orders) {
        for await (const { path, reply } of pagesOf(`${list}&sort=${order}`)) {
          if (reply.status >= 500) wrong.push(`${path}: ${String(reply.status)}`);
          if (reply.status !== 200) continue;
          const { items } = reply.json as Listed;
          for (const name of leaks(path, reply)) wrong.push(`${path}: ${name}`);
          if (items.length === 0 && path.includes('&cursor=')) wrong.push(`${path}: an empty page`);
          if (items.length > 0) walked.add(operation.operationId);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(walked.size).toBeGreaterThan(10);
  });

  it('finds no planted name in any field', async () => {
    const found: string[] = [];
    let answered = 0;
    for (const root of rootFields(schema)) {
      if (root.operation === 'subscription' || /^(remove|delete|revoke|cancel|createToken)/.test(root.field.name))
        continue;
      for (const hidden of [false, true]) {
        const query = graphqlDocument(schema, root, choices(hidden, false), 3);
        const reply = await api.request('POST', '/graphql', { query }, sue);
        const data = (reply.json as { data?: Record<string, unknown> | null } | null)?.data;
        if (data !== null && data !== undefined && Object.values(data).some((value) => value !== null)) answered += 1;
        if (reply.text.includes('INTERNAL_SERVER_ERROR'))
          found.push(`${query.slice(0, 300)}: ${reply.text.slice(0, 500)}`);
        for (const name of leaks(query, reply)) found.push(`${query.slice(0, 200)}: ${name}`);
      }
    }
    expect(found).toEqual([]);
    expect(answered).toBeGreaterThan(20);
  });

  it('cannot tell what is hidden from what is not there', async () => {
    const pairs = [
      [`/api/v1/clusters/${PLANTED.cluster}`, '/api/v1/clusters/qq-cluster'],
      [
        `/api/v1/clusters/shop/objects/Pod/${PLANTED.namespace}/${PLANTED.pod}`,
        '/api/v1/clusters/shop/objects/Pod/qq-namespace/qq-pod',
      ],
      [`/api/v1/clusters/shop/objects/Node/-/${PLANTED.node}`, '/api/v1/clusters/shop/objects/Node/-/qq-node'],
      [
        `/api/v1/clusters/shop/objects/Namespace/-/${PLANTED.namespace}`,
        '/api/v1/clusters/shop/objects/Namespace/-/qq-namespace',
      ],
      [
        `/api/v1/clusters/shop/pods?namespace=${PLANTED.namespace}`,
        '/api/v1/clusters/shop/pods?namespace=qq-namespace',
      ],
      [
        `/api/v1/reachability?cluster=shop&from=shop/web-0&to=${PLANTED.namespace}/${PLANTED.pod}`,
        '/api/v1/reachability?cluster=shop&from=shop/web-0&to=qq-namespace/qq-pod',
      ],
      [
        `/api/v1/reachability?cluster=shop&from=labels:${PLANTED.namespace}/app=x&to=shop/db-0`,
        '/api/v1/reachability?cluster=shop&from=labels:qq-namespace/app=x&to=shop/db-0',
      ],
      [
        `/api/v1/reachability?cluster=shop&from=node:${PLANTED.node}&to=shop/db-0`,
        '/api/v1/reachability?cluster=shop&from=node:qq-node&to=shop/db-0',
      ],
    ] as const;
    const same = (text: string): string =>
      text.replaceAll('zq-', 'qq-').replace(/"requestId":"[^"]*"|"stalenessMs":\d+/g, '');
    for (const [hidden, absent] of pairs) {
      const [one, other] = [
        await api.request('GET', hidden, undefined, sue),
        await api.request('GET', absent, undefined, sue),
      ];
      expect({ hidden, status: one.status, text: same(one.text) }).toEqual({
        hidden,
        status: other.status,
        text: same(other.text),
      });
    }
  });

  it('is told that a policy decides which it may not see, and no more', async () => {
    const reply = await api.request(
      'GET',
      '/api/v1/reachability?cluster=shop&from=shop/web-0&to=shop/db-0&port=8080',
      undefined,
      sue,
    );
    expect(reply.json).toMatchObject({ verdict: 'denied', reason: 'NOT_PERMITTED_TO_SEE', fixes: [] });
    expect(reply.text).toContain('a policy you may not see');
    const whole = await api.request(
      'GET',
      '/api/v1/reachability?cluster=shop&from=shop/web-0&to=shop/db-0&port=8080',
      undefined,
      root,
    );
    expect(whole.text).toContain(PLANTED.clusterPolicy);
  });

  it('knows of expectations and of a baseline what concerns it, and no more', async () => {
    // The walk above may have declared something else.
    await api.request('PUT', '/api/v1/clusters/shop/baseline', { manifests: DECLARED }, root);
    const kept = await api.request('GET', '/api/v1/clusters/shop/assertions', undefined, sue);
    expect(kept.json).toMatchObject({
      source: null,
      items: [
        { name: 'web asks the api', outcome: 'fail', result: { broken: 1, breaches: [{ policies: [{ name: '' }] }] } },
      ],
    });
    const events = await api.request('GET', '/api/v1/clusters/shop/assertions/events', undefined, sue);
    expect(events.json).toMatchObject({
      items: [
        { name: 'web asks the api', result: { breaches: [{ policies: [], summary: 'a policy you may not see' }] } },
      ],
    });
    const drift = await api.request('GET', '/api/v1/drift?cluster=shop&before=baseline', undefined, sue);
    expect(drift.json).toMatchObject({ before: { type: 'manifests', objects: null }, problems: [] });
    for (const { text } of [kept, events, drift]) expect(text).not.toContain('zq-');
  });

  it('counts what it sees alone', async () => {
    const cluster = await api.request('GET', '/api/v1/clusters/shop', undefined, sue);
    expect(cluster.json).toMatchObject({
      counts: { Namespace: 1, Pod: 3 },
      problems: [],
      message: '',
    });
    const other = { authorization: `Bearer ${newApiToken()}` };
    expect((await api.request('GET', '/api/v1/clusters', undefined, other)).status).toBe(401);
  });
});
