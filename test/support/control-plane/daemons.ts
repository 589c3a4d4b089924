import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOG_TAIL_LINES = 25;

/** One server process. Its output goes to a file, so a busy log never blocks it and a failure can quote it. */
export interface Daemon {
  readonly name: string;
  readonly logFile: string;
  /** How it ended, once it has. */
  ended(): string | undefined;
  end(signal?: NodeJS.Signals): Promise<void>;
}

export class DaemonError extends Error {
  override readonly name = 'DaemonError';

  constructor(
    message: string,
    readonly log: string,
  ) {
    super(message);
  }
}

/**
 * Starts the processes of one control plane and sees to it that none outlives this process, whatever ends it.
 * Processes are ended by the handle we hold, never by name: other control planes run beside this one.
 */
export class Daemons {
  private readonly running = new Set<Daemon>();
  private readonly guard: ChildProcess;

  constructor(
    private readonly binDir: string,
    private readonly dir: string,
  ) {
    this.guard = startGuard(dir);
  }

  start(name: string, args: readonly string[]): Daemon {
    const logFile = join(this.dir, `${name}.log`);
    const log = openSync(logFile, 'a', 0o600);
    const child = spawn(join(this.binDir, name), args, {
      cwd: this.dir,
      env: plainEnv(this.dir),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const daemon = this.watchOver(name, logFile, child);
    this.running.add(daemon);
    return daemon;
  }

  /** Ends everything and returns when the last process is gone. The data is thrown away, so nobody needs to flush. */
  async endAll(): Promise<void> {
    await Promise.all([...this.running].map((daemon) => daemon.end('SIGKILL')));
    const guardGone = untilExit(this.guard);
    this.guard.ref();
    this.guard.stdin?.end();
    await guardGone;
  }

  private watchOver(name: string, logFile: string, child: ChildProcess): Daemon {
    // A forgotten stop() must not keep a finished test run alive; the guard cleans up after it.
    child.unref();
    let ended: string | undefined;
    const exit = untilExit(child).then((how) => {
      ended = how;
      this.running.delete(daemon);
      this.tellGuard(`-${child.pid}`);
    });
    if (child.pid !== undefined) this.tellGuard(`+${child.pid}`);
    const daemon: Daemon = {
      name,
      logFile,
      ended: () => ended,
      end: async (signal = 'SIGTERM') => {
        child.ref();
        if (ended === undefined) child.kill(signal);
        await exit;
      },
    };
    return daemon;
  }

  private tellGuard(line: string): void {
    if (this.guard.stdin?.writable) this.guard.stdin.write(`${line}\n`);
  }
}

/** Waits for a condition, and fails at once, quoting the log, when the process it depends on has ended. */
export async function untilReady(
  daemon: Daemon,
  probe: () => Promise<boolean>,
  { timeoutMs, what }: { timeoutMs: number; what: string },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const how = daemon.ended();
    if (how !== undefined) throw failure(daemon, `${daemon.name} ${how} before ${what}`);
    if (await probe()) return;
    if (Date.now() > deadline) throw failure(daemon, `${daemon.name}: ${what} did not happen within ${timeoutMs} ms`);
    await sleep(50);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function failure(daemon: Daemon, message: string): DaemonError {
  const log = tail(daemon.logFile);
  return new DaemonError(`${message}\n--- last lines of ${daemon.name}'s log:\n${log}`, log);
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}

function untilExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exited with code ${code}` : `was ended by ${signal}`),
    );
  });
}

function startGuard(dir: string): ChildProcess {
  const script = fileURLToPath(new URL('./guard.mjs', import.meta.url));
  const guard = spawn(process.execPath, [script, dir], {
    // In a session of its own, or the Ctrl-C that ends the tests would end the guard before it has done its work.
    detached: true,
    env: plainEnv(dir),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  // The pipe of a child is a socket at run time, and would keep the event loop alive by itself.
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  guard.stdin.on('error', () => undefined);
  return guard;
}

/** The caller's environment is left out: ETCD_*, KUBECONFIG, proxies or NODE_OPTIONS would leak into the servers. */
export function plainEnv(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, TMPDIR: home, NO_PROXY: '127.0.0.1' };
}
