import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { runWithAccess, type Access, type Caller } from '#access';
import { AppError } from '#contracts';
import { CallerResolver } from '../access/caller-resolver.js';
import { demandAccess } from '../access/guard-requests.js';

/** What a listener shows of itself when it opens a stream. */
export interface StreamHandshake {
  readonly headers: IncomingHttpHeaders;
  /** What a WebSocket client sent to open its connection; empty for plain requests. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What the route lets the caller see; null where the fields of an operation decide. */
  readonly access: Access | null;
}

/** Who listens to a stream, for as long as it listens. */
export interface StreamCaller {
  readonly caller: Caller;
  /** Runs work in the name of the caller: use cases that it calls see what the caller may see. */
  run<T>(work: () => T): T;
  /** Whether the caller may still listen. Asked before each event; a throw ends the stream. */
  check(): Promise<void>;
}

/** What proved a caller may be taken back: it is looked at again after this time. */
const PROVE_AGAIN_MS = 30_000;

/**
 * Decides who may listen. What a listener gets to see is decided by the use cases, for each event anew; this is about the
 * caller itself.
 */
@Injectable()
export class StreamAccess {
  constructor(@Inject(CallerResolver) private readonly resolver: CallerResolver) {}

  /** @throws AppError when the caller may not listen at all */
  async enter({ headers, parameters, access }: StreamHandshake): Promise<StreamCaller> {
    // A browser cannot set headers on a WebSocket, so its token comes with the first message.
    const given = parameters['authorization'] ?? parameters['Authorization'];
    const shown = typeof given === 'string' ? { ...headers, authorization: given } : headers;
    const caller = await this.resolver.resolve(shown);
    let provenAt = Date.now();
    return {
      caller,
      run: (work) => (access === null ? work() : runWithAccess(access, work)),
      check: async () => {
        const now = Date.now();
        if (caller.expiresAt !== null && caller.expiresAt.getTime() <= now) {
          throw new AppError('unauthenticated', 'what proved the caller has expired, connect again with a fresh token');
        }
        if (now - provenAt < PROVE_AGAIN_MS) return;
        const again = await this.resolver.resolve(shown);
        if (access !== null && access.action !== 'system') demandAccess(again, access.action);
        provenAt = now;
      },
    };
  }
}
