import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** What a proxy does to the lines of a watch. */
const WATCH_FAULTS = ['cut', 'delay', 'duplicate', 'reorder', '410', 'garbage line', 'stalled stream'] as const;
/** What it does to a request instead of answering it well. */
const REQUEST_FAULTS = ['429', '500', 'truncated body', '410 for a page'] as const;
export const FAULTS = [...WATCH_FAULTS, ...REQUEST_FAULTS];
export type Fault = (typeof FAULTS)[number];

const DELAY_MS = 300;
const HOLD_MS = 200;

/** Stands between a client and a kube-apiserver, over plain HTTP towards the client, and does harm on demand. */
export class FaultProxy {
  /** What it does now, each time with this chance; none when empty. */
  active: readonly Fault[] = [];
  chance = 1;
  /** How often each fault was done. */
  readonly done = new Map<Fault, number>();
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: { readonly url: string; readonly ca: string },
    private readonly random: () => number,
  ) {
    this.server = createServer((request, response) => this.forward(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(target: { readonly url: string; readonly ca: string }, random: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  kubeconfig(token: string): string {
    const server = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return JSON.stringify({
      'current-context': 'proxied',
      contexts: [{ name: 'proxied', context: { cluster: 'proxied', user: 'proxied' } }],
      clusters: [{ name: 'proxied', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'proxied', user: { token } }],
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The fault to do now of those that apply; null for none. Counted as done. */
  private strike(applicable: readonly Fault[]): Fault | null {
    const choices = this.active.filter((fault) => applicable.includes(fault));
    const fault = choices[Math.floor(this.random() * choices.length)];
    if (fault === undefined || this.random() >= this.chance) return null;
    this.done.set(fault, (this.done.get(fault) ?? 0) + 1);
    return fault;
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.target.url);
    const isWatch = url.searchParams.get('watch') === 'true';
    const isPage = url.searchParams.has('continue');
    const isList = url.searchParams.has('limit');
    const fault = this.strike([
      ...(isWatch || isList ? (['429', '500'] as const) : []),
      ...(isList ? (['truncated body'] as const) : []),
      ...(isPage ? (['410 for a page'] as const) : []),
    ]);
    if (fault === '429') refuse(response, 429, { 'retry-after': '1' });
    else if (fault === '500') refuse(response, 500);
    else if (fault === '410 for a page') refuse(response, 410);
    else this.pass(url, request, response, isWatch, fault === 'truncated body');
  }

  private pass(
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
    isWatch: boolean,
    isTruncated: boolean,
  ): void {
    const { host: _host, connection: _connection, ...headers } = request.headers;
    response.on('error', () => undefined);
    const upstream = httpsRequest(url, { method: request.method, headers, ca: this.target.ca }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (isWatch && answer.statusCode === 200) this.relayLines(answer, response);
      else if (isTruncated) {
        answer.once('data', (chunk: Buffer) => {
          response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy());
        });
      } else answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    upstream.end();
  }

  private relayLines(answer: IncomingMessage, response: ServerResponse): void {
    let isStalled = false;
    let held: string | null = null;
    let sending = Promise.resolve();
    response.flushHeaders();
    const send = (text: string): void => {
      if (!isStalled && response.writable) response.write(`${text}\n`);
    };
    const release = (): void => {
      if (held !== null) send(held);
      held = null;
    };
    const relay = async (line: string): Promise<void> => {
      if (held !== null) {
        send(line);
        release();
        return;
      }
      switch (this.strike(WATCH_FAULTS)) {
        case 'cut':
          response.write(line.slice(0, line.length / 2), () => response.destroy());
          return;
        case 'delay':
          await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
          break;
        case 'duplicate':
          send(line);
          break;
        case 'reorder':
          held = line;
          setTimeout(release, HOLD_MS);
          return;
        case '410':
          send(JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old (injected)' } }));
          response.end();
          return;
        case 'garbage line':
          send('<html>upstream hiccup</html>');
          break;
        case 'stalled stream':
          isStalled = true;
          return;
        default:
      }
      send(line);
    };
    const lines = createInterface({ input: answer, crlfDelay: Infinity });
    // A broken input shows here too; its own handler ends the answer.
    lines.on('error', () => undefined);
    lines.on('line', (line) => {
      sending = sending.then(() => relay(line));
    });
    lines.on('close', () => void sending.then(() => isStalled || response.end()));
  }
}

function refuse(response: ServerResponse, code: number, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ kind: 'Status', code, message: 'injected by the test' }));
}
