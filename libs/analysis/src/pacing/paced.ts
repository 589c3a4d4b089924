import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may hold the event loop. */
const SLICE_MS = 12;
/** Steps between looks at the clock. */
const STEPS_A_LOOK = 64;

/** Runs work that may pause to its end, giving way to everything else again and again. */
export async function runPaced<T>(work: Generator<null, T>): Promise<T> {
  let start = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() - start < SLICE_MS) continue;
    await nextTurn();
    start = performance.now();
  }
}

/** The values of a walk in chunks, as soon as there are some: at most `most` in one, and none that takes longer than a slice. */
export async function* pacedChunks<T>(walk: Iterable<T | null>, most: number): AsyncGenerator<readonly T[]> {
  let chunk: T[] = [];
  let start = performance.now();
  let steps = 0;
  for (const value of walk) {
    if (value !== null) chunk.push(value);
    const isLook = value === null || ++steps % STEPS_A_LOOK === 0;
    if (chunk.length < most && !(isLook && performance.now() - start >= SLICE_MS)) continue;
    if (chunk.length > 0) yield chunk;
    chunk = [];
    await nextTurn();
    start = performance.now();
  }
  if (chunk.length > 0) yield chunk;
}
