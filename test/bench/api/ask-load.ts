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

/** Answers of one subject at most: times are kept where no collector of garbage looks. */
const MOST = 1_000_000;
/** A subject is asked for so long before the next one has its turn. */
const TURN_MS = 100;
const HEAD_END = Buffer.from('\r\n\r\n');
const FAILED = Buffer.from('"errors":[{"message"');

/**
 * Asks each subject for so many seconds and gives how long its answers took, each until its last byte. On each of
 * `connections` one question comes after the other. The subjects take turns, so that what else the machine does meets
 * all of them. Requests are made before the clock starts and answers are not parsed: what is measured is the server, as
 * far as a client in Node can stay out of the way.
 */
export async function askInTurns<const T extends readonly Asked[]>(
  subjects: T,
  connections: number,
  seconds: number,
): Promise<{ readonly [K in keyof T]: Load }> {
  const asking = await Promise.all(subjects.map((asked) => Asking.open(asked, connections)));
  for (let turn = 0; turn * TURN_MS < seconds * 1_000; turn++) {
    for (const subject of asking) await subject.turn();
  }
  return asking.map((subject) => subject.end()) as { readonly [K in keyof T]: Load };
}

/** A subject while it is measured. */
class Asking {
  private readonly times = new Float64Array(MOST);
  private count = 0;
  private spentMs = 0;

  private constructor(
    private readonly asked: Asked,
    private readonly connections: readonly Connection[],
  ) {}

  static async open(asked: Asked, connections: number): Promise<Asking> {
    const opened = Array.from({ length: connections }, () => Connection.open(asked.origin));
    return new Asking(asked, await Promise.all(opened));
  }

  async turn(): Promise<void> {
    const begun = performance.now();
    await Promise.all(this.connections.map((connection) => this.askUntil(begun + TURN_MS, connection)));
    this.spentMs += performance.now() - begun;
  }

  end(): Load {
    for (const connection of this.connections) connection.end();
    const sorted = this.times.subarray(0, this.count).sort();
    const at = (share: number): number => sorted[Math.min(this.count - 1, Math.floor(this.count * share))] ?? 0;
    return { p50: at(0.5), p99: at(0.99), perSecond: (this.count / this.spentMs) * 1_000 };
  }

  private async askUntil(end: number, connection: Connection): Promise<void> {
    while (performance.now() < end && this.count < MOST) {
      const request = requestOf(this.asked);
      const begun = performance.now();
      await connection.ask(request);
      this.times[this.count++] = performance.now() - begun;
    }
  }
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
