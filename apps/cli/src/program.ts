import { Command, CommanderError, Option } from 'commander';

import { baselineCommand } from './baseline/baseline-program.js';
import { assertionsCommand } from './assertions/assertions-program.js';
import { BUNDLE_FORMS, POLICY_FORMS } from '#contracts';
import { tokensCommand } from './tokens/tokens.program.js';
import { auditCommand } from './audit/audit-program.js';
import type { BatchOptions } from './can/batch.command.js';
import { CAN_FORMATS, type CanOptions } from './can/can-options.js';
import { channelCommand } from './channels/channel.program.js';
import { asCliError, asGiven } from './cli-error.js';
import type { AddOptions, ClusterAction, ClusterCommands } from './clusters/clusters.command.js';
import type { CniOptions } from './cni/cni.command.js';
import { EXIT, EXPECTATIONS, type ExitCode } from './exit-code.js';
import { driftCommands } from './drift/drift-program.js';
import { flowsCommand } from './flows/flows-program.js';
import { fleetCommands } from './fleet/fleet-program.js';
import {
  collect,
  DEFAULT_SERVER,
  dirOption,
  knownServerOption,
  nameServer,
  outputOption,
  readingOption,
  serverAddressOption,
  serverOption,
  sortOption,
  type Sorted,
} from './options.js';
import { textFormatOption } from './output/format-option.js';
import type { PatternOptions } from './pattern/pattern.command.js';
import { questionCommands } from './questions/question-program.js';
import type { PoliciesOptions } from './policies/policies.command.js';
import { reportCommand } from './report/report-program.js';
import { reportsCommand } from './reports/reports.program.js';
import { runbookCommand } from './runbook/runbook-program.js';
import { scheduleCommand } from './schedules/schedule.program.js';
import type { Terminal } from './terminal.js';

/** That of `package.json`. */
const VERSION = '0.1.0';

const CAN_EXAMPLES = `
Peers:
  shop/web                  a pod, else a workload, else a Service of that name
  pod:shop/web-0            deployment:shop/web  sts:shop/db  service:payments/gateway
  namespace:shop            node:worker-1        ip:203.0.113.9  203.0.113.0/24  host:example.com
  labels:shop/app=web       a pod that need not exist

Examples:
  atlas can --dir ./manifests --from shop/api --to service:payments/gateway --port 443
  atlas can --dir ./manifests --from payments/gateway --to service:kube-system/kube-dns --port 53 --protocol UDP
  atlas can --dir ./manifests --from shop/web --to shop/db --port 5432 --expect denied
  atlas can --dir ./policies --from shop/web --to shop/db --port 5432 --reading intended   where no network plugin is known
  kubectl get all,networkpolicies,namespaces,endpointslices -A -o yaml | atlas can --dir - --from shop/web --to shop/api --port http
  atlas can --server ${DEFAULT_SERVER} --cluster shop-calico --from shop/api --to service:payments/gateway --port 443 -o json

Exit codes:
  0 as expected   1 not as expected (denied, unless --expect denied)   2 bad usage   3 server not reachable   4 undetermined
`;

const BATCH_EXAMPLES = `
Examples:
  echo '{"ref":"a","from":"shop/web","to":"shop/db","port":5432}' | atlas batch - --dir ./manifests
  atlas batch questions.jsonl --server --cluster shop-calico -o json

Exit codes:
  0 answered   2 bad usage, or a question that cannot be asked   3 server not reachable
`;

const PATTERN_EXAMPLES = `
Examples:
  atlas pattern
  atlas pattern default-deny --dir ./manifests -n shop --as kyverno
  atlas pattern namespace-isolation --server --cluster shop-calico -n shop --form cilium
  atlas pattern external-services --dir ./manifests -n shop --outside 198.51.100.0/24 --port 5432
`;

const CLUSTERS_EXAMPLES = `
Examples:
  atlas clusters add production --kubeconfig ~/.kube/config --context production
  atlas clusters add staging --folder ./manifests
  atlas clusters add review --upload ./manifests
  atlas clusters upload review ./manifests.tar.gz
  atlas clusters list -o json
`;

/** Runs the command line and gives its exit code. Nothing but what the command needs is loaded. */
export async function runAtlas(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = atlas(terminal, (result) => (code = result));
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, args, terminal);
  }
}

function failed(error: unknown, args: readonly string[], terminal: Terminal): ExitCode {
  // Commander has told it already; help and version end this way too.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const known = asCliError(error);
  if (known === null) throw error;
  terminal.err(`error: ${asGiven(known.message, args)}`);
  for (const line of known.lines) terminal.err(`  ${asGiven(line, args)}`);
  return known.exitCode;
}

