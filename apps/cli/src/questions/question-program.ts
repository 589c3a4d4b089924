import { Command, Option } from 'commander';

import type { ExitCode } from '../exit-code.js';
import { collect, dirOption, readingOption, serverOption } from '../options.js';
import { formatOption } from '../output/format-option.js';
import type { Terminal } from '../terminal.js';
import type { BlastOptions, ExposeOptions, ListOptions, WhyOptions } from './question-options.js';

type Done = (code: ExitCode) => void;

const EXITS = `
Exit codes:
  0 answered   1 not as --expect says   2 bad usage   3 server not reachable   4 --expect cannot be told
`;

const LIST_EXAMPLES = `
Examples:
  atlas list --dir ./manifests
  atlas list --dir ./manifests -n shop --port 5432
  atlas list --dir ./manifests --by namespace --matrix
  atlas list --dir ./manifests --from 'pods:shop/app in (web,api)' --to namespace:payments
  atlas list --dir ./manifests --from labels:env=dev/app=debug --to shop/db --expect none
  atlas list --dir ./manifests --by namespace -o svg > connections.svg
  kubectl atlas list --server --cluster shop-calico --focus shop/api --direction ingress -o wide
${EXITS}`;

const WHO_EXAMPLES = `
Examples:
  atlas who --dir ./manifests --to shop/db --port 5432
  atlas who --dir ./manifests --from shop/api
  atlas who --server --cluster shop-calico --to service:payments/gateway -o wide
${EXITS}`;

const WHY_EXAMPLES = `
Examples:
  atlas why --dir ./manifests --from shop/api --to service:payments/gateway --port 443
  atlas why --dir ./manifests --from shop/api --to shop/db --port 5432 -o svg > path.svg
  atlas why --server --cluster shop-calico --from shop/web --to shop/db --port 5432 --at 1

Exit codes:
  0 answered   2 bad usage   3 server not reachable   4 undetermined
`;

const BLAST_EXAMPLES = `
Examples:
  atlas blast --dir ./manifests --of shop/web
  atlas blast --dir ./manifests --of node:calico-worker-1 --hops all --sensitive app=db
  atlas blast --dir ./manifests --of shop/db --direction to --hops 2
  atlas blast --server --cluster shop-calico --of shop/web --range 10.8.0.0/14 --levers

Exit codes:
  0 answered   2 bad usage   3 server not reachable
`;

const EXPOSE_EXAMPLES = `
Examples:
  atlas expose --dir ./manifests
  atlas expose --dir ./manifests -n shop -o wide
  atlas expose --server --cluster shop-calico --of shop/web --client 203.0.113.7

Exit codes:
  0 answered   2 bad usage   3 server not reachable
`;

/** `atlas list`, `who`, `why`, `blast` and `expose`. */
export function questionCommands(terminal: Terminal, done: Done): readonly Command[] {
  return [
    listCommand(terminal, done),
    whoCommand(terminal, done),
    whyCommand(terminal, done),
    blastCommand(terminal, done),
    exposeCommand(terminal, done),
  ];
}

function question(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .addOption(formatOption());
}

function connectionOptions(command: Command): Command {
  return command
    .option('--from <peer>', 'only from these')
    .option('--to <peer>', 'only to these')
    .addOption(new Option('--by <what>', 'what one row stands for').choices(['pod', 'workload', 'namespace']))
    .option('--protocol <protocol>', 'a name or a number, as TCP or ICMP; without it, any')
    .option('--port <port>', 'a port, or a range such as 8000-8999')
    .addOption(new Option('--verdict <verdict>', 'what passes, or what cannot be told').choices(['allow', 'unknown']))
    .addOption(readingOption())
    .option('--no-outside', 'leave out addresses outside the cluster')
    .option('--nodes', 'nodes too')
    .addOption(new Option('--expect <what>', 'exit 1 unless the list is like this').choices(['none', 'some']));
}

function listCommand(terminal: Terminal, done: Done): Command {
  return connectionOptions(question('list', 'what can connect to what'))
    .option('--focus <peer>', 'only with these on one side')
    .addOption(new Option('--direction <which>', 'of the focus').choices(['both', 'ingress', 'egress']))
    .option('-n, --namespace <name>', 'the same as --focus namespace:NAME')
    .option('--matrix', 'sources down, destinations across')
    .addHelpText('after', LIST_EXAMPLES)
    .action(async (options: ListOptions) => {
      const { runList } = await import('./questions.command.js');
      done(await runList(options, terminal));
    });
}

function whoCommand(terminal: Terminal, done: Done): Command {
  return connectionOptions(question('who', 'who can reach something (--to), or whom it can reach (--from)'))
    .addHelpText('after', WHO_EXAMPLES)
    .action(async (options: ListOptions) => {
      const { runWho } = await import('./questions.command.js');
      done(await runWho(options, terminal));
    });
}

function whyCommand(terminal: Terminal, done: Done): Command {
  return question('why', 'why one peer can, or cannot, reach another, and what a fix would open and close')
    .requiredOption('--from <peer>', 'who connects')
    .requiredOption('--to <peer>', 'to whom')
    .option('--port <port>', 'port by number or name; without it, any port')
    .option('--protocol <protocol>', 'TCP, UDP, SCTP or ICMP')
    .addHelpText('after', WHY_EXAMPLES)
    .action(async (options: WhyOptions) => {
      const { runWhy } = await import('./questions.command.js');
      done(await runWhy(options, terminal));
    });
}

function blastCommand(terminal: Terminal, done: Done): Command {
  return question('blast', 'what something could reach if it were taken over, or who could reach it')
    .requiredOption('--of <peer>', 'a pod, workload, namespace or node')
    .addOption(new Option('--direction <which>', 'what it reaches, or who reaches it').choices(['from', 'to']))
    .option('--hops <number>', 'connections in a row, 1 to 100, or all; 1 when left out')
    .option('--sensitive <selector>', 'labels of pods that count ten times')
    .option('--range <cidr>', 'addresses of another cluster, may be repeated', collect, [])
    .addOption(
      new Option('--levers [which]', 'also try which policies change it most: what is soon done, or all').choices([
        'all',
      ]),
    )
    .addOption(readingOption())
    .addHelpText('after', BLAST_EXAMPLES)
    .action(async (options: BlastOptions) => {
      const { runBlast } = await import('./questions.command.js');
      done(await runBlast(options, terminal));
    });
}

function exposeCommand(terminal: Terminal, done: Done): Command {
  return question(
    'expose',
    'what is open to the internet, to any pod, to pods that do not exist yet, and by which ways in',
  )
    .option('--of <peer>', 'only these')
    .option('-n, --namespace <name>', 'the same as --of namespace:NAME')
    .option('--client <address>', 'the address of who comes from outside')
    .addOption(readingOption())
    .addHelpText('after', EXPOSE_EXAMPLES)
    .action(async (options: ExposeOptions) => {
      const { runExpose } = await import('./questions.command.js');
      done(await runExpose(options, terminal));
    });
}
