import { type Server, type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A connection to a server that can be closed, and that can lose answers after the server has acted. */
export class TcpGate {
  isOpen = true;
  /** Lets requests through and drops the answers. */
  losesAnswers = false;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private target: URL) {
    this.server = createServer((inner) => this.join(inner));
  }

  static async start(target: string): Promise<TcpGate> {
    const gate = new TcpGate(new URL(target));
    await new Promise<void>((resolve) => gate.server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on connections lead elsewhere. */
  retarget(target: string): void {
    this.target = new URL(target);
  }

  /** Where it listens. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection; new ones go on as the flags say. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(inner: Socket): void {
    if (!this.isOpen) {
      inner.destroy();
      return;
    }
    const outer = connect(Number(this.target.port), this.target.hostname);
    for (const socket of [inner, outer]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        inner.destroy();
        outer.destroy();
      });
    }
    inner.on('data', (chunk) => outer.write(chunk));
    outer.on('data', (chunk) => {
      if (this.losesAnswers) inner.destroy();
      else inner.write(chunk);
    });
  }
}