/** The whole command line. */
export function atlas(terminal: Terminal, done: (code: ExitCode) => void): Command {
  const program = new Command('atlas')
    .description('Know what can talk to what in a Kubernetes cluster: from manifests, or from a Netpol Atlas server.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) })
    .showHelpAfterError('(add --help for what can be given)')
    .enablePositionalOptions()
    .addOption(knownServerOption())
    .addOption(new Option('--token <token>', 'what a server knows you by').env('ATLAS_TOKEN'))
    .version(`atlas ${VERSION}`, '--version', 'tell which version this is')
    .hook('preAction', async (root, command) => {
      const { server, token } = root.opts<{ server?: string; token?: string }>();
      nameServer(command, server);
      if (token !== undefined) (await import('./server/server-client.js')).ServerClient.token = token;
    });
  program.addCommand(canCommand(terminal, done).copyInheritedSettings(program));
  program.addCommand(batchCommand(terminal, done).copyInheritedSettings(program));
  program.addCommand(auditCommand(program, terminal, done));
  program.addCommand(patternCommand(terminal, done).copyInheritedSettings(program));
  program.addCommand(cniCommand(terminal, done).copyInheritedSettings(program));
  program.addCommand(reportCommand(terminal, done).copyInheritedSettings(program));
  program.addCommand(runbookCommand(program, terminal, done));
  program.addCommand(flowsCommand(program, terminal, done));
  program.addCommand(policiesCommand(terminal, done).copyInheritedSettings(program));
  const more = [
    ...questionCommands(terminal, done),
    ...driftCommands(terminal, done),
    ...fleetCommands(terminal, done),
  ];
  for (const command of more) program.addCommand(command.copyInheritedSettings(program));
  program.addCommand(assertionsCommand(program, terminal, done));
  program.addCommand(baselineCommand(program, terminal, done));
  program.addCommand(clustersCommand(program, terminal, done));
  program.addCommand(reportsCommand(program, terminal, done));
  program.addCommand(channelCommand(program, terminal, done));
  program.addCommand(scheduleCommand(program, terminal, done));
  program.addCommand(tokensCommand(program, terminal, done));
  for (const command of program.commands.flatMap((group) => group.commands)) {
    const alias = SHELL_NAMES.get(command.name());
    if (alias !== undefined) command.alias(alias);
  }
  return program;
}

/** What fingers that are used to a shell type. */
const SHELL_NAMES: ReadonlyMap<string, string> = new Map([
  ['list', 'ls'],
  ['remove', 'rm'],
]);

function canCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('can')
    .description('can one peer open a connection to another?')
    .requiredOption('--from <peer>', 'who connects')
    .requiredOption('--to <peer>', 'to whom')
    .option('--port <port>', 'port by number or name; without it, any port')
    .option('--protocol <protocol>', 'TCP, UDP, SCTP or ICMP', 'TCP')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .option('--source-port <port>', 'port that the connection comes from')
    .option('--http-method <method>', 'for rules that look into HTTP')
    .option('--http-path <path>', 'for rules that look into HTTP')
    .option('--http-host <host>', 'for rules that look into HTTP')
    .option('--http-header <header>', 'as `Name: value`, may be repeated', collect, [])
    .option('--dns-name <name>', 'name that a DNS query asks for')
    .option('--kafka-topic <topic>', 'for rules that look into Kafka')
    .option('--grpc-method <method>', 'as `package.Service/Method`')
    .option('--sni <name>', 'server name that a TLS connection asks for')
    .option('--icmp-type <number>', 'with --protocol ICMP or IGMP')
    .option('--icmp-code <number>', 'beside --icmp-type')
    .addOption(readingOption().default('enforced'))
    .addOption(new Option('--expect <verdict>', 'the verdict that exits 0').choices(EXPECTATIONS).default('allowed'))
    .addOption(new Option('-o, --output <format>', 'how the answer looks').choices(CAN_FORMATS).default('text'))
    .addHelpText('after', CAN_EXAMPLES)
    .action(async (options: CanOptions) => {
      const { runCan } = await import('./can/can.command.js');
      done(await runCan(options, terminal));
    });
}

function batchCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('batch')
    .description('many questions of that kind at once, one JSON object a line')
    .argument('<file>', 'the questions, - for standard input')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .addOption(textFormatOption())
    .addHelpText('after', BATCH_EXAMPLES)
    .action(async (file: string, options: BatchOptions) => {
      const { runBatch } = await import('./can/batch.command.js');
      done(await runBatch(file, options, terminal));
    });
}

function patternCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('pattern')
    .description(
      'policies that are written again and again, filled in from what is there and proved; lists them without an id',
    )
    .argument('[id]', 'the pattern')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .option('-n, --namespace <name>', 'the namespace to fill it in for')
    .addOption(new Option('--form <kind>', 'the kind of policy').choices(POLICY_FORMS))
    .addOption(new Option('--as <what>', 'the policies, or what keeps them in place').choices(BUNDLE_FORMS))
    .option('--outside <name>', 'a name or block outside, for external-services; may be repeated', collect, [])
    .option('--port <port>', 'their port, 443 when left out')
    .addOption(outputOption())
    .addHelpText('after', PATTERN_EXAMPLES)
    .action(async (id: string | undefined, options: PatternOptions) => {
      const { runPattern } = await import('./pattern/pattern.command.js');
      done(await runPattern(id, options, terminal));
    });
}

function cniCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('cni')
    .description('compare network plugins, or tell which one a cluster runs and which policies it ignores')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .option('--history', 'with --server: which plugins it ran, newest first, and what differed')
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'md', 'csv']).default('text'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  atlas cni -o md\n  atlas cni --dir ./manifests\n  atlas cni --server --cluster shop-calico -o json\n  atlas cni --server --cluster shop-calico --history\n',
    )
    .action(async (options: CniOptions) => {
      const { runCni } = await import('./cni/cni.command.js');
      done(await runCni(options, terminal));
    });
}

function policiesCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('policies')
    .description('list the policies of a folder or a cluster')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('-n, --namespace <name>', 'of this namespace only')
    .option('--idle', 'with --dir: rules that could go without any verdict changing, and what decides in their stead')
    .addOption(textFormatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  atlas policies --dir ./manifests\n  atlas policies --dir ./manifests --idle\n  atlas policies --server --cluster shop-calico -n shop\n',
    )
    .action(async (options: PoliciesOptions) => {
      const { runPolicies } = await import('./policies/policies.command.js');
      done(await runPolicies(options, terminal));
    });
}

interface ServerOptions {
  readonly server: string;
  readonly output: 'text' | 'json';
}

function clustersCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const clusters = new Command('clusters')
    .description('the clusters that a server watches')
    .copyInheritedSettings(parent);
  const sub = (usage: string, description: string): Command =>
    clusters.command(usage).description(description).addOption(serverAddressOption()).addOption(outputOption());
  const using = async (options: ServerOptions, work: (commands: ClusterCommands) => Promise<ExitCode>) => {
    const [{ ClusterCommands: Commands }, { ServerClient }] = await Promise.all([
      import('./clusters/clusters.command.js'),
      import('./server/server-client.js'),
    ]);
    done(await work(new Commands(new ServerClient(options.server), terminal, options.output)));
  };

  sub('add <name>', 'add a cluster, by one of the sources below')
    .option('--kubeconfig <file>', 'send the text of this kubeconfig; the server keeps it sealed')
    .option('--kubeconfig-path <path>', "a kubeconfig file on the server's machine")
    .option('--context <name>', 'context of the kubeconfig, its current one when left out')
    .option('--in-cluster', 'the cluster that the server runs in')
    .option('--agent', 'a cluster that an agent inside it sends, see docs/agent.md')
    .option('--folder <path>', "a folder of manifests on the server's machine, read again when it changes")
    .option('--archive <path>', "a .tar, .tgz or .zip of manifests on the server's machine")
    .option('--upload <path>', 'send this file, archive or folder of manifests')
    .action((name: string, options: AddOptions & ServerOptions) => using(options, (c) => c.add(name, options)));
  sub('list', 'list the clusters')
    .addOption(sortOption())
    .action((options: ServerOptions & Sorted) => using(options, (c) => c.list(options.sort)));
  for (const [action, description] of Object.entries(ACTIONS) as [ClusterAction, string][]) {
    sub(`${action} <name>`, description).action((name: string, options: ServerOptions) =>
      using(options, (c) => c.act(action, name)),
    );
  }
  sub('upload <name> <path>', 'replace the manifests of an uploaded cluster by a file, archive or folder').action(
    (name: string, path: string, options: ServerOptions) => using(options, (c) => c.upload(name, path)),
  );
  return clusters.addHelpText('after', CLUSTERS_EXAMPLES);
}

const ACTIONS: Readonly<Record<ClusterAction, string>> = {
  get: 'show one cluster with its problems',
  remove: 'forget a cluster and all that is stored of it',
  pause: 'stop reading a cluster; what is stored can still be asked about',
  resume: 'go on with reading a cluster',
  resync: 'read everything again',
};
