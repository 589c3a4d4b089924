import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createSync } from '../../apps/sync/src/index.js';
import { OPERATIONS } from '../../apps/api/src/openapi/operations.js';
import { createLog } from '#telemetry';
import { startApiUnderTest, type ApiUnderTest, type Reply } from './api/api-under-test.js';
import { readEvents } from './api/read-events.js';
import { SHOP } from './api/shop.js';

const TOKEN = `planted-${randomBytes(12).toString('hex')}`;
const PASSWORD = `planted-${randomBytes(12).toString('hex')}`;
const CLIENT_KEY = Buffer.from(`-----BEGIN PRIVATE KEY-----\nplanted-${randomBytes(12).toString('hex')}\n`).toString(
  'base64',
);
const SECRET_KEY = randomBytes(32).toString('hex');

/** Every form in which a planted secret could come out. */
const PLANTED = [TOKEN, PASSWORD, CLIENT_KEY, SECRET_KEY].flatMap((secret) => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  encodeURIComponent(secret),
]);

const kubeconfig = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: TOKEN, username: 'u', password: PASSWORD, 'client-key-data': CLIENT_KEY } }],
  });

/** A value for each parameter of a path. */
const PARAMETERS: Readonly<Record<string, string>> = {
  kind: 'Pod',
  namespace: 'shop',
  name: 'web-0',
  seq: '1',
};

describe('credentials', () => {
  let api: ApiUnderTest;
  let sync: INestApplicationContext;
  const told: { readonly where: string; readonly text: string }[] = [];

  beforeAll(async () => {
    api = await startApiUnderTest({ ATLAS_SECRET_KEY: SECRET_KEY, LOG_LEVEL: 'trace' });
    await api.seed('shop', SHOP);
    const destination = { write: (text: string) => void told.push({ where: 'log of sync', text }) };
    const log = createLog({ level: 'trace', format: 'json', app: 'sync', destination });
    sync = await createSync({ ...api.config, app: 'sync' }, log);
  });
  afterAll(async () => {
    await sync.close();
    await api.close();
  });

  const note = (where: string, { headers, text }: Reply): void => {
    told.push({ where, text }, { where: `headers of ${where}`, text: JSON.stringify([...headers]) });
  };
  const send = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const reply = await api.request(method, path, body);
    note(`${method} ${path}`, reply);
    return reply;
  };
  const graphql = async (query: string, variables: Record<string, unknown> = {}): Promise<Reply> => {
    const reply = await api.graphql(query, variables);
    note(query, reply);
    return reply;
  };

  it('are never returned and never logged, whatever is asked and whatever fails', async () => {
    const inline = kubeconfig('https://127.0.0.1:1');
    const source = { type: 'kubeconfig', inline };
    expect((await send('POST', '/api/v1/clusters?wait=3', { name: 'sealed', source })).status).toBe(201);
    // Refused: the name is taken, a field is unknown, the text is no kubeconfig, the context is not there.
    await send('POST', '/api/v1/clusters', { name: 'sealed', source });
    await send('POST', '/api/v1/clusters', { name: 'x', source: { ...source, token: TOKEN } });
    await send('POST', '/api/v1/clusters', { name: 'broken', source: { type: 'kubeconfig', inline: `{${TOKEN}` } });
    await send('POST', '/api/v1/clusters', { name: 'other', source: { ...source, context: 'nope' } });
    await send('POST', '/api/v1/clusters', `{"name":"${TOKEN.slice(0, 3)}`);
    await graphql('mutation ($input: AddClusterInput!) { addCluster(input: $input) { cluster { id } } }', {
      input: { name: 'by-graphql', source: { type: 'KUBECONFIG', inline } },
    });
    for (const cluster of ['sealed', 'shop']) {
      for (const { method, path, isStream } of OPERATIONS) {
        if (method !== 'get') continue;
        const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
          name === 'id' ? cluster : (PARAMETERS[name] ?? 'x'),
        );
        if (isStream !== true) await send('GET', filled);
        else (await readEvents(api.url + filled)).close();
      }
    }
    const { data } = (
      await graphql('{ __schema { types { name fields { name type { name kind ofType { name kind } } } } } }')
    ).json as {
      data: {
        __schema: {
          types: {
            name: string;
            fields: { name: string; type: { kind: string; ofType: { kind: string } | null } }[] | null;
          }[];
        };
      };
    };
    const leaves = new Set(['SCALAR', 'ENUM']);
    const fields = (data.__schema.types.find(({ name }) => name === 'Cluster')?.fields ?? [])
      .filter(({ type }) => leaves.has(type.kind) || leaves.has(type.ofType?.kind ?? ''))
      .map(({ name }) => name);
    expect(fields).toContain('name');
    await graphql(`{ clusters { edges { node { ${fields.join(' ')} source { type path context } } } } }`);
    for (const path of ['/metrics', '/readyz', '/livez', '/docs', '/', '/api/v1/openapi.json']) await send('GET', path);
    await send('POST', '/api/v1/clusters/sealed/resync');
    await send('DELETE', '/api/v1/clusters/sealed');

    const lines = api.lines.map((line) => ({ where: 'log of api', text: JSON.stringify(line) }));
    expect(lines.length).toBeGreaterThan(50);
    expect(told.filter(({ where }) => where === 'log of sync').length).toBeGreaterThan(0);
    const leaks = [...told, ...lines].filter(({ text }) => PLANTED.some((secret) => text.includes(secret)));
    expect(leaks.map(({ where }) => where)).toEqual([]);
  }, 120_000);

  it('lie sealed in the database, and its dump has none of them in clear', async () => {
    const tables = await api.database.database.query<{ name: string }>(
      `SELECT quote_ident(relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND relkind = 'r'`,
    );
    const inline = kubeconfig('https://127.0.0.1:1');
    await api.request('POST', '/api/v1/clusters', { name: 'kept', source: { type: 'kubeconfig', inline } });
    let sealed = 0;
    for (const { name } of tables.rows) {
      const rows = await api.database.database.query<{ row: string }>(
        `SELECT row_to_json(t)::text AS row FROM ${name} t`,
      );
      if (name === 'cluster_credential') sealed = rows.rows.length;
      for (const { row } of rows.rows) {
        const bytes = [...row.matchAll(/"\\\\x([0-9a-f]+)"/g)].map(([, hex = '']) =>
          Buffer.from(hex, 'hex').toString('latin1'),
        );
        for (const secret of PLANTED)
          expect([name, [row, ...bytes].some((text) => text.includes(secret))]).toEqual([name, false]);
      }
    }
    expect(sealed).toBeGreaterThan(0);
  });
});
