import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..', '..');

/** A role as a process of its own, run from its sources. */
export class RoleProcess {
  private output = '';
  private listensAt = '';
  private readonly ended: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-200_000)));
    }
    this.ended = new Promise((resolve) => child.once('exit', resolve));
  }

  /** Starts `apps/<role>`; nothing of this process's environment reaches it but its path. */
  static spawn(role: string, env: Readonly<Record<string, string>>): RoleProcess {
    return RoleProcess.run([join('scripts', 'run.mjs'), join('apps', role, 'src', 'main.ts')], env);
  }

  /** The same as the image runs what `npm run build` made. */
  static built(role: string, env: Readonly<Record<string, string>>): RoleProcess {
    return RoleProcess.run(['--enable-source-maps', join('deploy', 'docker', 'role.mjs'), role], env);
  }

  private static run(args: readonly string[], env: Readonly<Record<string, string>>): RoleProcess {
    const { PATH, HOME, TMPDIR } = process.env;
    const settings = { PATH, HOME, TMPDIR, ...env };
    return new RoleProcess(
      spawn(process.execPath, args, { cwd: ROOT, env: settings, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get log(): string {
    return this.output;
  }

  /** Where an API listens; empty before it says so. Kept, since only the end of the output is. */
  get url(): string {
    return (this.listensAt ||= /"url":"([^"]+)"/.exec(this.output)?.[1] ?? '');
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until its output matches. Throws with the end of it when the process ends before that. */
  async says(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!pattern.test(this.output)) {
      if (!this.isAlive || Date.now() > end) throw new Error(`it did not say ${String(pattern)}:\n${this.output}`);
      await sleep(20);
    }
  }

  /** Waits for the end by itself. */
  get exit(): Promise<number | null> {
    return this.ended;
  }

  /** Sends a signal and waits for the end; returns the exit code, null after a signal that killed it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isAlive) this.child.kill(signal);
    return this.ended;
  }
}
