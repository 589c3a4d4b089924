import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { addressOf } from './address-guard.js';
import { DeliveryError, TargetGoneError } from './delivery-error.js';

/** How things are sent. */
export interface SendOptions {
  /** Whether addresses that are not on the internet may be sent to, and plain HTTP. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
}

export interface HttpMessage {
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Of an answer that is not a success so much is told. */
const MOST_TOLD = 200;
const MOST_READ = 16_384;
const GONE = 410;
/** Refusals that may pass. */
const PASSING = new Set([408, 409, 425, 429]);

/**
 * Sends a request to the address that was checked, follows no redirect, and reads a bounded answer.
 * @throws DeliveryError for everything but a 2xx
 */
export async function sendHttp({ method, url, headers, body }: HttpMessage, options: SendOptions): Promise<void> {
  const { allowPrivate, timeoutMs } = options;
  const { protocol, hostname, host } = new URL(url);
  if (protocol !== 'https:' && !allowPrivate) throw new DeliveryError(`\`${host}\` is plain http, use https`, true);
  const target = await addressOf(hostname, allowPrivate);
  const agent = new Agent({ connect: { timeout: timeoutMs, lookup: always(target) } });
  try {
    const answer = await request(url, {
      method,
      headers: { 'user-agent': 'netpol-atlas', ...headers },
      body,
      dispatcher: agent,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return;
    const hint = statusCode >= 300 && statusCode < 400 ? ', redirects are not followed' : '';
    const problem = `\`${host}\` answered ${String(statusCode)}${hint}${await told(answer.body)}`;
    if (statusCode === GONE) throw new TargetGoneError(problem);
    const retryAfterMs = waitAskedFor(answer.headers['retry-after']);
    throw new DeliveryError(problem, statusCode < 500 && !PASSING.has(statusCode), { retryAfterMs });
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    throw new DeliveryError(`\`${host}\` could not be reached: ${reasonOf(error, timeoutMs)}`, false, { cause: error });
  } finally {
    await agent.destroy();
  }
}

/** Posts a value as JSON. @throws DeliveryError for everything but a 2xx */
export function postJson(url: string, value: unknown, options: SendOptions): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  return sendHttp({ method: 'POST', url, headers, body: JSON.stringify(value) }, options);
}

/** Whatever is asked for, the address that was checked. */
function always({ address, family }: { readonly address: string; readonly family: 4 | 6 }): LookupFunction {
  return (_host, { all }, callback) => {
    if (all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

/** Of `Retry-After`, which is seconds or a time; 0 for what is neither. */
function waitAskedFor(header: string | string[] | undefined): number {
  if (typeof header !== 'string') return 0;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(waitMs) ? 0 : Math.max(0, waitMs);
}

async function told(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_READ) break;
  }
  const text = Buffer.concat(chunks).toString('utf8').replaceAll(/\s+/g, ' ').trim().slice(0, MOST_TOLD);
  return text === '' ? '' : `: ${text}`;
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'TimeoutError' || code?.endsWith('TIMEOUT') === true) return `no answer within ${String(timeoutMs)} ms`;
  return code ?? message ?? 'the connection failed';
}
