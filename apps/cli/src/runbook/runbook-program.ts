import { Command } from 'commander';

import type { ExitCode } from '../exit-code.js';
import { dirOption, outputOption, serverOption } from '../options.js';
import { textFormatOption } from '../output/format-option.js';
import type { Terminal } from '../terminal.js';
import type { ListOptions, RunbookOptions } from './runbook.command.js';

const RUNBOOK_EXAMPLES = `
Examples:
  atlas runbook list
  atlas runbook run service-unreachable --server --cluster shop-calico --from shop/api --to service:payments/gateway --port 443
  atlas runbook run conntrack-saturation --server --cluster shop-calico --at 1
  atlas runbook run policies-without-effect --dir ./manifests
  atlas runbook run https://atlas.example.com/api/v1/runbooks/policies-without-effect --server --cluster shop-calico
  atlas runbook run conntrack-saturation --dir ./manifests --prometheus http://127.0.0.1:9090

A runbook is named by its id, its number (RB-1), or by what a pager shows: the runbook_url of an alert, or its name.

Exit codes:
  0 not the cause   1 cause found   2 bad usage   3 server not reachable   4 undetermined
`;

/** `atlas runbook`. */
export function runbookCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const runbook = new Command('runbook')
    .description('procedures for the person on call: the answer, the evidence, the fix')
    .copyInheritedSettings(parent);
  runbook
    .command('list')
    .description('list the runbooks, of this command or of a server, with the symptom of each')
    .addOption(serverOption())
    .addOption(textFormatOption())
    .action(async (options: ListOptions) => {
      const { listRunbooks } = await import('./runbook.command.js');
      done(await listRunbooks(options, terminal));
    });
  runbook
    .command('run <runbook>')
    .description('run a runbook on a folder or a cluster; nothing in a cluster is changed')
    .option('--from <peer>', 'who connects')
    .option('--to <peer>', 'to whom')
    .option('--port <port>', 'port by number or name')
    .option('--protocol <protocol>', 'TCP, UDP, SCTP or ICMP')
    .option('-n, --namespace <name>', 'the namespace that it is about')
    .option('--node <name>', 'the node that it is about')
    .option('--manifests <path>', 'a folder, file or archive that nobody has applied yet, with --server a file')
    .option('--at <when>', 'with --server: the time of the symptom, RFC 3339, or a snapshot number')
    .option('--all', 'go on behind the step that settles it')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--prometheus <url>', 'with --dir: where the metrics are')
    .addOption(outputOption())
    .action(async (id: string, options: RunbookOptions) => {
      const { runRunbookCommand } = await import('./runbook.command.js');
      done(await runRunbookCommand(id, options, terminal));
    });
  return runbook.addHelpText('after', RUNBOOK_EXAMPLES);
}
