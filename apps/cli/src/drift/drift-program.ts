import { Command, Option } from 'commander';

import type { TestOptions } from '../assertions/test.command.js';
import type { ExitCode } from '../exit-code.js';
import { textFormatOption } from '../output/format-option.js';
import { collect, dirOption, readingOption, serverAddressOption, serverOption } from '../options.js';
import type { Terminal } from '../terminal.js';
import type { DiffOptions } from './diff-options.js';
import type { SinceOptions } from './since.command.js';
import type { TimelineOptions } from './timeline.command.js';
import type { WhatIfOptions } from './whatif.command.js';

const FAIL_ON = ['dangerous', 'breaking', 'any', 'none'] as const;

const DIFF_EXAMPLES = `
Sides:
  ./manifests               a folder, file or archive
  cluster:shop              a cluster of the server, as it is now
  cluster:shop@3            its snapshot 3; also by time, as cluster:shop@2026-01-31T12:00:00Z
  cluster:shop@baseline     what it is declared to be, see atlas baseline

Examples:
  atlas diff ./main ./branch -o md
  atlas diff ./main ./branch --dangerous --fail-on dangerous
  atlas diff cluster:shop --server                         what its newest snapshot changed
  atlas diff cluster:shop@1 cluster:shop@3 --server
  atlas diff cluster:shop@baseline --server                how far it is from its baseline
  atlas diff cluster:stage cluster:prod --server --map-namespace shop-stage=shop
  atlas diff ./manifests cluster:shop --server             what the cluster has beyond the folder

Exit codes:
  0 no difference that --fail-on names   1 there is one   2 bad usage   3 server not reachable
`;

const WHATIF_EXAMPLES = `
Examples:
  atlas whatif --dir ./main --apply ./branch/policies.yaml -o md --fail-on dangerous
  atlas whatif --server --cluster shop --apply ./policies.yaml
  atlas whatif --server --cluster shop --remove ./old.yaml --flows flows.jsonl --fail-on breaking
  atlas whatif --server --cluster shop --promote all

Flows are one JSON object a line: {"src":"shop/web","dst":"shop/api","protocol":"TCP","port":8080}

Exit codes:
  0 no difference that --fail-on names   1 there is one   2 bad usage   3 server not reachable
`;

const TEST_EXAMPLES = `
A file of expectations:
  assertions:
    - name: web must not reach the database
      owner: team-shop
      from: shop/web
      to: [shop/db, payments/db]
      port: 5432
      expect: denied

Examples:
  atlas test --dir ./manifests --file assertions.yaml -o junit > report.xml
  atlas test --server --cluster shop --file assertions.yaml

Exit codes:
  0 all as expected   1 some are not   2 bad usage, or a name that is not there   3 server not reachable   4 undetermined
`;

const TIMELINE_EXAMPLES = `
Examples:
  atlas timeline --cluster shop-calico
  atlas timeline --cluster shop-calico --dangerous --limit 5
`;

const SINCE_EXAMPLES = `
Examples:
  atlas since --cluster shop-calico --from shop/api --to payments/gateway --port 8443

Exit codes:
  0 answered   2 bad usage   3 server not reachable   4 undetermined
`;

/** `atlas diff`, `whatif`, `timeline`, `since` and `test`. */
export function driftCommands(terminal: Terminal, done: (code: ExitCode) => void): readonly Command[] {
  return [diffCommand, whatIfCommand, timelineCommand, sinceCommand, testCommand].map((make) => make(terminal, done));
}

function testCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('test')
    .description('check a file of expectations: who must, and who must not, reach what')
    .requiredOption('--file <path>', 'the expectations, YAML or JSON, - for standard input')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .addOption(textFormatOption('junit'))
    .addHelpText('after', TEST_EXAMPLES)
    .action(async (options: TestOptions) => {
      const { runTest } = await import('../assertions/test.command.js');
      done(await runTest(options, terminal));
    });
}

function diffCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('diff')
    .description('what differs between two states, in what is written and in what can talk to what')
    .argument('<before>', 'a folder, file or archive, or cluster:NAME[@SNAPSHOT]')
    .argument('[after]', 'the same; a cluster alone is compared with its snapshot before')
    .addOption(serverOption())
    .option('--dangerous', 'only what may let something pass that could not')
    .option('--breaking', 'only what may stop something that passed')
    .option('--type <type>', 'only entries of this type, may be repeated', collect, [])
    .option('--kind <kind>', 'only objects of this kind, with group, may be repeated', collect, [])
    .option('-n, --namespace <name>', 'only what has this namespace at one of its sides')
    .option('--map-namespace <before=after>', 'a namespace under its other name, may be repeated', collect, [])
    .addOption(readingOption())
    .addOption(failOnOption())
    .addOption(textFormatOption())
    .addHelpText('after', DIFF_EXAMPLES)
    .action(async (before: string, after: string | undefined, options: DiffOptions) => {
      const { runDiff } = await import('./diff.command.js');
      done(await runDiff(before, after, options, terminal));
    });
}

function whatIfCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('whatif')
    .description('what a change would open and close, before anyone makes it')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .option('--apply <path>', 'manifests that would be applied')
    .option('--remove <path>', 'manifests whose objects would be removed')
    .option('--promote <name>', 'put a staged policy in force, as namespace/name or all; may be repeated', collect, [])
    .option('--flows <file>', 'flows that were seen, to tell which would be cut; - for standard input')
    .addOption(readingOption())
    .addOption(failOnOption())
    .addOption(textFormatOption())
    .addHelpText('after', WHATIF_EXAMPLES)
    .action(async (options: WhatIfOptions) => {
      const { runWhatIf } = await import('./whatif.command.js');
      done(await runWhatIf(options, terminal));
    });
}

function timelineCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('timeline')
    .description('what changed in a cluster from snapshot to snapshot, newest first')
    .addOption(serverAddressOption())
    .requiredOption('--cluster <name>', 'cluster of that server')
    .option('--dangerous', 'only where something may pass that could not; with --breaking, either')
    .option('--breaking', 'only where something may not pass any more')
    .option('--limit <number>', 'how many, 1 to 100', '25')
    .addOption(textFormatOption())
    .addHelpText('after', TIMELINE_EXAMPLES)
    .action(async (options: TimelineOptions) => {
      const { runTimeline } = await import('./timeline.command.js');
      done(await runTimeline(options, terminal));
    });
}

function sinceCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('since')
    .description('since when one peer can, or cannot, reach another')
    .addOption(serverAddressOption())
    .requiredOption('--cluster <name>', 'cluster of that server')
    .requiredOption('--from <peer>', 'who connects')
    .requiredOption('--to <peer>', 'to whom')
    .option('--port <port>', 'port by number; without it, any port')
    .option('--protocol <protocol>', 'TCP, UDP, SCTP or ICMP', 'TCP')
    .option('--at <when>', 'as it was then: snapshot number or RFC 3339 time')
    .addOption(textFormatOption())
    .addHelpText('after', SINCE_EXAMPLES)
    .action(async (options: SinceOptions) => {
      const { runSince } = await import('./since.command.js');
      done(await runSince(options, terminal));
    });
}

function failOnOption(): Option {
  return new Option('--fail-on <what>', 'the differences that exit 1').choices(FAIL_ON).default('none');
}
