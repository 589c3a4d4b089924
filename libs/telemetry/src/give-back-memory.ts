import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Time after which it is quiet. */
const QUIET_MS = 5_000;
/** Between the two collections, for what came meanwhile. */
const BREATH_MS = 500;
let waiting: NodeJS.Timeout | undefined;

/**
 * Collects all garbage once this has not been called for some seconds, and returns its pages to the system: for whoever
 * begins or ends to read much. The runtime does so only when it needs room, so a process would stay as large as it was then.
 * Holds everything else up for some hundred milliseconds, twice.
 */
export function giveBackMemoryWhenQuiet(): void {
  after(QUIET_MS, () => {
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
