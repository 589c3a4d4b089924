import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';

/** What a listener shows of itself when it opens a stream. */
export interface StreamHandshake {
  readonly headers: IncomingHttpHeaders;
  /** What a WebSocket client sent to open its connection; empty for plain requests. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Who listens to a stream, for as long as it listens. */
export interface StreamCaller {
  /** Runs work in the name of the caller: use cases that it calls see what the caller may see. */
  run<T>(work: () => T): T;
  /** Whether the caller may still listen. Asked before each event; a throw ends the stream. */
  check(): Promise<void>;
}

/**
 * Decides who may listen. What a listener gets to see is decided by the use cases, for each event anew; this is about the
 * caller itself. Without authentication a process is reached from this machine only, and everyone may.
 */
@Injectable()
export class StreamAccess {
  /** @throws AppError when the caller may not listen at all */
  enter(_handshake: StreamHandshake): Promise<StreamCaller> {
    return Promise.resolve({ run: (work) => work(), check: () => Promise.resolve() });
  }
}
