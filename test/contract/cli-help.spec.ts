import { describe, it } from '@jest/globals';
import type { Command } from 'commander';

import { silentAtlas } from '../support/silent-atlas.js';
import { expectReviewedCopy } from './reviewed-copy.js';

/** The help of a command and of all below it, as people read it. */
function sections(command: Command, path: string): string[] {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  const own = `## ${path}\n\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`;
  return [own, ...command.commands.flatMap((each) => sections(each, `${path} ${each.name()}`))];
}

describe('the help of the command line', () => {
  it('is the one that was reviewed', async () => {
    const head = '<!-- Written by test/contract/cli-help.spec.ts with UPDATE_CONTRACTS=1. -->\n\n# Help of `atlas`\n';
    await expectReviewedCopy('cli-help.md', [head, ...sections(silentAtlas(), 'atlas')].join('\n'));
  });
});
