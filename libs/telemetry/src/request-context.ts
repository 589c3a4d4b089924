import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of one request or job carries. */
export interface RequestContext {
  readonly requestId: string;
  /** The trace of the caller that the request is a part of. */
  readonly traceId?: string;
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

/** W3C Trace Context, version 00; no id of it is all zeros. */
const TRACE_PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The id of the trace that a `traceparent` header names; undefined when it names none. */
export function traceIdFrom(header: unknown): string | undefined {
  return typeof header === 'string' ? TRACE_PARENT.exec(header)?.[1] : undefined;
}
