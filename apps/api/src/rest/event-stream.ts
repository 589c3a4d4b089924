import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** One event as `EventSource` reads it; null is a comment that keeps the connection open. */
export interface StreamEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

const RETRY_MS = 2_000;

/** Sends events to a client as they come, until they end or the client leaves; then the generator is returned. */
export function sendEvents(reply: FastifyReply, events: AsyncIterable<StreamEvent | null>): void {
  void reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(texts(events), { objectMode: true }));
}

async function* texts(events: AsyncIterable<StreamEvent | null>): AsyncGenerator<string, void> {
  yield `retry: ${String(RETRY_MS)}\n\n`;
  for await (const event of events) {
    yield event === null
      ? ': still here\n\n'
      : `id: ${String(event.id)}\nevent: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`;
  }
}
