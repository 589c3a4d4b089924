// Started by `database.ts`: keeps one embedded server for a test run and removes it when the run's process is gone.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedPostgres } from '#store';

const WATCH_MS = 250;

function publish(folder: string, state: object): void {
  const file = join(folder, 'state.json');
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const [, , folder = '', owner = ''] = process.argv;
try {
  const server = await startEmbeddedPostgres({ dataDir: folder, durable: false });
  publish(folder, { url: server.url.reveal() });
  while (isAlive(Number(owner))) await sleep(WATCH_MS);
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
} catch (error) {
  publish(folder, { error: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
