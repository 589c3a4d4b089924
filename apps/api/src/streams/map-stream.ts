/** The events of a stream in another form. Ending it ends the source. */
export async function* mapStream<T, U>(source: AsyncIterable<T>, map: (event: T) => U): AsyncGenerator<U> {
  for await (const event of source) yield map(event);
}
