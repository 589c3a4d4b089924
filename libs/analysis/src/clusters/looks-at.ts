import type { Database } from '#store';

/**
 * When to look again at what is stored of a cluster: at once, then after each word about it on `channel` (whose payloads
 * begin with its id), and whenever a word may have been missed; until `signal` is aborted. Gives its id each time.
 */
export async function* looksAt(
  database: Database,
  channel: string,
  clusterId: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let isStale = true;
  let wake = (): void => undefined;
  const notice = (): void => {
    isStale = true;
    wake();
  };
  const onWord = (payload: string): void => {
    if (payload.startsWith(clusterId)) notice();
  };
  const unlisten = await database.listen(channel, onWord, notice);
  signal.addEventListener('abort', notice, { once: true });
  try {
    while (!signal.aborted) {
      if (!isStale) await new Promise<void>((resolve) => (wake = resolve));
      isStale = false;
      yield clusterId;
    }
  } finally {
    await unlisten();
  }
}
