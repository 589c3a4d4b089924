import { Command } from 'commander';

import type { ExitCode } from '../exit-code.js';
import { serverCommands } from '../server/server-commands.js';
import type { Terminal } from '../terminal.js';
import type { BaselineCommands, BaselineOptions, SetBaselineOptions } from './baseline.command.js';

const EXAMPLES = `
Examples:
  atlas baseline set shop-calico                              as it is now
  atlas baseline set shop-calico --at 1 --name 'release 41'
  atlas baseline set shop-calico --dir ./manifests --name main
  atlas diff cluster:shop-calico@baseline --server            how far it is from that
  atlas timeline --cluster shop-calico                        and was after each snapshot
  atlas baseline remove shop-calico
`;

/** `atlas baseline`. */
export function baselineCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const baseline = new Command('baseline')
    .description('what a cluster is declared to be; drift is told against it')
    .copyInheritedSettings(parent);
  const { sub } = serverCommands(baseline, terminal, done);
  const using = async (
    options: BaselineOptions,
    work: (commands: BaselineCommands) => Promise<void>,
  ): Promise<void> => {
    const [{ BaselineCommands: Commands }, { EXIT }] = await Promise.all([
      import('./baseline.command.js'),
      import('../exit-code.js'),
    ]);
    await work(new Commands(options, terminal));
    done(EXIT.ok);
  };
  sub('set <cluster>', 'declare it to be as it is now, as it was, or as manifests say')
    .option('--at <when>', 'as it was then: snapshot number or RFC 3339 time')
    .option('--dir <path>', 'as these manifests say: a folder, file or archive')
    .option('--name <name>', 'what people call it, as a release or a tag', 'baseline')
    .action((cluster: string, options: SetBaselineOptions) => using(options, (c) => c.set(cluster, options)));
  sub('get <cluster>', 'show what it is declared to be').action((cluster: string, options: BaselineOptions) =>
    using(options, (c) => c.get(cluster)),
  );
  sub('remove <cluster>', 'declare nothing any more').action((cluster: string, options: BaselineOptions) =>
    using(options, (c) => c.remove(cluster)),
  );
  return baseline.addHelpText('after', EXAMPLES);
}
