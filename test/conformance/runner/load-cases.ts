import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { CASE_KINDS, type ConformanceCase, type ExpectedCase } from './case.js';
import { readScenario } from './scenario.js';

/** Which of the cases below a folder to take; both are optional, `*` in a glob stands for any characters. */
export interface CaseChoice {
  readonly corpus?: string;
  readonly glob?: string;
}

/** Every case below `folder`, in order of path: folders with an `expected.json`, and `*.scenario.yaml` files. */
export async function loadCases(folder: string, choice: CaseChoice = {}): Promise<ConformanceCase[]> {
  const cases: ConformanceCase[] = [];
  await collect(folder, cases);
  const pattern = choice.glob === undefined ? null : globPattern(choice.glob);
  return cases.filter(
    ({ expected }) =>
      (choice.corpus === undefined || expected.corpus === choice.corpus) &&
      (pattern === null || pattern.test(expected.case)),
  );
}

async function collect(folder: string, out: ConformanceCase[]): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (entries.some((entry) => entry.name === 'expected.json')) {
    out.push(await loadCase(folder));
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await collect(path, out);
    else if (entry.name.endsWith('.scenario.yaml')) out.push(readScenario(path, await readFile(path, 'utf8')));
  }
}

async function loadCase(folder: string): Promise<ConformanceCase> {
  const text = await readFile(join(folder, 'expected.json'), 'utf8');
  const expected = JSON.parse(text) as Omit<ExpectedCase, 'corpus' | 'case'> & { corpus?: string; case?: string };
  if (!CASE_KINDS.includes(expected.kind))
    throw new Error(`${folder}/expected.json: kind \`${expected.kind}\` is unknown`);
  return {
    folder,
    // A folder of one's own needs not repeat its names.
    expected: {
      ...expected,
      corpus: expected.corpus ?? basename(dirname(folder)),
      case: expected.case ?? basename(folder),
    },
    manifests: null,
  };
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}
