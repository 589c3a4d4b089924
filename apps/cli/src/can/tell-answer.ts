import { renderText, type Answer } from '#engine';

import type { Terminal } from '../terminal.js';
import type { CanOptions } from './can-options.js';
import { placeOf } from './question-source.js';

/** Prints an answer; `data` is all that is known of it, `foot` what text ends with. */
export async function tellAnswer(
  answer: Answer,
  { data, foot = '' }: { readonly data: object; readonly foot?: string },
  options: CanOptions,
  terminal: Terminal,
): Promise<void> {
  const { output, reading } = options;
  if (output === 'json') terminal.out(JSON.stringify(data, null, 2));
  else if (output === 'text') terminal.out(`${renderText(answer, reading).trimEnd()}\n${foot}`);
  else {
    const { print } = await import('../output/print.js');
    const { answerExhibit } = await import('#render');
    await print(answerExhibit(answer, placeOf(options), { data }), output, terminal);
  }
}
