import { Command, Option } from 'commander';

import type { ExitCode } from '../exit-code.js';
import { collect, dirOption, outputOption, serverAddressOption, serverOption, sortOption } from '../options.js';
import { textFormatOption } from '../output/format-option.js';
import type { Terminal } from '../terminal.js';
import type { AuditOptions } from './audit.command.js';
import type { SuppressionsOptions, SuppressOptions } from './suppressions.command.js';
import type { TrendOptions } from './trend.command.js';

const AUDIT_EXAMPLES = `
Examples:
  atlas audit --dir ./manifests
  atlas audit --dir ./manifests -n shop --check dns-egress-missing --fail-on high
  atlas audit --server --cluster shop-calico --last -o json

Exit codes:
  0 no finding that --fail-on names   1 there is one   2 bad usage   3 server not reachable   4 a check broke
`;

const TREND_EXAMPLES = `
Examples:
  atlas audit trend --cluster shop-calico
  atlas audit trend --cluster shop-calico -n shop -n payments --limit 100
  atlas audit trend --cluster shop-calico --framework 'CIS Kubernetes Benchmark' -o json
`;

const SUPPRESS_EXAMPLES = `
Examples:
  atlas audit suppress --cluster shop-calico --check host-port -n shop --owner team-shop \\
    --reason 'moves behind the ingress controller' --until 2027-03-01T00:00:00Z
`;

/** `atlas audit`. */
export function auditCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const audit = new Command('audit')
    .description('check policies: what is open, wrong, cut or ignored, with proof and fix')
    .copyInheritedSettings(parent)
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--last', 'with --server: show the last report instead of making one')
    .option('--flows <file>', 'with --dir: flows that were seen, for the checks that look at traffic')
    .option('--baseline <path>', 'with --dir: manifests that declare how it should be, to find what departs from them')
    .option('--address-list <file>', 'with --dir: blocks that a cloud provider publishes, may be repeated', collect, [])
    .option('--check <id>', 'run this check only, may be repeated', collect, [])
    .option('-n, --namespace <name>', 'findings of this namespace only')
    .addOption(
      new Option('--fail-on <severity>', 'the least severity that exits 1')
        .choices(['critical', 'high', 'medium', 'low', 'info', 'none'])
        .default('low'),
    )
    .option('--all', 'in text: every finding, however many there are')
    .addOption(textFormatOption())
    .addHelpText('after', AUDIT_EXAMPLES)
    .action(async (options: AuditOptions) => {
      const { runAudit } = await import('./audit.command.js');
      done(await runAudit(options, terminal));
    });
  audit
    .command('trend')
    .description('scores of a cluster from audit to audit, by namespace and by framework; the newest first')
    .addOption(serverAddressOption())
    .requiredOption('--cluster <name>', 'cluster of that server')
    .option('-n, --namespace <name>', 'of the namespaces only this one, may be repeated', collect)
    .option('--framework <name>', 'of the frameworks only this one, may be repeated', collect)
    .option('--limit <count>', 'at most so many audits', '25')
    .addOption(sortOption())
    .addOption(outputOption())
    .addHelpText('after', TREND_EXAMPLES)
    .action(async (options: TrendOptions) => {
      const { runTrend } = await import('./trend.command.js');
      done(await runTrend(options, terminal));
    });
  addSuppressionCommands(audit, terminal, done);
  return audit;
}

function addSuppressionCommands(audit: Command, terminal: Terminal, done: (code: ExitCode) => void): void {
  audit
    .command('suppressions')
    .description('findings that were accepted for a time, and until when')
    .addOption(serverAddressOption())
    .option('--cluster <name>', 'those that hold for this cluster')
    .option('--limit <count>', 'at most so many', '25')
    .addOption(sortOption())
    .addOption(outputOption())
    .action(async (options: SuppressionsOptions) => {
      const { runSuppressions } = await import('./suppressions.command.js');
      done(await runSuppressions(options, terminal));
    });
  audit
    .command('suppress')
    .description('accept a finding, or all of a check, for a time')
    .addOption(serverAddressOption())
    .option('--cluster <name>', 'in this cluster; in every one when left out')
    .option('--check <id>', 'every finding of this check')
    .option('--fingerprint <text>', 'this finding, as `-o json` names it')
    .option('-n, --namespace <name>', 'only what is about this namespace')
    .requiredOption('--owner <name>', 'who answers for it')
    .requiredOption('--reason <text>', 'why it is accepted')
    .requiredOption('--until <time>', 'when the findings come back, at most a year from now')
    .addHelpText('after', SUPPRESS_EXAMPLES)
    .action(async (options: SuppressOptions) => {
      const { runSuppress } = await import('./suppressions.command.js');
      done(await runSuppress(options, terminal));
    });
  audit
    .command('unsuppress')
    .description('take a suppression back before its time')
    .argument('<id>', 'id of the suppression')
    .addOption(serverAddressOption())
    .action(async (id: string, { server }: { readonly server: string }) => {
      const { runUnsuppress } = await import('./suppressions.command.js');
      done(await runUnsuppress(id, server, terminal));
    });
}
