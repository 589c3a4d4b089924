interface Ended<R> {
  readonly begun: Promise<Ended<R>>;
  readonly result: R;
}

/**
 * What `work` gives for each of `items`, each as it ends, with at most `atOnce` at work. Ends with the first failure; work
 * that has begun by then, or when the reader leaves, ends unheard.
 */
export async function* asTheyCome<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const waiting = items.values();
  const running = new Set<Promise<Ended<R>>>();
  const start = (): void => {
    const next = waiting.next();
    if (next.done === true) return;
    const begun: Promise<Ended<R>> = work(next.value).then((result) => ({ begun, result }));
    // It may fail while the reader is busy with what came before: Node would take that for unhandled, and end the process.
    begun.catch(() => undefined);
    running.add(begun);
  };
  for (let i = 0; i < atOnce; i++) start();
  while (running.size > 0) {
    const { begun, result } = await Promise.race(running);
    running.delete(begun);
    start();
    yield result;
  }
}
