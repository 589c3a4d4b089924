import 'reflect-metadata';
import { runAsSystem } from '#access';
import { SnapshotReader } from '#analysis';
import { loadConfig } from '#config';
import { createLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';

/**
 * A worker of its own process for the bench: loads the state of every cluster that it is told, says `ready`, and does
 * jobs until it is ended.
 */
const clusters = process.argv.slice(2);
const config = loadConfig(process.env, 'worker');
const worker = await createWorker(config, createLog({ level: 'error', format: 'json', app: 'worker' }));
const reader = worker.get(SnapshotReader, { strict: false });
await runAsSystem('bench', async () => {
  for (const cluster of clusters) await reader.compiled(await reader.locate(cluster));
});
process.stdout.write('ready\n');
