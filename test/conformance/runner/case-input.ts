import { join } from 'node:path';

import type { Fact } from '#engine';
import { manifestFacts, readManifests } from '#manifests';

import type { ConformanceCase } from './case.js';

/** The facts of a case, and what the reader refused or could not read, one line each. */
export interface CaseInput {
  readonly facts: readonly Fact[];
  readonly problems: readonly string[];
}

/** Reads a case's `manifests`, or another of its folders (`before`, `configs/x`), or single files below it. */
export async function readCaseInput(
  one: ConformanceCase,
  parts: readonly string[] = ['manifests'],
): Promise<CaseInput> {
  if (one.manifests !== null) {
    return collect([await readManifests({ bytes: Buffer.from(one.manifests), contentType: 'application/json' })]);
  }
  const sets = await Promise.all(parts.map((part) => readManifests({ dir: join(one.folder, part) })));
  return collect(sets);
}

type ManifestSet = Awaited<ReturnType<typeof readManifests>>;

function collect(sets: readonly ManifestSet[]): CaseInput {
  const all = { objects: sets.flatMap((set) => set.objects), problems: sets.flatMap((set) => set.problems) };
  const { facts, problems } = manifestFacts(all);
  return {
    facts,
    problems: problems.map(
      (problem) => `${problem.file ?? ''}: ${problem.object ?? ''} ${problem.pointer ?? ''} ${problem.message}`,
    ),
  };
}
