import { AppError } from '#contracts';
import { type Fact, normaliseObject } from '#engine';
import type { FactBatch, PersistResult } from '#store';
import { silentLog } from '#telemetry';
import { afterEach, describe, expect, it } from '@jest/globals';

import { IngestPipeline } from './ingest-pipeline.js';
import { INGEST_SETTINGS, type IngestSettings } from './ingest-settings.js';

const pod = (name: string): Fact => {
  const { fact } = normaliseObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'n' }, spec: {} });
  if (!fact) throw new Error('not a pod');
  return fact;
};
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A store in memory whose next answers can be set: what a database does when it is slow, away, or has lost the cluster. */
class ScriptedStore {
  readonly batches: FactBatch[] = [];
  before: () => Promise<void> = () => Promise.resolve();

  async persist(_id: string, batch: FactBatch): Promise<PersistResult> {
    await this.before();
    this.batches.push(batch);
    return { seq: this.batches.length, changed: batch.upserts.length, created: true };
  }

  get names(): string[][] {
    return this.batches.map((batch) => batch.upserts.map((fact) => fact.meta.name));
  }
}

describe('IngestPipeline', () => {
  let pipeline: IngestPipeline;
  const store = (): ScriptedStore => new ScriptedStore();
  const fresh: (Date | null)[] = [];
  let gone = 0;
  const faults: unknown[] = [];
  function run(target: ScriptedStore, settings: Partial<IngestSettings> = {}): IngestPipeline {
    fresh.length = faults.length = gone = 0;
    const quick = {
      ...INGEST_SETTINGS,
      flushIntervalMs: 20,
      firstFlushMs: 120,
      retryMinMs: 10,
      retryMaxMs: 20,
      ...settings,
    };
    pipeline = new IngestPipeline('id', target, quick, silentLog, {
      positions: () => null,
      onStored: (_result, at) => fresh.push(at),
      onStoreFault: (error) => error !== null && faults.push(error),
      onGone: () => (gone += 1),
    });
    return pipeline;
  }
  afterEach(() => pipeline.close());
  const list = (...names: string[]): void =>
    pipeline.accept({ type: 'list', kind: 'Pod', facts: names.map(pod), problems: [], complete: true });
  const put = (name: string): void =>
    pipeline.accept({ type: 'change', kind: 'Pod', ref: pod(name).meta, fact: pod(name) });
  const beat = (ms: number): void => pipeline.accept({ type: 'heartbeat', at: new Date(ms) });

  it('waits for the first heartbeat, then stores everything as one batch (5)', async () => {
    const target = store();
    run(target, { firstFlushMs: 5_000 });
    list('a');
    await wait(60);
    pipeline.accept({ type: 'list', kind: 'Node', facts: [], problems: [], complete: true });
    expect(target.batches).toHaveLength(0);
    beat(1_000);
    await wait(30);
    expect(target.batches.map(({ replace }) => replace)).toEqual([['Pod', 'Node']]);
  });

  it('does not wait for it for ever (5)', async () => {
    const target = store();
    run(target);
    list('a');
    await wait(200);
    expect(target.names).toEqual([['a']]);
  });

  it('stores changes that come together as one batch, and at once when they are many (4)', async () => {
    const target = store();
    run(target, { flushIntervalMs: 60, flushMaxObjects: 3 });
    beat(1);
    await wait(10);
    put('a');
    put('b');
    put('a');
    await wait(20);
    expect(target.batches).toHaveLength(0);
    put('c');
    await wait(20);
    expect(target.names).toEqual([['a', 'b', 'c']]);
  });

  it('says that the source is fresh only when what came before is stored (8)', async () => {
    const target = store();
    let open = (): void => undefined;
    target.before = () => new Promise((resolve) => (open = resolve));
    run(target);
    list('a');
    beat(1_000);
    await wait(40);
    beat(2_000);
    expect(fresh).toEqual([]);
    open();
    await wait(20);
    expect(fresh).toEqual([new Date(1_000), new Date(2_000)]);
  });

  it('keeps what could not be stored under what has come since, and tries again (6)', async () => {
    const target = store();
    let failures = 2;
    target.before = () =>
      failures-- > 0 ? Promise.reject(new AppError('database.unavailable', 'away')) : Promise.resolve();
    run(target);
    list('a', 'b');
    beat(1_000);
    await wait(5);
    pipeline.accept({ type: 'change', kind: 'Pod', ref: pod('a').meta, fact: null });
    await wait(150);
    expect(faults).toHaveLength(2);
    expect(target.names).toEqual([['b']]);
    expect(target.batches[0]?.replace).toEqual(['Pod']);
    expect(fresh.at(-1)).toEqual(new Date(1_000));
  });

  it('ends when the cluster is gone', async () => {
    const target = store();
    target.before = () => Promise.reject(new AppError('cluster.not_found', 'gone'));
    run(target);
    list('a');
    beat(1);
    await wait(50);
    put('b');
    await wait(50);
    expect(gone).toBe(1);
    expect(target.batches).toHaveLength(0);
  });

  it('stores what is left when it is closed', async () => {
    const target = store();
    run(target, { flushIntervalMs: 10_000 });
    beat(1);
    await wait(10);
    put('a');
    await pipeline.close();
    expect(target.names).toEqual([['a']]);
  });
});
