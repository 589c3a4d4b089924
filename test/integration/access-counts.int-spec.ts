import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { schemaText } from '../../apps/api/src/graphql/graphql-schema.js';
import { graphqlDocument, rootFields } from '../support/api-surface/graphql-requests.js';
import { restOperations, restRequest, type OpenApi } from '../support/api-surface/rest-requests.js';
import type { Choices } from '../support/api-surface/sample.js';
import { persist, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { startWithLimitedCaller, type LimitedCaller } from './api/limited-caller.js';
import { DB_OPENED, SHOP } from './api/shop.js';
import { PLANTED, TWO_TENANTS } from './api/tenants.js';

jest.setTimeout(120_000);

/** Another tenant, whose objects decide nothing about the pods of `shop`. */
const BESIDE = TWO_TENANTS.filter(
  (object) => (object as { readonly metadata: { readonly name: string } }).metadata.name !== PLANTED.clusterPolicy,
);

/** Streams have no end of their own. What is made is not asked for twice, and pages are the same for everybody. */
const SKIPPED = /\/(stream|events)$/;
const MAKES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

const VALUES: Readonly<Record<string, unknown>> = {
  id: 'shop',
  cluster: 'shop',
  namespace: 'shop',
  name: 'web-0',
  kind: 'Pod',
  kinds: 'Pod',
  from: 'shop/web-0',
  to: 'shop/db-0',
  of: 'shop/web-0',
  focus: 'namespace:shop',
  hops: 3,
  limit: '100',
  first: 100,
  port: 8080,
  protocol: 'TCP',
  before: 1,
  seq: '1',
  on: undefined,
};

function choices(sent: readonly string[]): Choices {
  return {
    value: (name) => VALUES[name],
    sends: (name) => sent.includes(name),
    pick: (of) => of[0],
    bend: (value) => value,
  };
}

describe('what a caller of one namespace is told', () => {
  const callers: LimitedCaller[] = [];
  let schema: GraphQLSchema;

  beforeAll(async () => {
    schema = buildSchema(await schemaText());
    for (const objects of [SHOP, BESIDE]) callers.push(await prepared(objects));
  });
  afterAll(async () => {
    for (const { close } of callers) await close();
  });

  async function prepared(objects: readonly unknown[]): Promise<LimitedCaller> {
    const caller = await startWithLimitedCaller('viewer');
    const { id } = await caller.api.seed('shop', objects);
    await persist(caller.api.snapshots, id, [...objects, DB_OPENED]);
    return caller;
  }

  /** Both answers, without what differs from one database to another. */
  async function both(
    ask: (api: ApiUnderTest, sue: Record<string, string>) => Promise<Reply>,
  ): Promise<readonly string[]> {
    const texts: string[] = [];
    for (const { api, sue } of callers) {
      const { status, text } = await ask(api, sue);
      texts.push(`${String(status)} ${settled(text)}`);
    }
    return texts;
  }

  it('is the same on every route whether there is another tenant or not', async () => {
    const { json } = await (callers[0] as LimitedCaller).api.request('GET', '/api/v1/openapi.json');
    const differ: object[] = [];
    let answered = 0;
    for (const operation of restOperations(json as OpenApi)) {
      if (SKIPPED.test(operation.path) || (MAKES.has(operation.method) && !isQuestion(operation.path))) continue;
      for (const sent of [[], ['limit'], Object.keys(VALUES)]) {
        const { method, url, body, contentType } = restRequest(operation, choices(sent));
        const headers: Record<string, string> = contentType === null ? {} : { 'content-type': contentType };
        const [one, other] = await both((api, sue) => api.request(method, url, body, { ...sue, ...headers }));
        if (one?.startsWith('2') === true) answered += 1;
        if (one !== other) differ.push({ method, url, body, ...firstDifference(one ?? '', other ?? '') });
      }
    }
    expect(differ).toEqual([]);
    expect(answered).toBeGreaterThan(60);
  });

  it('is the same in every field', async () => {
    const differ: object[] = [];
    for (const root of rootFields(schema)) {
      if (root.operation !== 'query') continue;
      for (const sent of [[], ['first', 'hops']]) {
        const query = graphqlDocument(schema, root, choices(sent), 3);
        const [one, other] = await both((api, sue) => api.request('POST', '/graphql', { query }, sue));
        if (one !== other) differ.push({ field: root.field.name, ...firstDifference(one ?? '', other ?? '') });
      }
    }
    expect(differ).toEqual([]);
  });
});

const isQuestion = (path: string): boolean =>
  /\/(reachability|why|drift|what-if|probes|paths|check|explain|suggest)/.test(path);

/** Ids, times, cursors and hashes say nothing about what there is. */
function settled(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/"(nextCursor|cursor|endCursor|startCursor|id|stalenessMs|digest|hash)":("[^"]*"|\d+)/g, '"$1":0')
    .replaceAll(/cursor=[\w.%-]+/g, 'CURSOR');
}

function firstDifference(one: string, other: string): { readonly alone: string; readonly beside: string } {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return { alone: one.slice(Math.max(0, at - 80), at + 80), beside: other.slice(Math.max(0, at - 80), at + 80) };
}
