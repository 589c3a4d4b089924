import { runInNewContext } from 'node:vm';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

interface Explorer {
  readonly fetcher: { readonly url: string; readonly subscriptionUrl: string };
  readonly defaultTabs: readonly { readonly query: string }[];
}

/** What the page hands to the explorer, when it was loaded from `page`. */
function bootedAt(page: string, boot: string): Explorer {
  const explorers: Explorer[] = [];
  runInNewContext(boot, {
    URL,
    location: { href: page },
    document: { getElementById: () => null },
    GraphiQL: { createFetcher: (options: unknown) => options },
    React: { createElement: (_: unknown, properties: unknown) => properties },
    ReactDOM: { createRoot: () => ({ render: (explorer: Explorer) => explorers.push(explorer) }) },
  });
  const [explorer] = explorers;
  if (explorer === undefined) throw new Error('the page renders nothing');
  return explorer;
}

describe('the examples of the GraphQL explorer', () => {
  let api: ApiUnderTest;
  let boot: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop-calico', SHOP);
    boot = (await api.request('GET', '/assets/graphiql/boot.js')).text;
  });
  afterAll(() => api.close());

  it('are answered', async () => {
    const { fetcher, defaultTabs } = bootedAt(`${api.url}/graphiql`, boot);
    const isStream = (query: string): boolean => query.includes('\nsubscription ');
    const queries = defaultTabs.map(({ query }) => query).filter((query) => !isStream(query));
    expect(queries.length).toBeGreaterThan(1);
    for (const query of queries) {
      const { json } = await api.request('POST', fetcher.url, { query });
      expect({ query, json }).toEqual({ query, json: { data: expect.anything() } });
    }

    const client = createClient({ url: fetcher.subscriptionUrl, webSocketImpl: WebSocket });
    const streams = defaultTabs.map(({ query }) => query).filter(isStream);
    expect(streams).toHaveLength(1);
    for await (const result of client.iterate({ query: streams[0] ?? '' })) {
      expect(result).toMatchObject({ data: { fleet: { cluster: 'shop-calico' } } });
    }
    await client.dispose();
  });

  it('are asked over TLS where the page was', () => {
    const { fetcher } = bootedAt('https://atlas.example.com/graphiql', boot);
    expect(fetcher.subscriptionUrl).toBe('wss://atlas.example.com/graphql');
  });
});
