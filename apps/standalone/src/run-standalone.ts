import type { Writable } from 'node:stream';

import { loadConfig, type Config } from '#config';
import { isAppError } from '#contracts';
import { createLog, type Log } from '#telemetry';

import { CleanupStack } from './cleanup-stack.js';
import { readArguments, USAGE } from './read-arguments.js';
import { startStandalone } from './start-standalone.js';
import { welcome } from './welcome.js';

/** npm passes a Ctrl-C on to a process that the terminal has told already: two that close together are one. */
const SAME_PRESS_MS = 500;
const STOP_TIMEOUT_MS = 30_000;

export interface ProcessParts {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

/** Runs the service until it is told to stop. Sets the exit code: 0 after a stop, 1 when it failed. */
export async function runStandalone(parts: ProcessParts): Promise<void> {
  const started = Date.now();
  const read = readSettings(parts);
  if (read === null) return;
  const log = createLog({ ...read.log, app: 'standalone' });
  const cleanup = new CleanupStack((step, error) => log.error('a part did not stop cleanly', { step, error }));
  const life = new ServiceLife(cleanup, log, parts.stderr);
  life.followSignals();
  try {
    const context = { log, cleanup, signal: life.signal, onFailure: life.fail };
    const facts = await life.start(startStandalone(read, context));
    parts.stdout.write(welcome({ ...facts, seconds: (Date.now() - started) / 1000 }));
  } catch (error) {
    // A stop during the start lets some step fail; that is no news.
    if (!life.signal.aborted) life.fail(error);
  }
}

/** Configuration from arguments and environment; null when there is nothing to run. */
function readSettings({ args, env, stdout, stderr }: ProcessParts): Config | null {
  try {
    const given = readArguments(args);
    if (given.help) {
      stdout.write(USAGE);
      return null;
    }
    // People read a terminal; programs read everything else.
    const format = stdout.isTTY === true ? { LOG_FORMAT: 'pretty' } : {};
    return loadConfig({ ...format, ...env, ...given.env }, 'standalone');
  } catch (error) {
    if (!isAppError(error)) throw error;
    stderr.write(`cannot start: ${error.message}\n`);
    process.exitCode = 1;
    return null;
  }
}

/** The end of the service: by a signal, by a second one, or by a failure. */
class ServiceLife {
  private readonly controller = new AbortController();
  private firstPress = 0;
  private starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly cleanup: CleanupStack,
    private readonly log: Log,
    private readonly stderr: Writable,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** A stop waits for the step of the start that is running: what it has started must be known to be stopped. */
  start<T>(work: Promise<T>): Promise<T> {
    this.starting = work.catch(() => undefined);
    return work;
  }

  followSignals(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        this.press(name);
      });
    }
  }

  /** Ends the service because it cannot go on. */
  readonly fail = (error: unknown): void => {
    if (this.signal.aborted) return;
    if (isAppError(error)) this.stderr.write(`cannot ${this.firstPress === 0 ? 'run' : 'stop'}: ${error.message}\n`);
    else this.log.error('the service failed', { error });
    process.exitCode = 1;
    this.stop();
  };

  private press(name: string): void {
    const now = Date.now();
    if (!this.signal.aborted) {
      this.firstPress = now;
      this.log.info('stopping', { signal: name });
      this.stop();
    } else if (this.firstPress > 0 && now - this.firstPress > SAME_PRESS_MS) {
      this.stderr.write('stopped at once, on a second signal\n');
      // The database server is told to stop by the exit handler of its library.
      process.exit(130);
    }
  }

  private stop(): void {
    this.controller.abort();
    const late = setTimeout(() => {
      this.stderr.write(`stopped at once, after ${String(STOP_TIMEOUT_MS / 1000)} s of waiting\n`);
      process.exit(1);
    }, STOP_TIMEOUT_MS);
    const stopped = this.starting.then(() => this.cleanup.run());
    void stopped.then(() => {
      clearTimeout(late);
      this.log.info('stopped');
      // Whatever still holds the event loop has nothing left to do.
      process.exit();
    });
  }
}
