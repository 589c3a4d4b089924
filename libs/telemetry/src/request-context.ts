import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of one request or job carries. */
export interface RequestContext {
  readonly requestId: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work` with `context`; everything it calls or awaits sees it. */
export function runInRequest<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The context of the running request or job; undefined outside one. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

const ACCEPTABLE = /^[A-Za-z0-9._:-]{1,128}$/;

/** A caller's request id when it is harmless to log and send back, else a new random one. */
export function requestIdFrom(header: unknown): string {
  return typeof header === 'string' && ACCEPTABLE.test(header) ? header : globalThis.crypto.randomUUID();
}
