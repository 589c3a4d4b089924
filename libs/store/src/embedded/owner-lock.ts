import { existsSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { AppError } from '#contracts';
import { createWholeFile } from '../whole-file.js';

/** When a process started, in clock ticks since boot; '' where the system does not tell or the process is gone. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold spaces: count from behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process that holds the lock; null when it is gone, or when its id belongs to another process by now. */
async function holder(path: string): Promise<number | null> {
  const [pidText = '', start = ''] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  const sameProcess = start === '' || start === startOf(pid);
  if (pid === process.pid) return sameProcess && start !== '' ? pid : null;
  return sameProcess ? pid : null;
}

/**
 * Makes this process the only one to use `dataDir`. Returns a function that gives it free.
 * Throws `startup.failed` while another process holds it; a lock that a killed process left is taken over.
 */
export async function lockDataDir(path: string, dataDir: string): Promise<() => Promise<void>> {
  const content = `${String(process.pid)} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < 3; attempt++) {
    const made = await createWholeFile(path, content);
    if (made) return () => rm(path, { force: true });
    const pid = await holder(path);
    if (pid !== null) break;
    await rm(path, { force: true });
  }
  const pid = existsSync(path) ? await holder(path) : null;
  throw new AppError(
    'startup.failed',
    `\`${dataDir}\` is in use by process ${String(pid ?? 'unknown')}, stop that service or set DATA_DIR to another folder`,
  );
}
