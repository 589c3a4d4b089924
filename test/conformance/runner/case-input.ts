import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Fact } from '#engine';
import { manifestFacts, readManifests } from '#manifests';

import type { ConformanceCase } from './case.js';
import { adaptObjects, adaptText, impliedObjects } from './corpus-objects.js';

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
    return collect(one, [await readManifests({ bytes: Buffer.from(one.manifests), contentType: 'application/json' })]);
  }
  const sets = await Promise.all(parts.map((part) => readPart(one.expected.corpus, join(one.folder, part))));
  return collect(one, sets);
}

/** A configuration without policies has no folder. */
async function readPart(corpus: string, path: string): Promise<ManifestSet> {
  if (!existsSync(path)) return { objects: [], problems: [] };
  const isFolder = (await stat(path)).isDirectory();
  if (isFolder && !corpus.startsWith('nca-')) return readManifests({ dir: path });
  const paths = isFolder ? await filesBelow(path) : [path];
  const files = paths.map(async (file) => ({ path: file, bytes: adaptText(corpus, await readFile(file)) }));
  return readManifests({ files: await Promise.all(files) });
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

type ManifestSet = Awaited<ReturnType<typeof readManifests>>;

function collect(one: ConformanceCase, sets: readonly ManifestSet[]): CaseInput {
  const { corpus } = one.expected;
  const found = sets.flatMap((set) => set.objects);
  const adapted = adaptObjects(
    corpus,
    found.map(({ raw }) => raw),
  );
  const given = found.map((object, index) => ({ ...object, raw: adapted[index] }));
  const nowhere = { file: '', document: 1, line: 1, pointer: '', lineOf: () => 1 };
  const objects = [...given, ...impliedObjects(corpus).map((raw) => ({ ...nowhere, raw }))];
  const all = { objects, problems: sets.flatMap((set) => set.problems) };
  const { facts, problems } = manifestFacts(all);
  return {
    facts,
    problems: problems.map(
      (problem) => `${problem.file ?? ''}: ${problem.object ?? ''} ${problem.pointer ?? ''} ${problem.message}`,
    ),
  };
}
