import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Time after which it is quiet: what is kept for some seconds in case that somebody asks is gone by then. */
const QUIET_MS = 15_000;
/** Between the two collections, for what came meanwhile. */
const BREATH_MS = 500;
/** What an object takes in the heap, about. */
const OBJECT_BYTES = 1_024;
/** A collection takes time for all that lives: at least this part of the heap has to be replaced first. */
const WORTHWHILE = 0.1;
let waiting: NodeJS.Timeout | undefined;
let replaced = 0;

/**
 * Collects all garbage once this has not been called for some seconds, and returns its pages to the system: for whoever
 * begins or ends to read much, or has replaced so many objects, of which it takes a tenth of the heap. The runtime does so only
 * when it needs room, so a process would stay as large as it was then. Holds everything else up for some hundred
 * milliseconds, twice.
 */
export function giveBackMemoryWhenQuiet(objects = Number.POSITIVE_INFINITY): void {
  replaced += objects;
  if (replaced * OBJECT_BYTES < WORTHWHILE * getHeapStatistics().used_heap_size) return;
  after(QUIET_MS, () => {
    replaced = 0;
    collectGarbage();
    // The first one empties pages, the second gives them back.
    after(BREATH_MS, collectGarbage);
  });
}

function after(ms: number, work: () => void): void {
  clearTimeout(waiting);
  waiting = setTimeout(work, ms).unref();
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
