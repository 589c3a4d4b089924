import type { Command } from 'commander';

import { DEFAULT_SERVER } from '../../../apps/cli/src/options.js';
import { silentAtlas } from '../../support/silent-atlas.js';

/** What stands between an example and the words about it. */
const GAP = / {3,}/;

const PROGRAM = silentAtlas();

/** Every example of every help text, as a line for a shell. */
export function everyExample(): readonly string[] {
  return [...new Set(examplesOf(PROGRAM))];
}

/** An example with `url` in the place of the server that is asked when none is named. */
export function askedOf(url: string, example: string): string {
  const named = example.replace(DEFAULT_SERVER, url).replace(/--server(?= -|$)/, `--server ${url}`);
  if (named.includes('--server')) return named;
  return named.replace(/\batlas [^|>]*/, (call) => (isForServers(call) ? `${call.trimEnd()} --server ${url} ` : call));
}

function isForServers(call: string): boolean {
  let command: Command = PROGRAM;
  for (const word of call.split(' ').slice(1)) {
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command.options.some(({ long, defaultValue }) => long === '--server' && defaultValue !== undefined);
}

function examplesOf(command: Command): readonly string[] {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  const [, block = ''] = /^Examples:\n((?: {2,}.*\n)+)/m.exec(text) ?? [];
  const own = block
    .replaceAll(/ \\\n +/g, ' ')
    .split('\n')
    .map((line) => line.trim().split(GAP)[0] as string)
    .filter((line) => line !== '');
  return [...own, ...command.commands.flatMap(examplesOf)];
}
