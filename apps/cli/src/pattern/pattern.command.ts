import { fillPattern, PATTERNS } from '#checks';
import { compileSnapshot } from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import type { Terminal } from '../terminal.js';

export interface PatternOptions {
  readonly dir?: string;
  readonly namespace?: string;
  readonly output: 'text' | 'json';
}

/** Lists the patterns, or fills one in for a namespace of a folder and tells what it would change. */
export async function runPattern(
  id: string | undefined,
  options: PatternOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (id === undefined) {
    const lines = PATTERNS.map((pattern) => `${pattern.id.padEnd(22)}${pattern.title}`);
    terminal.out(options.output === 'json' ? JSON.stringify(PATTERNS, null, 2) : lines.join('\n'));
    return EXIT.ok;
  }
  const { dir, namespace } = options;
  if (dir === undefined || namespace === undefined) {
    throw new CliError(EXIT.usage, 'a pattern is filled in from manifests: give --dir and --namespace');
  }
  const { facts } = await readFolder(dir, terminal);
  const filled = fillPattern(compileSnapshot(facts), id, namespace);
  if (filled === null) {
    const known = PATTERNS.map((pattern) => pattern.id).join(', ');
    throw new CliError(EXIT.usage, `there is no pattern \`${id}\``, [`the patterns are ${known}`]);
  }
  if ('missing' in filled) throw new CliError(EXIT.undetermined, `\`${id}\` cannot be filled in: ${filled.missing}`);
  const { manifest, note, prediction } = filled;
  if (options.output === 'json') terminal.out(JSON.stringify(filled, null, 2));
  else {
    const changes = prediction.changes.map(
      ({ source, destination, opens, closes }) => `# ${source} → ${destination}: opens ${opens}, closes ${closes}`,
    );
    const counts = `# opens ${prediction.opened} and closes ${prediction.closed} pairs`;
    terminal.out([...(note === '' ? [] : [`# ${note}`]), counts, ...changes, manifest.trimEnd()].join('\n'));
  }
  return EXIT.ok;
}
