import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeKey, Secret } from '#config';
import { AppError } from '#contracts';
import { createWholeFile } from './whole-file.js';

/**
 * The sealing key kept in `dataDir`, made on first use in a file that only its owner may read.
 * Throws `startup.failed` when the file holds something else.
 */
export async function ensureSecretKeyFile(dataDir: string): Promise<Secret> {
  const path = join(dataDir, 'secret.key');
  await mkdir(dataDir, { recursive: true });
  // Of two processes that start at once one makes the key, and both read it.
  if (!existsSync(path)) await createWholeFile(path, `${randomBytes(32).toString('hex')}\n`);
  const text = (await readFile(path, 'utf8')).trim();
  if (decodeKey(text) !== null) return new Secret(text);
  throw new AppError(
    'startup.failed',
    `\`${path}\` holds no key of 32 bytes, put the right one back or set ATLAS_SECRET_KEY`,
  );
}
