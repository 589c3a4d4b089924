import { stat } from 'node:fs/promises';

import type { ClusterProblem } from '#contracts';
import { objectLabel, type CompiledSnapshot } from '#engine';
import { manifestFacts, readManifests, type ManifestFacts, type ManifestInput } from '#manifests';

import type { Terminal } from '../terminal.js';
import { problemLine } from './problem-line.js';

const ARCHIVE = /\.(tar|tar\.gz|tgz|zip)$/i;
const MOST_PROBLEMS_SHOWN = 50;
const MOST_OTHERS_SHOWN = 3;

/** Facts of a folder, file or archive, or of standard input for `-`. What could not be read is told on stderr. */
export async function readFolder(path: string, terminal: Terminal): Promise<ManifestFacts> {
  const facts = manifestFacts(await readManifests(await inputAt(path, terminal)));
  showProblems(facts.problems, terminal);
  return facts;
}

async function inputAt(path: string, terminal: Terminal): Promise<ManifestInput> {
  if (path === '-') return { bytes: await terminal.readInput(), contentType: '', name: 'standard input' };
  const isFolder = await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
  return !isFolder && ARCHIVE.test(path) ? { archive: path } : { dir: path };
}

function showProblems(all: readonly ClusterProblem[], terminal: Terminal): void {
  const others = all.filter(({ code }) => code === 'manifest.not_an_object');
  const grouped = others.length > MOST_OTHERS_SHOWN;
  const problems = grouped ? all.filter((problem) => !others.includes(problem)) : all;
  for (const problem of problems.slice(0, MOST_PROBLEMS_SHOWN)) terminal.err(`warning: ${problemLine(problem)}`);
  const rest = problems.length - MOST_PROBLEMS_SHOWN;
  if (rest > 0) terminal.err(`warning: and ${String(rest)} more`);
  if (grouped) terminal.err(`warning: ${othersLine(others)}`);
}

/** A folder of a repository has many files that are no manifests: one line is enough for them. */
function othersLine(others: readonly ClusterProblem[]): string {
  const files = [...new Set(others.map(({ file }) => file ?? ''))];
  const more = files.length > MOST_OTHERS_SHOWN ? ` and ${String(files.length - MOST_OTHERS_SHOWN)} more` : '';
  const named = files.slice(0, MOST_OTHERS_SHOWN).join(', ');
  return `${String(others.length)} documents are no Kubernetes objects, in ${named}${more}`;
}

/** What policies say that is not read, or makes a server refuse them; what `readFolder` has told is not told again. */
export function showPolicyProblems({ index, diagnostics }: CompiledSnapshot, terminal: Terminal): void {
  const told = new Set(index.rejected.flatMap((fact) => fact.diagnostics));
  for (const { object, pointer, message } of diagnostics.filter((diagnostic) => !told.has(diagnostic))) {
    const policy = object === null ? '' : `${object.kind} ${objectLabel(object)}`;
    terminal.err(`warning: ${[policy, pointer].filter(Boolean).join(' ')}: ${message}`);
  }
}
