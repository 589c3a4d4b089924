import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { StreamAccess } from '../../apps/api/src/streams/stream-access.js';
import { ANONYMOUS } from '#access';
import { ChangeFeed } from '#analysis';
import { AppError } from '#contracts';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { readEvents } from './api/read-events.js';
import { DB_OPENED, SHOP } from './api/shop.js';

interface Closed {
  readonly code: number;
  readonly reason: string;
}

interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

const CHANGES = 'subscription { changes(cluster: "shop") { cursor node { type seq object { name } patch } } }';

describe('GraphQL subscriptions', () => {
  let api: ApiUnderTest;
  let clusterId: string;
  const opened: Client[] = [];

  beforeAll(async () => {
    api = await startApiUnderTest({ STREAM_MAX_PER_CONNECTION: '2', STREAM_IDLE_SECONDS: '1' });
    clusterId = (await api.seed('shop', SHOP)).id;
  });
  afterAll(async () => {
    for (const client of opened) await client.dispose();
    await api.close();
  });

  const address = (of: ApiUnderTest): string => `${of.url.replace('http', 'ws')}/graphql`;
  const connect = (
    of: ApiUnderTest = api,
    closed?: (event: Closed) => void,
    connected: () => void = () => undefined,
  ): Client => {
    const client = createClient({
      url: address(of),
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
      on: { closed: (event) => closed?.(event as Closed), connected },
    });
    opened.push(client);
    return client;
  };
  const closing = (of: ApiUnderTest = api): { client: Client; closed: Promise<Closed>; connected: Promise<void> } => {
    let client: Client | undefined;
    let closed: Promise<Closed> | undefined;
    const connected = new Promise<void>((isOpen) => {
      closed = new Promise((isClosed) => {
        client = connect(of, isClosed, isOpen);
      });
    });
    return { client: client as Client, closed: closed as Promise<Closed>, connected };
  };
  /** Resolves when that many subscriptions to changes have their place: what is stored from then on is sent. */
  const beginning = (of: ApiUnderTest = api, count = 1): Promise<void> =>
    new Promise((resolve) => {
      const feed = of.app.get(ChangeFeed, { strict: false });
      const follow = feed.follow.bind(feed);
      let begun = 0;
      feed.follow = async (...args) => {
        const stream = await follow(...args);
        begun += 1;
        if (begun === count) {
          feed.follow = follow;
          resolve();
        }
        return stream;
      };
    });
  /** Results of an operation, one by one; what the protocol refuses it with counts as a result without data. */
  const results = async (client: Client, query: string): Promise<Result> => {
    for await (const result of client.iterate({ query })) return result as Result;
    throw new Error('it ended without a result');
  };
  const errorOf = async (client: Client, query: string): Promise<unknown> =>
    results(client, query).then(
      (result) => result.errors,
      (errors: unknown) => errors,
    );

  it('send each change as it is stored, and go on behind a cursor', async () => {
    const client = connect();
    const begun = beginning();
    const events = client.iterate({ query: CHANGES });
    const first = events.next();
    await begun;
    await persist(api.snapshots, clusterId, [DB_OPENED]);
    const { value } = (await first) as { value: { data: { changes: { cursor: string; node: unknown } } } };
    expect(value.data.changes.node).toEqual({
      type: 'CHANGED',
      seq: 2,
      object: { name: 'db-deny' },
      patch: ['/raw/spec/ingress: (absent) → [{}]'],
    });
    await events.return?.();
    const metadata = { name: 'late', uid: 'late' };
    await persist(api.snapshots, clusterId, [{ apiVersion: 'v1', kind: 'Namespace', metadata }]);
    const query = CHANGES.replace('"shop"', `"shop", after: "${value.data.changes.cursor}"`);
    expect((await results(client, query)).data).toMatchObject({
      changes: { node: { type: 'ADDED', seq: 3, object: { name: 'late' } } },
    });
  });

  it('go by server-sent events too, one by connection', async () => {
    const begun = beginning();
    const stream = await readEvents(`${api.url}/graphql/stream`, {}, { query: CHANGES });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const next = stream.next();
    await begun;
    const metadata = { name: 'by-events', uid: 'by-events' };
    await persist(api.snapshots, clusterId, [{ apiVersion: 'v1', kind: 'Namespace', metadata }]);
    expect(await next).toMatchObject({
      event: 'next',
      data: { data: { changes: { node: { type: 'ADDED', object: { name: 'by-events' } } } } },
    });
    stream.close();
  });

  it.each([
    ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['{ clusters { edges { cursor } } }', 'OPERATION_RESOLUTION_FAILURE'],
    [CHANGES.replace('"shop"', '"nope"'), 'NOT_FOUND'],
  ])('tell by server-sent events why they are none: %s', async (query, code) => {
    const stream = await readEvents(`${api.url}/graphql/stream`, {}, { query });
    expect(await stream.next()).toMatchObject({ event: 'next', data: { errors: [{ extensions: { code } }] } });
    expect(await stream.next()).toMatchObject({ event: 'complete' });
    await stream.ended;
  });

  it('refuse what is wrong before they begin, with the code and the request id of every error', async () => {
    const client = connect();
    const unknown = (await errorOf(client, CHANGES.replace('"shop"', '"nope"'))) as Result['errors'];
    expect(unknown).toMatchObject([
      { extensions: { code: 'NOT_FOUND', errorCode: 'cluster.not_found', requestId: expect.stringMatching(/.{8}/) } },
    ]);
    expect(await errorOf(client, 'subscription { nothing }')).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED', errorCode: 'request.invalid' } },
    ]);
    expect(await errorOf(client, 'subscription {')).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
    expect(await errorOf(client, '{ clusters { edges { cursor } } }')).toMatchObject([
      { message: 'only subscriptions are served here, send queries and mutations by POST to `/graphql`' },
    ]);
  });

  it('are bounded for each connection', async () => {
    const client = connect();
    const begun = beginning(api, 2);
    const streams = [client.iterate({ query: CHANGES }), client.iterate({ query: CHANGES })];
    const pending = streams.map((stream) => stream.next());
    await begun;
    expect(await errorOf(client, CHANGES)).toMatchObject([{ extensions: { code: 'SUBSCRIPTION_LIMIT_EXCEEDED' } }]);
    for (const stream of streams) await stream.return?.();
    await Promise.all(pending);
  });

  it('leave a connection that nobody uses after a while, and keep one that somebody does', async () => {
    const used = closing();
    const stream = used.client.iterate({ query: CHANGES });
    const pending = stream.next();
    expect(await closing().closed).toMatchObject({ code: 1000, reason: expect.stringContaining('idle') });
    expect(await errorOf(used.client, 'subscription {')).toMatchObject([{ message: expect.any(String) }]);
    await stream.return?.();
    await pending;
    expect(await used.closed).toMatchObject({ code: 1000 });
  });

  it('end at the longest life of a connection and with the process', async () => {
    const other = await startApiUnderTest({ STREAM_LIFETIME_SECONDS: '1', STREAM_IDLE_SECONDS: '60' });
    expect(await closing(other).closed).toMatchObject({ code: 1001 });
    const last = closing(other);
    await last.connected;
    await other.close();
    expect(await last.closed).toMatchObject({ code: 1001 });
  });

  it('end for a caller that may not listen any longer, before the next event', async () => {
    const other = await startApiUnderTest();
    const { id } = await other.seed('shop', SHOP);
    let isExpired = false;
    const access = other.app.get(StreamAccess);
    access.enter = () =>
      Promise.resolve({
        caller: ANONYMOUS,
        run: (work) => work(),
        check: () =>
          isExpired ? Promise.reject(new AppError('conflict', 'the token has expired')) : Promise.resolve(),
      });
    const { client, closed } = closing(other);
    const begun = beginning(other);
    const stream = client.iterate({ query: CHANGES });
    const first = stream.next();
    await begun;
    await persist(other.snapshots, id, [DB_OPENED]);
    await first;
    isExpired = true;
    const second = stream.next();
    second.catch(() => undefined);
    await persist(other.snapshots, id, SHOP);
    expect(await closed).toMatchObject({ reason: 'the token has expired' });
    await other.close();
  });

  it('are not for other pages, other protocols or other paths', async () => {
    const refused = (url: string, protocol: string, headers: Record<string, string> = {}) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url, protocol, { headers });
        socket.on('error', (error) => {
          resolve(error.message);
        });
        socket.on('close', (code) => {
          resolve(String(code));
        });
      });
    const protocol = 'graphql-transport-ws';
    expect(await refused(address(api), protocol, { origin: 'https://evil.example' })).toContain('403');
    expect(await refused(address(api).replace('graphql', 'other'), protocol)).toContain('404');
    expect(await refused(address(api), 'graphql-ws')).toMatch(/4406|no subprotocol/);
  });
});
