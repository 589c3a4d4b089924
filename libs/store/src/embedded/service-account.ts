import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '#contracts';

const run = promisify(execFile);
const ACCOUNT = 'postgres';

/** The account that Postgres runs as. Null: the one this process runs as. */
export interface ServiceAccount {
  readonly uid: number;
  readonly gid: number;
}

/** A command line, and the account that the child process switches to. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly account: ServiceAccount | null;
}

async function findAccount(): Promise<ServiceAccount | null> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === ACCOUNT);
  return fields === undefined ? null : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/**
 * The account for Postgres: it refuses to run as root, so root needs another, which is made when it is not there.
 * Throws `startup.failed` when that is not possible.
 */
export async function serviceAccount(): Promise<ServiceAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await findAccount();
  if (existing !== null) return existing;
  await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', ACCOUNT]).catch(
    (cause: unknown) => {
      throw new AppError(
        'startup.failed',
        'the embedded database cannot run as root and no account `postgres` could be made, start as another user or set DATABASE_URL',
        { cause },
      );
    },
  );
  const made = await findAccount();
  if (made === null)
    throw new AppError('startup.failed', 'the account `postgres` is missing in /etc/passwd, set DATABASE_URL');
  return made;
}

/** Whether accounts other than the owner may pass through every folder above `path`. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * How to start `binary` as `account`. Below a private folder such as /root that account could reach neither the binary
 * nor its data: there it keeps the one capability to pass, which root has to give.
 */
export async function launchAs(
  account: ServiceAccount | null,
  binary: string,
  args: readonly string[],
  dataPath: string,
): Promise<Launch> {
  if (account === null || ((await isReachable(binary)) && (await isReachable(dataPath)))) {
    return { command: binary, args, account };
  }
  const capability = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];
  const identity = ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];
  return { command: 'setpriv', args: [...identity, ...capability, binary, ...args], account: null };
}
