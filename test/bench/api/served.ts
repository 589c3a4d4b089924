import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface Served<T> {
  readonly said: T;
  /** Sends a line, and gives the next one that comes back. */
  ask(line: string): Promise<string>;
  end(): Promise<void>;
}

/** A server in a process of its own that says one line, which `read` understands, and ends with its input. */
export async function served<T>(args: readonly string[], read: (line: string) => T | null): Promise<Served<T>> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface(child.stdout);
  const said = await new Promise<T>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = read(line);
      if (found !== null) resolve(found);
    });
    child.once('exit', (code) => {
      reject(new Error(`${args.join(' ')} ended with ${String(code)}`));
    });
  });
  return {
    said,
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      return String((await once(lines, 'line'))[0]);
    },
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
