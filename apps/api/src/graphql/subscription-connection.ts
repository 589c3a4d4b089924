import type { IncomingHttpHeaders } from 'node:http';
import type { Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Config } from '#config';
import { runInRequest } from '#telemetry';
import type { StreamCaller } from '../streams/stream-access.js';

/** WebSocket close codes: RFC 6455 below 4000, those of the protocol `graphql-transport-ws` above. */
export const CLOSE = { normal: 1000, goingAway: 1001, internal: 4500, unauthorized: 4401, forbidden: 4403 } as const;

type Bounds = Pick<Config['streams'], 'heartbeatSeconds' | 'idleSeconds'>;

/** One client's connection: what the protocol needs of a socket, and the bounds of its life. */
export class SubscriptionConnection {
  /** Who it is; set once the client has introduced itself. */
  caller: StreamCaller | null = null;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  private readonly active = new Set<string>();
  private idleTimer: NodeJS.Timeout | undefined;
  private idleMs = 0;

  constructor(
    private readonly socket: WebSocket,
    { headers, requestId }: { readonly headers: IncomingHttpHeaders; readonly requestId: string },
  ) {
    this.headers = headers;
    this.requestId = requestId;
  }

  /** Speaks the protocol until either side ends the connection, or `end` is aborted. */
  serve(protocol: Server<SubscriptionConnection>, end: AbortSignal, bounds: Bounds): void {
    const { socket } = this;
    this.idleMs = bounds.idleSeconds * 1_000;
    this.watchIdleness();
    const stopHeartbeat = keepAlive(socket, bounds.heartbeatSeconds * 1_000);
    end.addEventListener('abort', () => {
      this.close(CLOSE.goingAway, 'the connection has reached its longest life, or the server stops: connect again');
    });
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // Resolves when the bytes are on their way: the next event is not fetched for a client that does not read.
        send: (text) =>
          new Promise((resolve, reject) => {
            if (socket.readyState !== socket.OPEN) {
              resolve();
              return;
            }
            socket.send(text, (error) => {
              if (error) reject(error);
              else resolve();
            });
          }),
        close: (code, reason) => {
          this.close(code ?? CLOSE.normal, reason ?? '');
        },
        onMessage: (handle) => {
          socket.on('message', (data: Buffer) => {
            void this.take(() => handle(data.toString('utf8')));
          });
        },
      },
      this,
    );
    socket.on('error', () => {
      socket.terminate();
    });
    socket.once('close', (code, reason) => {
      clearTimeout(this.idleTimer);
      stopHeartbeat();
      void closed(code, reason.toString());
    });
  }

  /** A subscription began. */
  begin(id: string): void {
    this.active.add(id);
    clearTimeout(this.idleTimer);
  }

  /** A subscription ended. */
  finish(id: string): void {
    this.active.delete(id);
    this.watchIdleness();
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  /** In the name of the caller, and under the request id that errors and log lines carry. */
  private async take(handle: () => Promise<void>): Promise<void> {
    try {
      const { caller, requestId } = this;
      await runInRequest({ requestId }, () => (caller === null ? handle() : caller.run(handle)));
    } catch {
      this.close(CLOSE.internal, 'internal error');
    }
  }

  private watchIdleness(): void {
    if (this.active.size > 0 || this.socket.readyState !== this.socket.OPEN) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => {
      this.close(CLOSE.normal, 'idle: no subscription is active');
    }, this.idleMs);
  }
}

/** Pings, and drops the connection of a client that does not answer until the next one. */
function keepAlive(socket: WebSocket, intervalMs: number): () => void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const timer = setInterval(() => {
    if (!isAlive) socket.terminate();
    else if (socket.readyState === socket.OPEN) {
      isAlive = false;
      socket.ping();
    }
  }, intervalMs);
  return () => {
    clearInterval(timer);
  };
}
