import { renderText, type Answer } from '#engine';

import type { Terminal } from '../terminal.js';
import type { CanOptions } from './can-options.js';

/** Prints an answer; `data` is all that is known of it, `foot` what text ends with. */
export async function tellAnswer(
  answer: Answer,
  { data, foot = '' }: { readonly data: object; readonly foot?: string },
  { output, reading, cluster, dir }: CanOptions,
  terminal: Terminal,
): Promise<void> {
  if (output === 'json') terminal.out(JSON.stringify(data, null, 2));
  else if (output === 'text') terminal.out(`${renderText(answer, reading).trimEnd()}\n${foot}`);
  else {
    const { print } = await import('../output/print.js');
    const { pathGraph, stepsTable } = await import('#render');
    await print(
      { data, table: () => stepsTable(answer), graph: () => pathGraph(answer, cluster ?? dir ?? '') },
      output,
      terminal,
    );
  }
}
