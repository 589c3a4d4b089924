import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An HTTP server that keeps what it is sent and answers as it is told: a status, or one for each request. */
export class Receiver {
  readonly received: Received[] = [];
  /** What the next requests are answered with; 200 when it is empty. */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string> }[] = [];

  private constructor(
    private readonly server: Server,
    /** Decides about a request before it is kept; a status other than 200 refuses it. */
    private readonly judge: (request: Received) => number = () => 200,
  ) {}

  static async start(judge?: (request: Received) => number): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server, judge);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        const kept = { method, url, headers, body: Buffer.concat(chunks) };
        const judged = receiver.judge(kept);
        const answer = judged === 200 ? (receiver.answers.shift() ?? { status: 200 }) : { status: judged };
        receiver.received.push(kept);
        response.writeHead(answer.status, answer.headers).end(answer.status === 200 ? 'ok' : 'no <thank> you');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
