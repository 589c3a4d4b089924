import { Command, InvalidArgumentError, Option } from 'commander';

import { FLOW_STANDINGS, POLICY_FORMS, SEEN_VERDICTS } from '#contracts';
import type { ExitCode } from '../exit-code.js';
import { collect, dirOption, outputOption, serverAddressOption, serverOption, sortOption } from '../options.js';
import type { Terminal } from '../terminal.js';
import type { ExplainOptions, SuggestOptions } from './flows.command.js';
import type { KeepOptions, ListKeptOptions } from './kept-flows.command.js';

const FLOWS_EXAMPLES = `
Without a file, a server takes the flows that the cluster keeps. Files are read of Hubble (hubble observe -o json), Calico's flow logs and Goldmane, Antrea's flow aggregator, Inspektor
Gadget (trace_tcpconnect, advise_networkpolicy), and lines such as
  {"src":"shop/web","dst":"shop/api","protocol":"TCP","port":8080,"verdict":"dropped"}

Examples:
  hubble observe --since 1h -o json | atlas flows explain --file - --server --cluster shop
  atlas flows explain --file flows.jsonl --dir ./manifests --standing dropped-though-allowed
  atlas flows suggest --file flows.jsonl --dir ./manifests -n shop > policies.yaml
  hubble observe --since 5m -o json | atlas flows keep --file - --cluster shop
  atlas flows list --cluster shop --verdict dropped
  atlas flows suggest --relay 127.0.0.1:4245 --since 6h --server --cluster shop --form cilium

Exit codes:
  0 all as policy says   1 what was seen differs (explain), or would be cut (suggest)   2 bad usage   3 not reachable
`;

/** `atlas flows`. */
export function flowsCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const flows = new Command('flows')
    .description('flows that were seen: the policies that decide them, and policies that let through just those')
    .copyInheritedSettings(parent);
  const given = (name: string, description: string): Command =>
    flows
      .command(name)
      .description(description)
      .addOption(new Option('--file <path>', 'flows that were seen, - for standard input').conflicts('relay'))
      .option('--relay <address>', 'ask Hubble Relay at host:port instead')
      .option('--relay-ca <file>', 'with --relay: speak TLS and trust this authority')
      .option('--relay-cert <file>', 'with --relay: the certificate to show')
      .option('--relay-key <file>', 'with --relay: its key')
      .option('--relay-name <name>', "with --relay: the name in the server's certificate")
      .option('--since <age>', 'with --relay: how far back, as 30m or 6h', '1h');
  const sub = (name: string, description: string): Command =>
    given(name, description)
      .addOption(dirOption())
      .addOption(serverOption())
      .option('--cluster <name>', 'cluster of that server')
      .option('--at <when>', 'with --server: snapshot number or RFC 3339 time');
  sub('explain', 'which policies decide each flow, and where what was seen is not what they say')
    .addOption(
      new Option('--standing <how>', 'only flows that stand like this, may be repeated')
        .argParser(oneOf(FLOW_STANDINGS))
        .default([]),
    )
    .addOption(outputOption())
    .action(async (options: ExplainOptions) => {
      const { runExplain } = await import('./flows.command.js');
      done(await runExplain(options, terminal));
    });
  sub('suggest', 'policies that let through just what was seen, proved, with what they would still cut')
    .addOption(new Option('--form <kind>', 'the kind of policy to write').choices(POLICY_FORMS))
    .option('-n, --namespace <name>', 'only for workloads of this namespace, may be repeated', collect, [])
    .addOption(outputOption())
    .action(async (options: SuggestOptions) => {
      const { runSuggest } = await import('./flows.command.js');
      done(await runSuggest(options, terminal));
    });
  given('keep', 'add flows to those that a cluster of a server keeps, for questions that bring none')
    .addOption(serverAddressOption())
    .requiredOption('--cluster <name>', 'cluster of that server')
    .addOption(outputOption())
    .action(async (options: KeepOptions) => {
      const { runKeep } = await import('./kept-flows.command.js');
      done(await runKeep(options, terminal));
    });
  flows
    .command('list')
    .description('flows that a cluster of a server keeps, the last seen first')
    .addOption(serverAddressOption())
    .requiredOption('--cluster <name>', 'cluster of that server')
    .option('-n, --namespace <name>', 'only flows with this namespace at one of their ends')
    .addOption(new Option('--verdict <how>', 'only flows that came to this').choices(SEEN_VERDICTS))
    .option('--seen-since <time>', 'only flows seen at this time or later, RFC 3339')
    .option('--limit <n>', 'how many', '100')
    .option('--cursor <cursor>', 'go on behind this one')
    .addOption(sortOption())
    .addOption(outputOption())
    .action(async (options: ListKeptOptions) => {
      const { runListKept } = await import('./kept-flows.command.js');
      done(await runListKept(options, terminal));
    });
  return flows.addHelpText('after', FLOWS_EXAMPLES);
}

/** Reads an option that may be repeated and takes some words only. */
function oneOf(words: readonly string[]): (value: string, earlier: readonly string[]) => readonly string[] {
  return (value, earlier) => {
    if (!words.includes(value)) throw new InvalidArgumentError(`Allowed choices are ${words.join(', ')}.`);
    return [...earlier, value];
  };
}
