import { didYouMean } from '#engine';

import { CliError, fieldLines } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';

const REQUEST_TIMEOUT_MS = 60_000;

/** What a request may carry. `json` and `bytes` exclude each other. */
interface RequestParts {
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly json?: unknown;
  readonly bytes?: { readonly content: Uint8Array; readonly contentType: string };
}

/** The body of an error answer (RFC 9457), as far as it is shown. */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly retryable?: boolean;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Names that are close to one that does not exist. */
  readonly near?: readonly string[];
}

/** The largest page that a server gives. */
const PAGE = '100';

/** Speaks REST with a running service. Every failure is a `CliError` with the exit code that fits. */
export class ServerClient {
  /** What the servers of this run know the caller by; none when undefined. */
  static token: string | undefined;

  readonly #base: URL;

  constructor(server: string) {
    const text = /^https?:\/\//.test(server) ? server : `http://${server}`;
    if (!URL.canParse(text)) {
      throw new CliError(EXIT.usage, `\`${server}\` is not an address of a server, write it as http://127.0.0.1:8080`);
    }
    this.#base = new URL(text.endsWith('/') ? text : `${text}/`);
  }

  get(path: string, query: RequestParts['query'] = {}): Promise<unknown> {
    return this.#send('GET', path, { query });
  }

  /** The items of a list, of all its pages; `more` when there are more than `most`. */
  async list(
    path: string,
    query: RequestParts['query'] = {},
    most = Infinity,
  ): Promise<{ readonly items: readonly unknown[]; readonly more: boolean }> {
    const items: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = (await this.get(path, { ...query, limit: PAGE, cursor })) as {
        readonly items: readonly unknown[];
        readonly page: { readonly nextCursor: string | null };
      };
      items.push(...page.items);
      cursor = page.page.nextCursor ?? undefined;
    } while (cursor !== undefined && items.length < most);
    return { items, more: cursor !== undefined };
  }

  post(path: string, json?: unknown): Promise<unknown> {
    return this.#send('POST', path, json === undefined ? {} : { json });
  }

  put(path: string, content: Uint8Array, contentType: string): Promise<unknown> {
    return this.#send('PUT', path, { bytes: { content, contentType } });
  }

  putJson(path: string, json: unknown): Promise<unknown> {
    return this.#send('PUT', path, { json });
  }

  postBytes(path: string, bytes: NonNullable<RequestParts['bytes']>, query: RequestParts['query']): Promise<unknown> {
    return this.#send('POST', path, { bytes, query });
  }

  patch(path: string, json: unknown): Promise<unknown> {
    return this.#send('PATCH', path, { json });
  }

  delete(path: string): Promise<unknown> {
    return this.#send('DELETE', path, {});
  }

  /** A long answer of one JSON value a line, some at a time, as soon as they are there. */
  async lines(
    path: string,
    query: RequestParts['query'],
  ): Promise<{ head: Headers; lines: AsyncGenerator<readonly unknown[]> }> {
    const { response } = await this.#ask('GET', path, { query });
    return { head: response.headers, lines: linesOf(response) };
  }

  #url(path: string, { query = {} }: RequestParts): URL {
    const url = new URL(`api/v1/${path}`, this.#base);
    for (const [name, value] of Object.entries(query)) {
      for (const each of value === undefined ? [] : [value].flat()) url.searchParams.append(name, each);
    }
    return url;
  }

  /** An answer that is a file. */
  async bytes(path: string, query: RequestParts['query'] = {}): Promise<Uint8Array> {
    const { response } = await this.#ask('GET', path, { query });
    return new Uint8Array(await response.arrayBuffer());
  }

  async #send(method: string, path: string, parts: RequestParts): Promise<unknown> {
    const { response, url } = await this.#ask(method, path, parts);
    const text = await response.text();
    if (text === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new CliError(EXIT.unreachable, `\`${url.origin}\` did not answer with JSON, is it a Netpol Atlas server?`);
    }
  }

  /** The answer to a request that succeeded. */
  async #ask(method: string, path: string, parts: RequestParts): Promise<{ response: Response; url: URL }> {
    const url = this.#url(path, parts);
    const response = await this.#fetch(url, method, parts);
    if (!response.ok) throw failure(response, await response.text(), url);
    return { response, url };
  }

  async #fetch(url: URL, method: string, parts: RequestParts): Promise<Response> {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (ServerClient.token !== undefined) headers['authorization'] = `Bearer ${ServerClient.token}`;
    let body: string | Uint8Array | undefined;
    if (parts.json !== undefined) {
      headers['content-type'] = 'application/json';
      body = JSON.stringify(parts.json);
    } else if (parts.bytes !== undefined) {
      headers['content-type'] = parts.bytes.contentType;
      body = parts.bytes.content;
    }
    try {
      return await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      throw new CliError(
        EXIT.unreachable,
        `cannot reach \`${url.origin}\`: ${reasonOf(error as ErrorLike)}; is the server running?`,
      );
    }
  }
}

async function* linesOf({ body }: Response): AsyncGenerator<readonly unknown[]> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as unknown);
  }
  if (rest !== '') yield [JSON.parse(rest) as unknown];
}

/** What errors have, without `instanceof`: `fetch` throws errors of Node's own realm, which under a test is another. */
interface ErrorLike {
  readonly name?: string;
  readonly message?: string;
  readonly cause?: ErrorLike;
  readonly errors?: readonly ErrorLike[];
}

/** `fetch` wraps what went wrong on the wire; the innermost message is the one that helps. */
function reasonOf(error: ErrorLike): string {
  if (error.name === 'TimeoutError') return `no answer within ${String(REQUEST_TIMEOUT_MS / 1000)} s`;
  const inner = error.cause ?? error.errors?.[0];
  if (inner !== undefined) return reasonOf(inner);
  return error.message ?? 'the connection failed';
}

function failure(response: Response, text: string, url: URL): CliError {
  const problem = problemIn(text);
  if (problem === null) {
    const message = `\`${url.origin}\` answered ${String(response.status)} to ${url.pathname}, is it a Netpol Atlas server?`;
    return new CliError(response.status >= 500 ? EXIT.unreachable : EXIT.usage, message);
  }
  const message = problem.detail ?? problem.title ?? `the server answered ${String(response.status)}`;
  const told = fieldLines(message, problem.errors);
  if (problem.near !== undefined && problem.near.length > 0) told.push(didYouMean(problem.near));
  if (response.status === 401) told.push(HOW_TO_SIGN_IN);
  if (response.status >= 500 && problem.requestId !== undefined) told.push(`request ${problem.requestId}`);
  return new CliError(exitCodeOf(response.status, problem), message, told);
}

const HOW_TO_SIGN_IN =
  'give a token by --token before the command or by ATLAS_TOKEN: one of your identity provider, or one of `atlas tokens create`';

function exitCodeOf(status: number, problem: Problem): ExitCode {
  return status >= 500 || problem.retryable === true ? EXIT.unreachable : EXIT.usage;
}

function problemIn(text: string): Problem | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'title' in body ? (body as Problem) : null;
  } catch {
    return null;
  }
}
