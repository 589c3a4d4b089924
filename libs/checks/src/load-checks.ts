import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { CheckDefinitionError, type Check } from './define-check.js';

/** Folders that hold checks, beside this file. */
const FOLDERS = ['audits'] as const;
/** Sources and what they are compiled to; specs, type declarations and source maps are not checks. */
const CHECK_FILE = /^([^.]+)\.check\.(?:ts|js)$/;

/**
 * Every check, in order of number. Being in the folder is all the registration there is. Throws `CheckDefinitionError`
 * when a file does not export a check named as the file, or when two have one id or one number.
 */
export async function loadChecks(): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const folder of FOLDERS) checks.push(...(await loadFolder(folder)));
  return orderChecks(checks);
}

/** Sorts checks by number and refuses doubles. */
export function orderChecks(checks: readonly Check[]): readonly Check[] {
  for (const key of ['id', 'number'] as const) {
    const seen = new Set<string>();
    for (const check of checks) {
      if (seen.has(check[key])) throw new CheckDefinitionError(`two checks have the ${key} \`${check[key]}\``);
      seen.add(check[key]);
    }
  }
  return checks.toSorted((a, b) => (a.number < b.number ? -1 : 1));
}

async function loadFolder(folder: string): Promise<readonly Check[]> {
  const files = await readdir(join(import.meta.dirname, folder));
  const ids = files.flatMap((file) => CHECK_FILE.exec(file)?.[1] ?? []).sort();
  const checks: Check[] = [];
  // One after the other: module loaders of test runners do not stand several at once that share imports.
  for (const id of ids) checks.push(await loadCheck(folder, id));
  return checks;
}

async function loadCheck(folder: string, id: string): Promise<Check> {
  // The extension of compiled code: loaders of sources map it to theirs, as for every other import.
  const loaded = (await import(`./${folder}/${id}.check.js`)) as { readonly check?: Check };
  return checkNamed(id, loaded.check);
}

/** The check that a file exports, when it is the one its name promises. */
export function checkNamed(id: string, check: Check | undefined): Check {
  const file = `${id}.check`;
  if (check === undefined) throw new CheckDefinitionError(`\`${file}\` must export a \`check\``);
  if (check.id !== id) throw new CheckDefinitionError(`\`${file}\` exports the check \`${check.id}\`: rename one`);
  return check;
}
