import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { decodeKey, Secret } from '#config';
import { AppError } from '#contracts';

/**
 * The key that seals credentials, from its file in `dataDir`; made there, for its owner's eyes only, on the first start.
 * @throws AppError `startup.failed` when the file holds something else
 */
export async function ownSecretKey(dataDir: string): Promise<Secret> {
  const path = join(dataDir, 'secret.key');
  await mkdir(dataDir, { recursive: true });
  const fresh = randomBytes(32).toString('hex');
  try {
    await writeFile(path, `${fresh}\n`, { flag: 'wx', mode: 0o600 });
    return new Secret(fresh);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stored = (await readFile(path, 'utf8')).trim();
  if (decodeKey(stored) !== null) return new Secret(stored);
  throw new AppError(
    'startup.failed',
    `\`${path}\` does not hold a key, put it back or delete it to have a new one made`,
  );
}
