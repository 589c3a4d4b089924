import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

import { readEvents, type EventConnection } from '../integration/api/read-events.js';
import { requestJson } from './ask.js';
import { atlas, StandaloneProcess } from './standalone-process.js';

jest.setTimeout(180_000);

const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample', 'shop-calico');
const EXPECTED = `
assertions:
  - {name: no payment by the API, owner: dba, from: shop/api, to: service:payments/gateway, port: 443, expect: denied}
`;
const CAUSE = 'NetworkPolicy payments/gateway changed: ';

interface Drifted {
  readonly before: { readonly seq: number };
  readonly after: { readonly seq: number };
  readonly dangerous: number;
}

/** What an upload sets off reaches clients: sync, drift, assertions and both doors for real. */
describe('events of an upload', () => {
  let service: StandaloneProcess;
  let folder: string;
  const open: (() => unknown)[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'atlas-events-'));
    cpSync(SAMPLE, join(folder, 'shop'), { recursive: true });
    service = await StandaloneProcess.start({ dataDir: join(folder, 'data'), args: ['--no-sample'] });
  });
  afterAll(async () => {
    for (const close of open) await close();
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (path: string): string => `${service.url}/api/v1/${path}`;
  /** Sends the folder, and gives how many namespaces were told to be in it. */
  const namespaces = async (...args: string[]): Promise<number> => {
    const { code, stdout, stderr } = await atlas('--server', service.url, 'clusters', ...args);
    expect([code, stderr]).toEqual([0, '']);
    return Number(/\bNamespace (\d+)/.exec(stdout)?.[1]);
  };
  const listen = async (path: string): Promise<EventConnection> => {
    const stream = await readEvents(at(path));
    open.push(() => {
      stream.close();
    });
    return stream;
  };
  const subscribe = (field: string, query: string): Promise<unknown> => {
    const client = createClient({ url: `${service.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    open.push(() => client.dispose());
    return (async () => {
      for await (const { data } of client.iterate({ query })) return data?.[field];
      throw new Error('it ended without an event');
    })();
  };

  it('are drift, and an expectation that broke, each with its cause, by WebSocket and by server-sent events', async () => {
    const first = await namespaces('add', 'shop', '--upload', join(folder, 'shop'));
    await requestJson(at('clusters/shop/assertions'), 'PUT', { assertions: EXPECTED });
    const streams = {
      drift: await listen('clusters/shop/drift/events'),
      assertion: await listen('clusters/shop/assertions/stream'),
    };
    // From the first snapshot and the first event on: it does not matter when the subscription begins.
    const byDoor = {
      drift: subscribe(
        'driftEvents',
        'subscription { driftEvents(cluster: "shop", after: 1) { before { seq } after { seq } dangerous } }',
      ),
      assertion: subscribe(
        'assertionEvents',
        'subscription { assertionEvents(cluster: "shop", after: "0") { name before after causes { text } } }',
      ),
    };
    const policies = join(folder, 'shop', 'payments', 'policies.yaml');
    writeFileSync(policies, readFileSync(policies, 'utf8').replace('port: 443', 'port: 8443'));
    const added = join(folder, 'shop', 'added.yaml');
    writeFileSync(added, 'apiVersion: v1\nkind: Namespace\nmetadata: {name: added}\n');
    expect(await namespaces('upload', 'shop', join(folder, 'shop'))).toBe(first + 1);

    const drifted = (await streams.drift.next()).data as Drifted;
    expect(drifted).toMatchObject({ before: { seq: 1 }, after: { seq: 2 } });
    expect(drifted.dangerous).toBeGreaterThan(0);
    expect(await byDoor.drift).toMatchObject({ before: { seq: 1 }, after: { seq: 2 }, dangerous: drifted.dangerous });
    const { before, after } = drifted;
    const asked = { cluster: 'shop', before: before.seq, after: after.seq };
    const { body: report } = await requestJson(at('drift'), 'POST', asked);
    const { entries } = report as { entries: { causes: { text: string }[] }[] };
    expect(entries[0]?.causes).toMatchObject([{ text: expect.stringContaining(CAUSE) }]);

    const turn = { name: 'no payment by the API', causes: [{ text: expect.stringContaining(CAUSE) }] };
    expect((await streams.assertion.next()).data).toMatchObject({
      ...turn,
      owner: 'dba',
      before: 'pass',
      after: 'fail',
    });
    expect(await byDoor.assertion).toMatchObject({ ...turn, before: 'PASS', after: 'FAIL' });
  });
});
