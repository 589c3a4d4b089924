import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeKey, Secret } from '#config';
import { AppError } from '#contracts';

/**
 * The sealing key kept in `dataDir`, made on first use in a file that only its owner may read.
 * Throws `startup.failed` when the file holds something else.
 */
export async function ensureSecretKeyFile(dataDir: string): Promise<Secret> {
  const path = join(dataDir, 'secret.key');
  await mkdir(dataDir, { recursive: true });
  const made = randomBytes(32).toString('hex');
  // Exclusive: of two processes that start at once one makes the key and the other reads it.
  await writeFile(path, `${made}\n`, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const text = (await readFile(path, 'utf8')).trim();
  if (decodeKey(text) !== null) return new Secret(text);
  throw new AppError(
    'startup.failed',
    `\`${path}\` holds no key of 32 bytes, put the right one back or set ATLAS_SECRET_KEY`,
  );
}
