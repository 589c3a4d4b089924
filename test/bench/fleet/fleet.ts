import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A fleet of simulated API servers in a process of its own. */
export class Fleet {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(clusters: number, pods: number): Promise<Fleet> {
    const file = join('test', 'bench', 'fleet', 'fleet-server.ts');
    const args = [join('scripts', 'run.mjs'), file, String(clusters), String(pods)];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    return new Fleet(child, Number(chunk.toString()));
  }

  /** A kubeconfig of one of its clusters. */
  kubeconfig(number: number): string {
    const server = `http://127.0.0.1:${this.port}/c/${number}`;
    return JSON.stringify({
      'current-context': 'fleet',
      contexts: [{ name: 'fleet', context: { cluster: 'fleet', user: 'fleet' } }],
      clusters: [{ name: 'fleet', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'fleet', user: { token: 'any' } }],
    });
  }

  async touch(number: number, pod: number): Promise<void> {
    await (await fetch(`http://127.0.0.1:${this.port}/c/${number}/touch?pod=${pod}`)).text();
  }

  /** Pods that were listed by their metadata alone. */
  async metadataPods(): Promise<number> {
    return Number(await (await fetch(`http://127.0.0.1:${this.port}/c/0/metadata-pods`)).text());
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** Processor time that a process has used, in seconds, at the usual 100 ticks. Linux only. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Memory that a process has now and had at most, in bytes. Linux only. */
export function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0);
  return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 };
}
