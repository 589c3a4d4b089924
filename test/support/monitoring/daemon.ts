import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that a test started. */
export interface Daemon {
  readonly url: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts a server and waits until `ready` answers. Throws what it printed when it ends before that. */
export async function startDaemon(
  command: string,
  args: readonly string[],
  url: string,
  isReady: () => Promise<boolean>,
): Promise<Daemon> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000)));
  const ended = endOf(child);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady())) {
    if ((await Promise.race([ended, sleep(100)])) === 'ended') throw new Error(`\`${command}\` ended: ${printed}`);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`\`${command}\` did not answer in time: ${printed}`);
    }
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function endOf(child: ChildProcess): Promise<'ended'> {
  return new Promise((resolve) => {
    const tell = (): void => {
      resolve('ended');
    };
    child.once('error', tell);
    child.once('exit', tell);
  });
}

/** Whether an address answers with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}
