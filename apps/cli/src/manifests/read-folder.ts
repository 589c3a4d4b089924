import { stat } from 'node:fs/promises';

import type { ClusterProblem } from '#contracts';
import { manifestFacts, readManifests, type ManifestFacts, type ManifestInput } from '#manifests';

import type { Terminal } from '../terminal.js';
import { problemLine } from './problem-line.js';

const ARCHIVE = /\.(tar|tar\.gz|tgz|zip)$/i;
const MOST_PROBLEMS_SHOWN = 50;

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

function showProblems(problems: readonly ClusterProblem[], terminal: Terminal): void {
  for (const problem of problems.slice(0, MOST_PROBLEMS_SHOWN)) terminal.err(`warning: ${problemLine(problem)}`);
  const rest = problems.length - MOST_PROBLEMS_SHOWN;
  if (rest > 0) terminal.err(`warning: and ${String(rest)} more`);
}
