import { readFile } from 'node:fs/promises';

import { zipSync } from 'fflate';

import { listFolder, MANIFEST_LIMITS } from '#manifests';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';

/** A zip of the manifests below a folder, with their paths, so that a server's problems name the same files. */
export async function packFolder(folder: string): Promise<Uint8Array> {
  const { entries } = await listFolder(folder, MANIFEST_LIMITS);
  if (entries.length === 0) throw new CliError(EXIT.usage, `\`${folder}\` has no .yaml, .yml or .json file`);
  const files: Record<string, Uint8Array> = {};
  for (const entry of entries) files[entry.path] = await readFile(entry.absolute);
  return zipSync(files);
}
