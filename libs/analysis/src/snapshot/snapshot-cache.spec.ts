import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { compileSnapshot, normaliseObject, type CompiledSnapshot, type Fact } from '#engine';
import { NEVER_ASKED, SnapshotCache, type CacheRoom } from './snapshot-cache.js';

function recording(capacity = 2, room: CacheRoom = {}): { cache: SnapshotCache; compiled: string[] } {
  const compiled: string[] = [];
  const compile = (clusterId: string, seq: number): Promise<CompiledSnapshot> => {
    compiled.push(`${clusterId}:${String(seq)}`);
    return Promise.resolve(compileSnapshot([]));
  };
  return { cache: new SnapshotCache(compile, capacity, room), compiled };
}

function namespace(name: string): Fact {
  return normaliseObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }).fact as Fact;
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

  it('keeps the newest of a cluster, and hands on what is nearest', async () => {
    const near: (number | null)[] = [];
    const cache = new SnapshotCache((_, _seq, known) => {
      near.push(known?.seq ?? null);
      return Promise.resolve(compileSnapshot([]));
    }, 4);
    await cache.get('a', 3);
    await cache.get('a', 1);
    cache.forgetBefore('a', 7);
    await cache.get('a', 8);
    await cache.get('a', 6);
    await cache.get('b', 9);
    cache.forgetCluster('a');
    await cache.get('a', 9);
    expect(near).toEqual([null, 3, 3, 8, null, null]);
  });

  it('lets go of what nobody asks about, but of no newest', async () => {
    const { cache, compiled } = recording(9, { elderMs: 10 });
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
      { elderMs: 5 },
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
    await cache.warm({ clusterId: 'b', seq: 1, objects: 1, askedAt: 0 });
    expect(cache.warm({ clusterId: 'c', seq: 1, objects: 1, askedAt: 0 })).toBeNull();
    await cache.warm({ clusterId: 'a', seq: 2, objects: 1, askedAt: 0 });
    expect(cache.warm({ clusterId: 'a', seq: 2, objects: 1, askedAt: 0 })).toBeNull();
    expect(cache.warm({ clusterId: 'a', seq: 1, objects: 1, askedAt: 0 })).toBeNull();
    expect([cache.size, cache.peek('a', 1), cache.peek('a', 2) !== null]).toEqual([2, null, true]);
    expect(compiled).toEqual(['a:1', 'b:1', 'a:2']);
  });

  it('keeps more than its number as long as their objects are few enough', async () => {
    const of = (count: number) =>
      compileSnapshot(Array.from({ length: count }, (_, at) => namespace(`ns-${String(at)}`)));
    const cache = new SnapshotCache((_, seq) => Promise.resolve(of(seq)), 1, { objects: 10 });
    for (const [clusterId, seq] of [
      ['a', 4],
      ['b', 3],
      ['c', 3],
    ] as const)
      await cache.get(clusterId, seq);
    expect(cache.size).toBe(3);
    // Two states of one cluster share what is the same in both.
    await cache.get('a', 3);
    expect(cache.size).toBe(4);
    await cache.get('d', 1);
    expect(['a', 'b'].map((id) => cache.peek(id, id === 'a' ? 4 : 3) === null)).toEqual([true, false]);
    expect(cache.size).toBe(4);
  });

  it('has what nobody asked about as long as its objects fit, and lets go of it for what somebody did', async () => {
    const { cache } = recording(1, { objects: 10 });
    const ahead = (clusterId: string, objects: number, askedAt = NEVER_ASKED) =>
      cache.warm({ clusterId, seq: 1, objects, askedAt });
    expect(ahead('a', 11)).toBeNull();
    const making = [ahead('a', 4), ahead('b', 4)];
    expect(making).not.toContain(null);
    expect(ahead('c', 4)).toBeNull();
    expect(cache.size).toBe(2);
    const asked = ahead('d', 9, 0);
    expect([asked !== null, cache.size]).toEqual([true, 1]);
    expect(ahead('a', 4)).toBeNull();
    expect([...cache.lastAsked().keys()]).toEqual(['d']);
    await Promise.all([...making, asked]);
  });

  it('tells who compiles ahead when a question begins to wait for it', async () => {
    let isAwaited = (): boolean => true;
    const cache = new SnapshotCache(async (_, _seq, _near, awaited) => {
      isAwaited = awaited;
      await sleep(5);
      return compileSnapshot([]);
    }, 2);
    const ahead = cache.warm({ clusterId: 'a', seq: 1, objects: 1, askedAt: 0 });
    expect(isAwaited()).toBe(false);
    const asked = cache.get('a', 1);
    expect(isAwaited()).toBe(true);
    expect(await asked).toBe(await ahead);
  });

  it('tells the same who compiles what another one is made from', async () => {
    const ask: (() => boolean)[] = [];
    const cache = new SnapshotCache(async (_, _seq, near, isAwaited) => {
      ask.push(isAwaited);
      await (near?.compiled ?? sleep(5));
      return compileSnapshot([]);
    }, 2);
    void cache.warm({ clusterId: 'a', seq: 1, objects: 1, askedAt: 0 });
    void cache.warm({ clusterId: 'a', seq: 2, objects: 1, askedAt: 0 });
    expect(ask.map((isAwaited) => isAwaited())).toEqual([false, false]);
    const asked = cache.get('a', 3);
    expect(ask.map((isAwaited) => isAwaited())).toEqual([true, true, true]);
    await asked;
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
