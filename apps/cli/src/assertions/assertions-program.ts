import { Command } from 'commander';

import type { ExitCode } from '../exit-code.js';
import { serverCommands } from '../server/server-commands.js';
import type { Terminal } from '../terminal.js';
import type { KeptAssertionCommands, KeptAssertionOptions } from './kept-assertions.command.js';

const EXAMPLES = `
Examples:
  atlas assertions set shop-calico assertions.yaml
  atlas assertions get shop-calico
  atlas assertions events shop-calico --name 'web must not reach the database'
  atlas assertions remove shop-calico

Exit codes of set and get:
  0 all as expected   1 some are not   2 bad usage, or a name that is not there   3 server not reachable   4 undetermined
`;

/** `atlas assertions`. */
export function assertionsCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const assertions = new Command('assertions')
    .description('the expectations that a server keeps for a cluster and checks after each snapshot')
    .copyInheritedSettings(parent);
  const { sub } = serverCommands(assertions, terminal, done);
  const using = async (
    options: KeptAssertionOptions,
    work: (commands: KeptAssertionCommands) => Promise<ExitCode>,
  ): Promise<void> => {
    const { KeptAssertionCommands: Commands } = await import('./kept-assertions.command.js');
    done(await work(new Commands(options, terminal)));
  };
  sub('set <cluster> <file>', 'keep this file in the place of an earlier one, and check it').action(
    (cluster: string, file: string, options: KeptAssertionOptions) => using(options, (c) => c.set(cluster, file)),
  );
  sub('get <cluster>', 'show how each stands, and since when').action(
    (cluster: string, options: KeptAssertionOptions) => using(options, (c) => c.get(cluster)),
  );
  sub('events <cluster>', 'when one broke or held again, newest first, and why')
    .option('--name <name>', 'of this one only')
    .option('--limit <number>', 'how many, 1 to 100', '25')
    .action((cluster: string, options: KeptAssertionOptions & { readonly name?: string; readonly limit: string }) =>
      using(options, (c) => c.events(cluster, options)),
    );
  sub('remove <cluster>', 'keep none any more').action((cluster: string, options: KeptAssertionOptions) =>
    using(options, (c) => c.remove(cluster)),
  );
  return assertions.addHelpText('after', EXAMPLES);
}
