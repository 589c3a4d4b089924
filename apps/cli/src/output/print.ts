import { FORMATS, hasForm, render, type Exhibit, type Format } from '#render';

import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-code.js';
import type { Terminal } from '../terminal.js';

/** Prints an answer in the form that was asked for. @throws CliError for a picture of what has none */
export async function print(exhibit: Exhibit, format: Format, terminal: Terminal): Promise<void> {
  if (!hasForm(exhibit, format)) {
    const others = FORMATS.filter((each) => hasForm(exhibit, each)).join(', ');
    throw new CliError(EXIT.usage, `no picture shows this answer, use -o with one of ${others}`);
  }
  terminal.out(await render(exhibit, format));
}
