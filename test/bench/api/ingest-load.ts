// The writing side of the API bench, in a process of its own: pods of one more cluster change, and go the way of sync
// (parsed, normalised, coalesced, stored) at a rate that is asked for. Says how many rows were stored since it last said so.
import { systemAccess } from '#access';
import { normaliseObject } from '#engine';
import { INGEST_SETTINGS, IngestPipeline } from '#ingest';
import { ClusterRepository, Database, SnapshotRepository } from '#store';
import { silentLog } from '#telemetry';
import { podText } from '../fleet/pod-text.js';

const PODS = 20_000;
const TICK_MS = 10;
const [url = '', perSecond = '0'] = process.argv.slice(2);
const database = new Database({ url });
const { id } = await new ClusterRepository(database, null, () => systemAccess('bench')).create({
  name: 'ingested',
  source: { type: 'upload' },
});

let stored = 0;
const pipeline = new IngestPipeline(id, new SnapshotRepository(database), INGEST_SETTINGS, silentLog, {
  positions: () => null,
  onStored: (result) => {
    stored += result?.changed ?? 0;
  },
  onStoreFault: (error) => {
    if (error instanceof Error) process.stderr.write(`rows were not stored: ${error.message}\n`);
  },
  onGone: () => undefined,
});

let changes = 0;
const begun = performance.now();
const timer = setInterval(() => {
  for (const due = ((performance.now() - begun) * Number(perSecond)) / 1_000; changes < due; changes++) change(changes);
  pipeline.accept({ type: 'heartbeat', at: new Date() });
}, TICK_MS);

function change(count: number): void {
  const pod = JSON.parse(podText(count % PODS, count, Math.floor(count / PODS))) as object;
  const { fact } = normaliseObject(Object.assign(pod, { apiVersion: 'v1', kind: 'Pod' }));
  if (fact !== null) pipeline.accept({ type: 'change', kind: 'Pod', ref: fact.meta, fact });
}

process.stdout.write('storing\n');
process.stdin.on('data', () => {
  process.stdout.write(`${String(stored)}\n`);
  stored = 0;
});
process.stdin.once('end', () => {
  clearInterval(timer);
  void pipeline.close().then(() => database.close());
});
