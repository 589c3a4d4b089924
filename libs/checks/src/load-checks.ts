import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { CheckDefinitionError, type Check } from './define-check.js';
import { RunbookDefinitionError, type Runbook } from './runbook/define-runbook.js';

/**
 * Every check, in order of number. Being in the folder is all the registration there is. Throws `CheckDefinitionError`
 * when a file does not export a check named as the file, or when two have one id or one number.
 */
export async function loadChecks(): Promise<readonly Check[]> {
  return orderChecks(await loadFolder('audits', 'check', checkOfFile));
}

/**
 * Every runbook, in order of number, registered likewise. Throws `RunbookDefinitionError` when a file does not export a
 * runbook named as the file, or when two have one number.
 */
export async function loadRunbooks(): Promise<readonly Runbook[]> {
  const runbooks = await loadFolder('runbooks', 'runbook', runbookOfFile);
  const numbers = new Set(runbooks.map((runbook) => runbook.number));
  if (numbers.size < runbooks.length) throw new RunbookDefinitionError('two runbooks have one number');
  return runbooks.toSorted((a, b) => Number(a.number.slice(3)) - Number(b.number.slice(3)));
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

/** What each `<id>.<role>` of a folder exports under the name of its role. */
async function loadFolder<T>(
  folder: string,
  role: 'check' | 'runbook',
  ofFile: (id: string, exported: T | undefined) => T,
): Promise<readonly T[]> {
  // Sources and what they are compiled to; specs, type declarations and source maps are neither.
  const file = new RegExp(`^([^.]+)\\.${role}\\.(?:ts|js)$`);
  const files = await readdir(join(import.meta.dirname, folder));
  const ids = files.flatMap((name) => file.exec(name)?.[1] ?? []).sort();
  const loaded: T[] = [];
  // One after the other: module loaders of test runners do not stand several at once that share imports.
  for (const id of ids) {
    // The extension of compiled code: loaders of sources map it to theirs, as for every other import.
    const module = (await import(`./${folder}/${id}.${role}.js`)) as Readonly<Record<string, T | undefined>>;
    loaded.push(ofFile(id, module[role]));
  }
  return loaded;
}

/** The check that a file exports, when it is the one its name promises. */
export function checkOfFile(id: string, check: Check | undefined): Check {
  const file = `${id}.check`;
  if (check === undefined) throw new CheckDefinitionError(`\`${file}\` must export a \`check\``);
  if (check.id !== id) throw new CheckDefinitionError(`\`${file}\` exports the check \`${check.id}\`: rename one`);
  return check;
}

/** The runbook that a file exports, when it is the one its name promises. */
export function runbookOfFile(id: string, runbook: Runbook | undefined): Runbook {
  const file = `${id}.runbook`;
  if (runbook === undefined) throw new RunbookDefinitionError(`\`${file}\` must export a \`runbook\``);
  if (runbook.id !== id)
    throw new RunbookDefinitionError(`\`${file}\` exports the runbook \`${runbook.id}\`: rename one`);
  return runbook;
}
