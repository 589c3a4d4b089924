import { describe, expect, it } from '@jest/globals';
import { compileSnapshot, type CompiledSnapshot } from '#engine';
import { SnapshotCache } from './snapshot-cache.js';

function recording(capacity = 2): { cache: SnapshotCache; compiled: string[] } {
  const compiled: string[] = [];
  const compile = (clusterId: string, seq: number): Promise<CompiledSnapshot> => {
    compiled.push(`${clusterId}:${String(seq)}`);
    return Promise.resolve(compileSnapshot([]));
  };
  return { cache: new SnapshotCache(compile, capacity), compiled };
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
