import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** How long work may hold the event loop. */
const SLICE_MS = 12;
/** The same of work that nobody waits for, which rests as long as it worked, or, while somebody waits for other work, much longer. */
const BEHIND_SLICE_MS = 3;
const RESTS_WHILE_AWAITED = 9;

/** How much work somebody waits for that could not be done in one slice. */
let awaited = 0;

/**
 * Runs work that may pause to its end, giving way to everything else again and again. `hear` is told how far it is; what
 * it throws ends the work.
 */
export async function runPaced<T, S = never>(
  work: Generator<S | null, T>,
  hear?: (step: S) => Promise<void>,
): Promise<T> {
  let start = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (step.value !== null) await hear?.(step.value);
    if (performance.now() - start < SLICE_MS) continue;
    await breath();
    start = performance.now();
  }
}

/** Lets everything else have its turn. Work behind meanwhile knows that somebody waits. */
async function breath(): Promise<void> {
  awaited += 1;
  await nextTurn();
  awaited -= 1;
}

/**
 * The same for work that nobody waits for, as long as `isAwaited` says so: in short slices, and never more than half of the
 * time, or a tenth of it while somebody waits for other work, so that a question meanwhile hardly feels it.
 */
export async function runBehind<T>(work: Generator<null, T>, isAwaited: () => boolean): Promise<T> {
  let start = performance.now();
  for (;;) {
    if (isAwaited()) return runPaced(work);
    const step = work.next();
    if (step.done === true) return step.value;
    const worked = performance.now() - start;
    if (worked < BEHIND_SLICE_MS) continue;
    await sleep(awaited > 0 ? worked * RESTS_WHILE_AWAITED : worked);
    start = performance.now();
  }
}

/** The values of a walk in chunks, as soon as there are some: at most `most` in one, and none that takes longer than a slice. */
export function pacedChunks<T>(walk: Iterable<T | null>, most: number): AsyncGenerator<readonly T[]> {
  return pacedBatches(inOnes(walk), most);
}

/** The same of a walk that tells some values at a time; a chunk ends with the batch that fills it. */
export async function* pacedBatches<T>(
  walk: Iterable<readonly T[] | null>,
  most: number,
): AsyncGenerator<readonly T[]> {
  let chunk: T[] = [];
  let start = performance.now();
  for (const batch of walk) {
    for (const value of batch ?? []) chunk.push(value);
    if (chunk.length < most && performance.now() - start < SLICE_MS) continue;
    if (chunk.length > 0) yield chunk;
    chunk = [];
    await breath();
    start = performance.now();
  }
  if (chunk.length > 0) yield chunk;
}

function* inOnes<T>(walk: Iterable<T | null>): Generator<readonly T[] | null> {
  for (const value of walk) yield value === null ? null : [value];
}
