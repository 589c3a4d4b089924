import { readFile } from 'node:fs/promises';

import { reason } from '#manifests';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';

/** The text of a file, or of standard input for `-`. Throws a `CliError` that names what cannot be read. */
export async function readText(path: string, terminal: Terminal): Promise<string> {
  if (path === '-') return Buffer.from(await terminal.readInput()).toString('utf8');
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.usage, `cannot read \`${path}\`: ${reason(error)}`);
  }
}
