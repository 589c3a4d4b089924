import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { type WatchProcess, WhenQuiet } from './when-quiet.js';

/**
 * It is quiet after fifteen seconds, as what is kept for some seconds in case that somebody asks is gone by then, and when the
 * last of them had little to do: nobody who reads a list is held up. A cluster that never rests has it done after five minutes.
 */
const PATIENCE = { quietMs: 14_000, lookMs: 1_000, latestMs: 300_000 };
/** A loop that ran for more than this part of a time was busy in it. */
const BUSY = 0.2;
/** Between the two collections, for what came meanwhile. */
const BREATH_MS = 500;
/** What an object takes in the heap, about. */
const OBJECT_BYTES = 1_024;
/** A collection takes time for all that lives: at least this part of the heap has to be replaced first. */
const WORTHWHILE = 0.1;

const watchLoop: WatchProcess = () => {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).utilization > BUSY;
};

let replaced = 0;
const collection = new WhenQuiet(
  () => {
    replaced = 0;
    collectGarbage();
    // The first one empties pages, the second gives them back.
    setTimeout(collectGarbage, BREATH_MS).unref();
  },
  PATIENCE,
  watchLoop,
);

/**
 * Collects all garbage once this has not been called for some seconds and there is little to do, after some minutes in any case, and
 * returns its pages to the system: for whoever begins or ends to read much, or has replaced so many objects, of which it takes a
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
