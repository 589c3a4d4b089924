import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '#config';
import { isAppError } from '#contracts';
import { LOG, type Log } from '#telemetry';
import { OpenStreams } from '../streams/open-streams.js';
import { StreamAccess, type StreamCaller } from '../streams/stream-access.js';

export const EVENT_STREAM_MEDIA_TYPE = 'text/event-stream';

/** One event. `id` is what a client sends back to go on behind it; it holds no line break. */
export interface ServerEvent {
  readonly id?: string;
  /** Defaults to `message`. */
  readonly event?: string;
  readonly data: unknown;
}

/** How a stream begins. */
export interface StreamStart {
  /** The id of the last event that the client had, from an earlier connection. */
  readonly lastEventId: string | undefined;
  /** Aborted when the client is gone, the stream has reached its longest life, or the process stops. */
  readonly signal: AbortSignal;
}

/** Time that a client gets to take what was sent when its stream ends. */
const END_GRACE_MS = 2_000;
const RETRY_MS = 3_000;

/** Answers requests with server-sent events (HTML standard, "Server-sent events"). */
@Injectable()
export class EventStream {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(StreamAccess) private readonly access: StreamAccess,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * Sends the events of `open` as they come, with a comment as heartbeat while there are none. What `open` throws
   * becomes a problem document; null answers 204, which tells an `EventSource` that there is nothing more. The events
   * are asked for one by one, so a client that reads slowly slows its own stream and nothing else.
   */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    open: (start: StreamStart) => Promise<AsyncIterable<ServerEvent> | null>,
  ): Promise<void> {
    const caller = await this.access.enter({ headers: request.headers, parameters: {}, access: request.access });
    const stream = this.streams.enter();
    reply.raw.once('close', () => {
      stream.close();
    });
    if (reply.raw.destroyed) stream.close();
    try {
      const lastEventId = request.headers['last-event-id']?.toString();
      const events = await caller.run(() => open({ lastEventId, signal: stream.signal }));
      void reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
      if (events === null || request.method === 'HEAD') {
        stream.close();
        await reply.status(events === null ? 204 : 200).send();
        return;
      }
      this.endWith(stream.signal, reply);
      const body = Readable.from(this.frames(events, caller, stream.signal), { objectMode: false, highWaterMark: 1 });
      await reply.header('content-type', EVENT_STREAM_MEDIA_TYPE).send(body);
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** A client that takes nothing any more would keep its stream open beyond its end. */
  private endWith(signal: AbortSignal, reply: FastifyReply): void {
    const destroy = (): void => {
      if (!reply.raw.writableFinished) reply.raw.destroy();
    };
    signal.addEventListener('abort', () => setTimeout(destroy, END_GRACE_MS).unref(), { once: true });
  }

  private async *frames(
    events: AsyncIterable<ServerEvent>,
    caller: StreamCaller,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const iterator = events[Symbol.asyncIterator]();
    const heartbeatMs = this.config.streams.heartbeatSeconds * 1_000;
    try {
      yield `retry: ${String(RETRY_MS)}\n\n`;
      for (;;) {
        const next = caller.run(() => iterator.next());
        let result = await orAfter(next, heartbeatMs);
        while (result === null) {
          yield ': nothing new\n\n';
          result = await orAfter(next, heartbeatMs);
        }
        if (result.done === true || signal.aborted) return;
        await caller.check();
        yield frameOf(result.value);
      }
    } catch (error) {
      // The status is sent: all that is left is to end, and the client comes back and is told why.
      if (isAppError(error)) this.log.info('an event stream ended early', { reason: error.message });
      else this.log.error('an event stream failed', { error });
    } finally {
      await iterator.return?.();
    }
  }
}

/** What the promise gives, or null when it takes longer. */
async function orAfter<T>(promise: Promise<T>, timeoutMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const pause = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, pause]);
  } finally {
    clearTimeout(timer);
  }
}

/** JSON has no raw line breaks, so that data is always one line. */
function frameOf({ id, event, data }: ServerEvent): string {
  const head = [...(id === undefined ? [] : [`id: ${id}`]), ...(event === undefined ? [] : [`event: ${event}`])];
  return `${[...head, `data: ${JSON.stringify(data)}`].join('\n')}\n\n`;
}
