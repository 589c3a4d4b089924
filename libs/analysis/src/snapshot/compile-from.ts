import { compilingSnapshot, readyingSnapshot, updatingSnapshot, type CompiledSnapshot } from '#engine';
import type { SnapshotRepository } from '#store';
import { runBehind } from '../pacing/paced.js';
import { shareParts } from './share-parts.js';
import type { CompileSnapshot } from './snapshot-cache.js';

/** Changes up to which a snapshot is made from another one; of more, compiling all of it costs no more. */
const MOST_CHANGES = 2_000;

/**
 * Compiles a snapshot from one near it and what changed in between, where that is known and little: `onMade` is then told of
 * how many objects. Else from its facts, of which it reads all.
 */
export function compileFrom(
  snapshots: Pick<SnapshotRepository, 'changesBetween' | 'loadFacts'>,
  onMade: (objects?: number) => void,
): CompileSnapshot {
  return async (clusterId, seq, near, isAwaited) => {
    const other = (await near?.compiled.catch(() => null)) ?? null;
    if (near !== null && other !== null) {
      const changes = await snapshots.changesBetween(clusterId, near.seq, seq, MOST_CHANGES);
      if (changes !== null) {
        shareParts(changes.upserts, other);
        onMade(changes.upserts.length + changes.removes.length);
        return ready(await runBehind(updatingSnapshot(other, changes), isAwaited), isAwaited);
      }
    }
    const facts = await snapshots.loadFacts(clusterId, seq, (work) => runBehind(work, isAwaited));
    const compiled = await ready(await runBehind(compilingSnapshot(facts), isAwaited), isAwaited);
    onMade();
    return compiled;
  };
}

async function ready(snapshot: CompiledSnapshot, isAwaited: () => boolean): Promise<CompiledSnapshot> {
  await runBehind(readyingSnapshot(snapshot), isAwaited);
  return snapshot;
}
