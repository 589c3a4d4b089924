import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..', '..');
const START_TIMEOUT_MS = 90_000;

/** What a program wrote and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StandaloneOptions {
  readonly dataDir: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The standalone service as a process of its own, compiled, as `npm start` runs it. */
export class StandaloneProcess {
  private stdout = '';
  private stderr = '';
  private readonly ended: Promise<Outcome>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Starts it without waiting. */
  static spawn({ dataDir, args = [], env = {} }: StandaloneOptions): StandaloneProcess {
    const main = compiled('standalone');
    const settings = {
      DATA_DIR: dataDir,
      HTTP_PORT: '0',
      DATABASE_URL: '',
      REDIS_URL: '',
      SYNC_FOLDER_POLL_SECONDS: '1',
    };
    return new StandaloneProcess(
      spawn(process.execPath, [main, ...args], {
        env: { ...cleanEnv(), ...settings, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }

  /** Starts it and waits until it says that it is ready. */
  static async start(options: StandaloneOptions): Promise<StandaloneProcess> {
    const service = StandaloneProcess.spawn(options);
    await service.output(/Netpol Atlas is ready/);
    return service;
  }

  /** Waits until it has written something that matches. Throws with all of its output when it ends before that. */
  async output(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (pattern.test(this.stdout)) return this.stdout;
      if (this.child.exitCode !== null || this.child.signalCode !== null) break;
      await sleep(50);
    }
    throw new Error(`the service did not write ${String(pattern)}:\n${this.stdout}\n${this.stderr}`);
  }

  get url(): string {
    const [, url] = /REST\s+(\S+)\/api\/v1\n/.exec(this.stdout) ?? [];
    if (url === undefined) throw new Error(`no address in:\n${this.stdout}`);
    return url;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  outcome(): Promise<Outcome> {
    return this.ended;
  }

  async stop(): Promise<Outcome> {
    this.child.kill('SIGINT');
    return this.ended;
  }
}

/** Runs the compiled `atlas`. */
export function atlas(...args: readonly string[]): Promise<Outcome> {
  return run(process.execPath, [join(ROOT, 'bin', 'atlas.mjs'), ...args]);
}

/** Runs a program to its end. What others write is read in the meantime. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  const child = spawn(program, args, { cwd, env: { ...cleanEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Command lines of the processes that mention `text`. Linux only, like the processes' list. */
export function processesMentioning(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(commandLine)
    .filter((line) => line.includes(text));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function compiled(app: string): string {
  const main = join(ROOT, 'dist', 'bundle', `${app}.js`);
  if (!existsSync(main))
    throw new Error(`${main} is missing: end-to-end tests run the compiled apps, npm run build makes them`);
  return main;
}

/** Jest's own settings are none of the service's business. */
function cleanEnv(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, JEST_WORKER_ID: _worker, ...rest } = process.env;
  return rest;
}
