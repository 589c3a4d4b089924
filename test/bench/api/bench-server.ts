// The served side of the API bench, in a process of its own: the api role on the database that is given, and an empty route.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fastify } from 'fastify';
import { SnapshotCache } from '#analysis';
import { loadConfig } from '#config';
import { createLog } from '#telemetry';
import { createApi } from '../../../apps/api/src/start-api.js';

/** An answer about a cluster of the bench, about. */
const ANSWER_BYTES = 7_200;
const config = loadConfig(
  {
    DATABASE_URL: process.argv[2],
    HTTP_PORT: '0',
    ATLAS_SECRET_KEY: randomBytes(32).toString('hex'),
    LOG_LEVEL: 'warn',
  },
  'api',
);
const app = await createApi(config, createLog({ ...config.log, app: 'api' }));
await app.listen({ host: '127.0.0.1', port: 0 });

const empty = fastify();
empty.post('/empty', () => ({ verdict: 'allowed' }));
const text = JSON.stringify({ verdict: '→'.repeat(ANSWER_BYTES / 3) });
empty.post('/long', (_request, reply) => reply.type('application/json; charset=utf-8').send(text));
const loop = monitorEventLoopDelay({ resolution: 1 });
/** The longest that this process held its event loop since it was last asked. Nothing watches it before. */
empty.get('/hold', () => {
  loop.enable();
  const ms = loop.max / 1e6;
  loop.reset();
  return { ms };
});
/** How many snapshots this process keeps compiled. */
const cache = app.get(SnapshotCache, { strict: false });
empty.get('/compiled', () => ({ count: cache.compiledSize }));
const emptyUrl = await empty.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${JSON.stringify({ url: await app.getUrl(), emptyUrl })}\n`);

// The end of the input, as a signal is taken by the application.
process.stdin.resume().once('end', () => {
  void app
    .close()
    .then(() => empty.close())
    .then(() => process.exit(0));
});
