import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { WhenQuiet } from './when-quiet.js';

/** Time after which it is quiet: what is kept for some seconds in case that somebody asks is gone by then. */
const QUIET_MS = 15_000;
/** A cluster that never rests has it done after this time. */
const LATEST_MS = 300_000;
/** Between the two collections, for what came meanwhile. */
const BREATH_MS = 500;
/** What an object takes in the heap, about. */
const OBJECT_BYTES = 1_024;
/** A collection takes time for all that lives: at least this part of the heap has to be replaced first. */
const WORTHWHILE = 0.1;
let replaced = 0;
const collection = new WhenQuiet(
  () => {
    replaced = 0;
    collectGarbage();
    // The first one empties pages, the second gives them back.
    setTimeout(collectGarbage, BREATH_MS).unref();
  },
  QUIET_MS,
  LATEST_MS,
);

/**
 * Collects all garbage once this has not been called for some seconds, after some minutes in any case, and returns its
 * pages to the system: for whoever begins or ends to read much, or has replaced so many objects, of which it takes a
 * tenth of the heap. The runtime does so only when it needs room, so a process would stay as large as it was then. Holds
 * everything else up for some hundred milliseconds, twice.
 */
export function giveBackMemoryWhenQuiet(objects = Number.POSITIVE_INFINITY): void {
  replaced += objects;
  if (replaced * OBJECT_BYTES < WORTHWHILE * getHeapStatistics().used_heap_size) return;
  collection.ask();
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
