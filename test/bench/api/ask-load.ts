import { connect, type Socket } from 'node:net';

export interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** What is measured: an address, a path of it, and what makes one body after the other. */
export interface Asked {
  readonly origin: string;
  readonly path: string;
  readonly next: () => object;
}

/** Answers of one measurement at most: times are kept where no collector of garbage looks. */
const MOST = 1_000_000;
const HEAD_END = Buffer.from('\r\n\r\n');
const FAILED = Buffer.from('"errors":[{"message"');

/**
 * Asks one question after the other on each of `connections` and gives how long the answers took, each until its last
 * byte. Requests are made before the clock starts and answers are not parsed: what is measured is the server, as far as
 * a client in Node can stay out of the way.
 */
export async function askLoad(asked: Asked, connections: number, seconds: number): Promise<Load> {
  const times = new Float64Array(MOST);
  let count = 0;
  const end = performance.now() + seconds * 1_000;
  const connected = async (): Promise<void> => {
    const connection = await Connection.open(asked.origin);
    while (performance.now() < end && count < MOST) {
      const request = requestOf(asked);
      const begun = performance.now();
      await connection.ask(request);
      times[count++] = performance.now() - begun;
    }
    connection.end();
  };
  await Promise.all(Array.from({ length: connections }, connected));
  const sorted = times.subarray(0, count).sort();
  const at = (share: number): number => sorted[Math.min(count - 1, Math.floor(count * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), perSecond: count / seconds };
}

function requestOf({ origin, path, next }: Asked): Buffer {
  const body = JSON.stringify(next());
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(origin).host}`,
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** A connection that is kept. It reads answers whose length is told, one at a time, into the same bytes. */
class Connection {
  private socket!: Socket;
  /** Bytes of the answer that are still to come; null before its head. */
  private missing: number | null = null;
  private answered: () => void = () => undefined;
  private failed: (error: Error) => void = () => undefined;

  static open(origin: string): Promise<Connection> {
    const { hostname, port } = new URL(origin);
    const connection = new Connection();
    return new Promise((resolve, reject) => {
      connection.failed = reject;
      connection.socket = connect({
        host: hostname,
        port: Number(port),
        noDelay: true,
        onread: {
          buffer: Buffer.allocUnsafeSlow(65_536),
          callback: (length, bytes) => {
            connection.read(Buffer.from(bytes.buffer, bytes.byteOffset, length));
            return true;
          },
        },
      });
      connection.socket.once('connect', () => {
        resolve(connection);
      });
      connection.socket.once('error', (error) => {
        connection.failed(error);
      });
      connection.socket.once('close', () => {
        connection.failed(new Error('the server closed a connection'));
      });
    });
  }

  ask(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      this.socket.write(request);
    });
  }

  end(): void {
    this.failed = () => undefined;
    this.socket.end();
  }

  private read(bytes: Buffer): void {
    if (bytes.includes(FAILED)) this.refuse(bytes);
    if (this.missing === null) {
      const head = bytes.indexOf(HEAD_END);
      const [, status, length] =
        /^HTTP\/1\.1 (\d+)[^]*?content-length: (\d+)/i.exec(bytes.toString('latin1', 0, head)) ?? [];
      if (status !== '200' || length === undefined) {
        this.refuse(bytes);
        return;
      }
      this.missing = Number(length) + head + HEAD_END.length;
    }
    this.missing -= bytes.length;
    if (this.missing > 0) return;
    this.missing = null;
    this.answered();
  }

  private refuse(bytes: Buffer): void {
    this.failed(new Error(`not an answer: ${bytes.toString()}`));
  }
}
