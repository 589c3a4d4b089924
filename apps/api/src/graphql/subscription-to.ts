import { mapStream } from '../streams/map-stream.js';

/**
 * A stream of events as what a `@Subscription` named `field` gives. `open` gets a signal that is aborted when the client
 * ends the subscription; what it throws ends the subscription before it begins.
 */
export async function subscriptionTo<F extends string, T, N>(
  field: F,
  map: (event: T) => N,
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
): Promise<AsyncIterableIterator<Record<F, N>>> {
  const controller = new AbortController();
  const source = mapStream(await open(controller.signal), (event) => ({ [field]: map(event) }) as Record<F, N>);
  const events: AsyncIterableIterator<Record<F, N>> = {
    next: () => source.next(),
    // Without the signal a source that waits for its next event would keep the client's word waiting with it.
    return: () => {
      controller.abort();
      return source.return(undefined);
    },
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}
