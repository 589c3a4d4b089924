import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { schemaText } from '../../apps/api/src/graphql/graphql-schema.js';
import { graphqlDocument, rootFields } from '../support/api-surface/graphql-requests.js';
import { isStream, restOperations, restRequest, type OpenApi } from '../support/api-surface/rest-requests.js';
import type { Choices } from '../support/api-surface/sample.js';
import { persist, type ApiUnderTest } from './api/api-under-test.js';
import { DB_OPENED } from './api/shop.js';
import { PLANTED, plantedIn, TWO_TENANTS } from './api/tenants.js';
import { startTwoTenants } from './api/two-tenants.js';
import { untilWithin } from './api/until.js';

const EXPECTATIONS = JSON.stringify({
  assertions: [
    { name: 'web asks the db', from: 'shop/web-0', to: 'shop/db-0', port: 5432, expect: 'denied' },
    { name: PLANTED.policy, from: `${PLANTED.namespace}/${PLANTED.pod}`, to: 'shop/db-0', expect: 'allowed' },
  ],
});

/** The same tenants, with something new at everything that the caller may not see. */
const CHANGED = (TWO_TENANTS as readonly Named[]).map(({ metadata, ...object }) =>
  metadata.name.startsWith('zq-')
    ? { ...object, metadata: { ...metadata, labels: { ...metadata.labels, again: 'yes' } } }
    : { ...object, metadata },
);
interface Named {
  readonly metadata: { readonly name: string; readonly labels?: object };
}
const until = untilWithin(20_000);
/** Streams that have something to tell: changes, drift, jobs, the fleet. */
const MOST_TOLD = 6;

/** A stream that is being read. */
interface Heard {
  readonly asked: string;
  status: number;
  text: string;
}

describe('streams to a caller of one namespace', () => {
  let api: ApiUnderTest;
  let close: () => Promise<void>;
  let root: Record<string, string>;
  let sue: Record<string, string>;
  let job = '';
  let clusterId: string;
  const ears = new AbortController();
  const heard: Heard[] = [];

  beforeAll(async () => {
    ({ api, root, sue, clusterId, close } = await startTwoTenants());
    await api.request('PUT', '/api/v1/clusters/shop/assertions', { assertions: EXPECTATIONS }, root);
    const wait = { ...root, prefer: 'wait=20' };
    const audit = await api.request('POST', '/api/v1/audits', { clusters: ['shop'] }, wait);
    job = (audit.json as { id?: string }).id ?? '';
  }, 120_000);
  afterAll(async () => {
    ears.abort();
    await close();
  });

  const choices = (hidden: boolean): Choices => ({
    value: (name) => {
      const values: Record<string, unknown> = {
        id: hidden ? PLANTED.cluster : job,
        cluster: hidden ? PLANTED.cluster : 'shop',
        clusters: undefined,
        job,
        from: 'labels:shop/app=web',
        to: 'shop/db-0',
        port: 5432,
        protocol: 'TCP',
      };
      return values[name];
    },
    sends: (name) => ['cluster', 'from', 'to', 'port', 'protocol'].includes(name),
    pick: (of) => of[0],
    bend: (value) => value,
  });

  async function listen(path: string, body: object | null): Promise<void> {
    const one: Heard = { asked: `${path} ${JSON.stringify(body)}`, status: 0, text: '' };
    heard.push(one);
    const headers = { ...sue, accept: 'text/event-stream', 'content-type': 'application/json' };
    const sent = body === null ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${api.url}${path}`, { headers, signal: ears.signal, ...sent });
    one.status = response.status;
    const read = async (): Promise<void> => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) one.text += decoder.decode(chunk as Uint8Array, { stream: true });
    };
    read().catch(() => undefined);
  }

  it('tell nothing of what it may not see, whichever is listened to while things happen', async () => {
    const document = (await api.request('GET', '/api/v1/openapi.json')).json as OpenApi;
    const streams = restOperations(document).filter(isStream);
    const schema = buildSchema(await schemaText());
    const subscriptions = rootFields(schema).filter(({ operation }) => operation === 'subscription');
    expect([streams.length, subscriptions.length]).toEqual([5, 5]);
    for (const hidden of [false, true]) {
      for (const operation of streams) {
        const one = choices(hidden);
        const byPath = { ...one, value: (name: string) => (name === 'id' ? one.value('cluster') : one.value(name)) };
        const { method, url, body } = restRequest(operation, byPath);
        await listen(url, method === 'GET' ? null : (JSON.parse(body ?? '{}') as object));
      }
      for (const field of subscriptions) {
        await listen('/graphql/stream', { query: graphqlDocument(schema, field, choices(hidden), 4) });
      }
    }
    await persist(api.snapshots, clusterId, [...CHANGED, DB_OPENED]);
    const changes = heard.filter(({ asked }) => asked.includes('changes'));
    const drift = heard.filter(({ asked }) => /drift/i.test(asked));
    await until(() => (drift.some(({ text }) => text.includes('data:')) ? true : null));
    await until(() => (changes.some(({ text }) => text.includes('NetworkPolicy')) ? true : null));
    await until(() => (heard.filter(({ text }) => text.includes('data:')).length >= MOST_TOLD ? true : null));
    await sleep(1_000);
    const leaks = heard.flatMap(({ asked, text }) =>
      plantedIn(text, asked).map((name) => `${asked.slice(0, 120)}: ${name}`),
    );
    expect(leaks).toEqual([]);
    expect(heard.filter(({ status }) => status >= 500)).toEqual([]);
  }, 120_000);
});
