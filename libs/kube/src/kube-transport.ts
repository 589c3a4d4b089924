import { createHash } from 'node:crypto';
import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { type RequestOptions, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import type { KubeConfig } from '@kubernetes/client-node';

import { type FaultType, KubeFault, connectionFault, statusFault } from './kube-fault.js';
import { type KubeAccess, loadKubeConfig } from './kubeconfig.js';

/** One page of a list must fit in memory many times over. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
/** Credentials that are refused are read again, but no more often than this. */
const RELOAD_MS = 2_000;
/** Faults that new credentials may mend: a token or certificate that was rotated. */
const STALE_CREDENTIALS: ReadonlySet<FaultType> = new Set(['unauthorised', 'credentials', 'tls']);

export interface KubeAnswer {
  /** 200 or 304. */
  readonly status: number;
  readonly contentType: string;
  readonly etag: string;
  readonly body: Buffer;
}

export interface GetOptions {
  readonly signal: AbortSignal;
  /** For messages, as `pods`. */
  readonly what: string;
  readonly accept?: string;
  readonly ifNoneMatch?: string;
}

/** Sends GET requests to one kube-apiserver with the kubeconfig's authentication. There is no other verb. */
export class KubeTransport {
  private base: URL;
  private agent: { readonly key: string; readonly value: Agent } | null = null;
  private loadedAt = Date.now();
  private reloading: Promise<boolean> | null = null;

  private constructor(
    private readonly access: KubeAccess,
    private config: KubeConfig,
    private readonly timeoutMs: number,
  ) {
    this.base = new URL(serverOf(config));
  }

  /** Loads the credentials; connects later. Throws what `loadKubeConfig` throws. */
  static async create(access: KubeAccess, timeoutMs: number): Promise<KubeTransport> {
    return new KubeTransport(access, await loadKubeConfig(access), timeoutMs);
  }

  /** The URL of the kubeconfig. */
  get server(): string {
    return serverOf(this.config);
  }

  /** The whole answer. Throws `KubeFault` for everything but 200 and 304. */
  async get(path: string, options: GetOptions): Promise<KubeAnswer> {
    const response = await this.send(path, options, true);
    const body = await this.readBody(response, options, MAX_BODY_BYTES);
    return {
      status: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? '',
      etag: response.headers.etag ?? '',
      body,
    };
  }

  /** The answer's body as parsed JSON. */
  async getJson(path: string, options: GetOptions): Promise<unknown> {
    return parseJson((await this.get(path, options)).body, options.what);
  }

  /** An open stream, for a watch: it ends when the server ends it or `signal` is aborted. */
  async open(path: string, options: GetOptions): Promise<IncomingMessage> {
    return this.send(path, options, false);
  }

  close(): void {
    this.agent?.value.destroy();
    this.agent = null;
  }

  /** Sends once more when the credentials were refused and there are newer ones. */
  private async send(path: string, options: GetOptions, compressed: boolean): Promise<IncomingMessage> {
    try {
      return await this.sendOnce(path, options, compressed);
    } catch (error) {
      const mayBeStale = error instanceof KubeFault && STALE_CREDENTIALS.has(error.type);
      if (!mayBeStale || !(await this.reload())) throw error;
      return this.sendOnce(path, options, compressed);
    }
  }

  /** Reads the kubeconfig and the files that it names again. False when there is nothing to read, or it was read just now. */
  private reload(): Promise<boolean> {
    if (this.reloading) return this.reloading;
    if (this.access.type === 'text' || Date.now() - this.loadedAt < RELOAD_MS) return Promise.resolve(false);
    this.loadedAt = Date.now();
    this.reloading = this.loadAgain().finally(() => {
      this.reloading = null;
    });
    return this.reloading;
  }

  private async loadAgain(): Promise<boolean> {
    try {
      this.config = await loadKubeConfig(this.access);
      this.base = new URL(this.server);
      return true;
    } catch {
      // Half written: the fault that led here is told, and the next request tries again.
      return false;
    }
  }

  private async sendOnce(path: string, options: GetOptions, compressed: boolean): Promise<IncomingMessage> {
    const request = await this.authenticated(options, compressed);
    const response = await this.firstByte(path, request, options);
    const status = response.statusCode ?? 0;
    if (status === 200 || (status === 304 && options.ifNoneMatch !== undefined)) return response;
    const body = await this.readBody(response, options, MAX_ERROR_BYTES).catch(() => Buffer.of());
    throw statusFault(status, body.toString(), options.what, response.headers['retry-after']);
  }

  private async authenticated(options: GetOptions, compressed: boolean): Promise<RequestOptions> {
    const headers: Record<string, string> = {
      accept: options.accept ?? 'application/json',
      'user-agent': 'netpol-atlas',
      ...(compressed ? { 'accept-encoding': 'gzip' } : {}),
      ...(options.ifNoneMatch === undefined ? {} : { 'if-none-match': options.ifNoneMatch }),
    };
    const request: RequestOptions = { headers };
    try {
      await this.config.applyToHTTPSOptions(request);
    } catch (error) {
      const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      throw new KubeFault('credentials', `cannot use the credentials of the kubeconfig: ${text}`, 0, error);
    }
    request.agent = this.keepAliveAgent(request);
    return request;
  }

  /** The client makes an agent for each request. One is kept, for its connections, until the credentials change. */
  private keepAliveAgent(request: RequestOptions): Agent {
    const made = request.agent as Agent & { keepAlive?: boolean };
    const key = createHash('sha256');
    for (const part of [request.ca, request.cert, request.key, request.pfx]) key.update(JSON.stringify(part ?? null));
    const digest = key.digest('hex');
    if (this.agent?.key === digest) return this.agent.value;
    // Connections of the old agent end by themselves when their requests do.
    made.keepAlive = true;
    this.agent = { key: digest, value: made };
    return made;
  }

  private firstByte(path: string, request: RequestOptions, options: GetOptions): Promise<IncomingMessage> {
    const url = new URL(this.base.pathname.replace(/\/$/, '') + path, this.base);
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = open(url, { ...request, method: 'GET', signal: options.signal });
      const timer = setTimeout(() => {
        outgoing.destroy(new KubeFault('timeout', `${this.server} did not answer within ${this.timeoutMs / 1000} s`));
      }, this.timeoutMs);
      outgoing.on('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(connectionFault(error, this.server));
      });
      outgoing.end();
    });
  }

  private readBody(response: IncomingMessage, options: GetOptions, limit: number): Promise<Buffer> {
    const gzipped = response.headers['content-encoding'] === 'gzip';
    const stream: Readable = gzipped ? response.pipe(createGunzip()) : response;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const fail = (error: Error): void => {
        clearTimeout(timer);
        response.destroy();
        reject(connectionFault(error, this.server));
      };
      const timer = setTimeout(() => {
        fail(new KubeFault('timeout', `${this.server} stopped sending ${options.what}`));
      }, this.timeoutMs);
      stream.on('data', (chunk: Buffer) => {
        timer.refresh();
        size += chunk.length;
        if (size > limit)
          fail(new KubeFault('protocol', `the answer for ${options.what} is larger than ${limit} bytes`));
        else chunks.push(chunk);
      });
      stream.on('end', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks));
      });
      stream.on('error', fail);
      response.on('error', fail);
      response.on('aborted', () =>
        fail(new KubeFault('network', `${this.server} broke off while sending ${options.what}`)),
      );
    });
  }
}

function serverOf(config: KubeConfig): string {
  return config.getCurrentCluster()?.server ?? '';
}

/** Parses an answer; throws a protocol fault when it is no JSON. */
export function parseJson(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new KubeFault('protocol', `the answer for ${what} is not JSON`, 0, error);
  }
}
