import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { compileSnapshot, type CompiledSnapshot } from '#engine';
import { SnapshotCache } from './snapshot-cache.js';

function recording(capacity = 2, elderMs?: number): { cache: SnapshotCache; compiled: string[] } {
  const compiled: string[] = [];
  const compile = (clusterId: string, seq: number): Promise<CompiledSnapshot> => {
    compiled.push(`${clusterId}:${String(seq)}`);
    return Promise.resolve(compileSnapshot([]));
  };
  return { cache: new SnapshotCache(compile, capacity, elderMs), compiled };
}

describe('SnapshotCache', () => {
  it('compiles once for callers that ask at the same time', async () => {
    const { cache, compiled } = recording();
    const [first, second] = await Promise.all([cache.get('a', 1), cache.get('a', 1)]);
    expect(first).toBe(second);
    expect(compiled).toEqual(['a:1']);
  });

  it('drops the least recently used snapshot first', async () => {
    const { cache, compiled } = recording(2);
    await cache.get('a', 1);
    await cache.get('b', 1);
    await cache.get('a', 1);
    await cache.get('c', 1);
    await cache.get('a', 1);
    await cache.get('b', 1);
    expect(compiled).toEqual(['a:1', 'b:1', 'c:1', 'b:1']);
    expect(cache.size).toBe(2);
  });

  it('forgets only what a newer snapshot of the same cluster replaced', async () => {
    const { cache, compiled } = recording(4);
    await cache.get('a', 1);
    await cache.get('a', 2);
    await cache.get('b', 1);
    cache.forgetBefore('a', 2);
    await cache.get('a', 2);
    await cache.get('b', 1);
    await cache.get('a', 1);
    expect(compiled).toEqual(['a:1', 'a:2', 'b:1', 'a:1']);
  });

  it('keeps the newest of a cluster, and hands it on to the next', async () => {
    const earlier: (number | null)[] = [];
    const cache = new SnapshotCache((_, _seq, known) => {
      earlier.push(known?.seq ?? null);
      return Promise.resolve(compileSnapshot([]));
    }, 4);
    await cache.get('a', 3);
    await cache.get('a', 1);
    cache.forgetBefore('a', 7);
    await cache.get('a', 8);
    await cache.get('b', 9);
    cache.forgetCluster('a');
    await cache.get('a', 9);
    expect(earlier).toEqual([null, null, 3, null, null]);
  });

  it('lets go of what nobody asks about, but of no newest', async () => {
    const { cache, compiled } = recording(9, 10);
    await Promise.all([cache.get('a', 1), cache.get('a', 2), cache.get('b', 1), cache.get('a', 4), cache.get('a', 3)]);
    expect(cache.size).toBe(5);
    while (cache.size > 2) await sleep(5);
    await sleep(30);
    const before = compiled.length;
    await Promise.all([cache.get('a', 4), cache.get('b', 1)]);
    expect(compiled).toHaveLength(before);
    await cache.get('a', 3);
    expect(compiled.slice(before)).toEqual(['a:3']);
    while (cache.size > 2) await sleep(5);
  });

  it('keeps an elder snapshot while it is being made: who asks meanwhile shares it', async () => {
    let made = 0;
    const cache = new SnapshotCache(
      async () => {
        made += 1;
        await sleep(60);
        return compileSnapshot([]);
      },
      9,
      5,
    );
    await cache.get('a', 2);
    const first = cache.get('a', 1);
    await sleep(30);
    await Promise.all([first, cache.get('a', 1)]);
    expect(made).toBe(2);
    while (cache.size > 1) await sleep(5);
  });

  it('compiles ahead where there is room, and displaces nothing but an elder one of the same cluster', async () => {
    const { cache, compiled } = recording(2);
    await cache.get('a', 1);
    await cache.warm('b', 1, 0);
    expect(cache.warm('c', 1, 0)).toBeNull();
    await cache.warm('a', 2, 0);
    expect(cache.warm('a', 2, 0)).toBeNull();
    expect(cache.warm('a', 1, 0)).toBeNull();
    expect([cache.size, cache.peek('a', 1), cache.peek('a', 2) !== null]).toEqual([2, null, true]);
    expect(compiled).toEqual(['a:1', 'b:1', 'a:2']);
  });

  it('tells who compiles ahead when a question begins to wait for it', async () => {
    let isAwaited = (): boolean => true;
    const cache = new SnapshotCache(async (_, _seq, _earlier, awaited) => {
      isAwaited = awaited;
      await sleep(5);
      return compileSnapshot([]);
    }, 2);
    const ahead = cache.warm('a', 1, 0);
    expect(isAwaited()).toBe(false);
    const asked = cache.get('a', 1);
    expect(isAwaited()).toBe(true);
    expect(await asked).toBe(await ahead);
  });

  it('tries again after a failed compilation', async () => {
    let calls = 0;
    const cache = new SnapshotCache(() => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('database is away')) : Promise.resolve(compileSnapshot([]));
    }, 2);
    await expect(cache.get('a', 1)).rejects.toThrow('database is away');
    await expect(cache.get('a', 1)).resolves.toBeDefined();
  });
});
