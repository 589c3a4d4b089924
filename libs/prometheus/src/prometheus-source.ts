import { Agent, request } from 'undici';
import type { MetricAnswer, MetricSource, Sample } from '#checks';

/** How to reach a server that speaks the Prometheus HTTP API: Prometheus, Thanos, Mimir, VictoriaMetrics. */
export interface PrometheusSettings {
  /** Up to, and without, `/api/v1`. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  /** PEM. The system's authorities when absent. */
  readonly ca?: string | undefined;
  /** PEM, both or neither: mutual TLS. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Value of `X-Scope-OrgID`, which Mimir and Thanos with tenants need. */
  readonly tenant?: string | undefined;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
}

/** Answers above this are cut off: a query that returns so much is not one of ours. */
const MOST_BYTES = 8 * 1024 * 1024;
const TOO_LARGE = unavailable('the answer of the metrics source is larger than 8 MiB');

/**
 * A metrics source over the Prometheus HTTP API. Every failure is an answer; nothing is thrown. One that cannot be reached
 * is not asked again: a run has a dozen questions, and each would wait as long. Close it when done.
 */
export class PrometheusSource implements MetricSource {
  readonly name: string;
  readonly #settings: PrometheusSettings;
  readonly #agent: Agent;
  #unreachable: MetricAnswer | null = null;

  constructor(settings: PrometheusSettings) {
    this.#settings = settings;
    const { ca, cert, key, timeoutMs } = settings;
    this.name = nameOf(settings.url);
    this.#agent = new Agent({
      connect: {
        timeout: timeoutMs,
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      },
    });
  }

  /** The value of each series of an instant query. */
  async instant(query: string, at: Date): Promise<MetricAnswer> {
    if (this.#unreachable !== null) return this.#unreachable;
    const { timeoutMs } = this.#settings;
    const form = { query, time: at.toISOString(), timeout: `${String(Math.max(1, Math.floor(timeoutMs / 1000)))}s` };
    try {
      const { statusCode, body } = await request(`${this.#settings.url.replace(/\/+$/, '')}/api/v1/query`, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: this.#headers(),
        body: new URLSearchParams(form).toString(),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await limitedText(body);
      return text === null ? TOO_LARGE : answerOf(statusCode, text);
    } catch (error) {
      this.#unreachable = unavailable(failureText(error, timeoutMs));
      return this.#unreachable;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #headers(): Record<string, string> {
    const { token, basic, tenant } = this.#settings;
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    else if (basic !== undefined) {
      headers['authorization'] = `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`;
    }
    if (tenant !== undefined) headers['x-scope-orgid'] = tenant;
    return headers;
  }
}

/** Without credentials, query and fragment, which may hold secrets. */
function nameOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/** Null when it is too large. */
async function limitedText(body: AsyncIterable<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unavailable(reason: string): MetricAnswer {
  return { type: 'unavailable', reason };
}

function answerOf(status: number, text: string): MetricAnswer {
  const body = parsed(text);
  if (status === 401 || status === 403)
    return unavailable(`the metrics source refuses the credentials (HTTP ${String(status)})`);
  if (status >= 300 && status < 400)
    return unavailable(`the metrics source redirects (HTTP ${String(status)}), give its final address`);
  if (body?.['status'] === 'error')
    return unavailable(`the metrics source refuses the query: ${String(body['error'])}`);
  if (status !== 200 || body?.['status'] !== 'success') {
    return unavailable(`there is no Prometheus API at this address (HTTP ${String(status)})`);
  }
  const samples = samplesOf(body['data']);
  return samples === null ? unavailable('the metrics source answered with no vector') : { type: 'samples', samples };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return record(JSON.parse(text));
  } catch {
    return null;
  }
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** The samples of a vector or a scalar; null for everything else. */
function samplesOf(data: unknown): readonly Sample[] | null {
  const { resultType, result } = record(data) ?? {};
  if (!Array.isArray(result)) return null;
  if (resultType === 'scalar') return [{ labels: {}, value: valueOf(result) }];
  if (resultType !== 'vector') return null;
  return result.map((entry) => {
    const { metric, value } = record(entry) ?? {};
    const labels = Object.entries(record(metric) ?? {}).map(([key, text]) => [key, String(text)] as const);
    return { labels: Object.fromEntries(labels), value: valueOf(value) };
  });
}

/** Values are texts, `NaN` and `+Inf` among them. */
function valueOf(pair: unknown): number {
  const text: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text);
}

const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be looked up now',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not trusted, give `ca`',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself, give it as `ca`',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that is not trusted, give `ca`',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

function failureText(error: unknown, timeoutMs: number): string {
  // By its fields and not by its class: errors of Node's own do not come from the realm that tests run in.
  const { name, code, message } =
    record(error) === null ? {} : (error as { name?: unknown; code?: unknown; message?: unknown });
  if (name === 'TimeoutError' || name === 'HeadersTimeoutError') {
    return `the metrics source did not answer within ${String(timeoutMs)} ms`;
  }
  return `the metrics source cannot be reached: ${MEANINGS[String(code)] ?? String(message)}`;
}
