import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import { readText } from '../manifests/read-text.js';
import type { Terminal } from '../terminal.js';

/** Fields that hold several values, and those that hold a number. */
const LISTS = new Set(['to']);
const NUMBERS = new Set(['port']);

/** A channel's target from `field=value`; a value that begins with `@` is read from that file, `@-` from standard input. */
export async function readTarget(
  type: string,
  fields: readonly string[],
  terminal: Terminal,
): Promise<Record<string, unknown>> {
  const target: Record<string, unknown> = { type };
  for (const field of fields) {
    const [, name = '', given = ''] = /^(\w+)=(.*)$/s.exec(field) ?? [];
    if (name === '') throw new CliError(EXIT.usage, `\`${field}\` is no field, write it as \`url=https://…\``);
    const value = given.startsWith('@') ? (await readText(given.slice(1), terminal)).trim() : given;
    if (LISTS.has(name)) target[name] = [...((target[name] as string[] | undefined) ?? []), value];
    else target[name] = NUMBERS.has(name) ? Number(value) : value;
  }
  return target;
}
