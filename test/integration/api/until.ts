import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again until there is something. */
export type Until = <T>(look: () => T | null | Promise<T | null>) => Promise<T>;

/** Looks for so long; rejects when there is nothing by then. */
export function untilWithin(timeoutMs: number): Until {
  return async (look) => {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      if (Date.now() > deadline) throw new Error('it did not come in time');
      await sleep(50);
    }
  };
}
