import { Command } from 'commander';

import type { ExitCode } from '../exit-code.js';
import { collect, dirOption, serverAddressOption, serverOption } from '../options.js';
import { textFormatOption } from '../output/format-option.js';
import type { Terminal } from '../terminal.js';
import type { FleetOptions } from './fleet.command.js';
import type { PathOptions } from './path.command.js';
import type { ProbeOptions } from './probe.command.js';

const PATH_EXAMPLES = `
Examples:
  atlas path shop-calico:shop/api shop-flannel:payments/gateway --port 8443
`;

const PROBE_EXAMPLES = `
Prints a shell script; it is run by you, with your rights. Each probe prints its id and what it saw.

Examples:
  atlas probe --server --cluster shop --from shop/web --to shop/db --port 5432 > probe.sh
  sh probe.sh > seen.txt
  atlas probe --server --cluster shop --from shop/web --to shop/db --port 5432 --results seen.txt
  atlas probe --server --cluster shop --entry 4e07ff1b00c3d1e2               a difference that atlas diff cluster:shop told
  atlas probe --server --cluster shop --entry 4e07ff1b00c3d1e2 --before 3    one of atlas diff cluster:shop@3 cluster:shop
  atlas probe --dir ./branch --entry 4e07ff1b00c3d1e2 --before ./main

Exit codes:
  0 the script was printed, or what was seen is as predicted   1 it is not   2 bad usage   3 server not reachable
`;

const FLEET_EXAMPLES = `
Examples:
  atlas fleet --port 22                                        where can anything reach port 22?
  atlas fleet --from namespace:dev --to namespace:prod         which clusters let dev reach prod?
  atlas fleet --cluster shop-calico --cluster shop-flannel --from shop/api --to service:payments/gateway --port 443

Exit codes:
  0 every cluster was asked   2 bad usage   3 a cluster, or the server, could not be asked
`;

/** `atlas probe`, `atlas fleet` and `atlas path`. */
export function fleetCommands(terminal: Terminal, done: (code: ExitCode) => void): readonly Command[] {
  const probe = new Command('probe')
    .description(
      'the commands that verify an answer, or a difference, in its cluster; what they saw against what was predicted',
    )
    .option('--from <peer>', 'who connects')
    .option('--to <peer>', 'to whom')
    .option('--port <port>', 'port by number or name')
    .option('--protocol <protocol>', 'TCP, UDP, SCTP or ICMP', 'TCP')
    .option('--entry <id>', 'in their place: a difference that atlas diff tells')
    .option(
      '--before <side>',
      'with --entry: the earlier state, as atlas diff takes it; the snapshot before if left out',
    )
    .option('--map-namespace <before=after>', 'with --entry: as for atlas diff, may be repeated', collect, [])
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server')
    .option('--at <when>', 'with --server: snapshot number or RFC 3339 time')
    .option('--image <name>', 'image of the probes, with nc, curl, ping, dig and nslookup')
    .option('--results <file>', 'what the script printed, - for standard input')
    .addOption(textFormatOption())
    .addHelpText('after', PROBE_EXAMPLES)
    .action(async (options: ProbeOptions) => {
      const { runProbe } = await import('./probe.command.js');
      done(await runProbe(options, terminal));
    });
  const fleet = new Command('fleet')
    .description('the same question to many clusters of a server')
    .addOption(serverAddressOption())
    .option('--cluster <name>', 'only this cluster, may be repeated', collect, [])
    .option('--from <peer>', 'who connects; anything when left out')
    .option('--to <peer>', 'to whom; anything when left out')
    .option('--port <port>', 'port by number')
    .option('--protocol <protocol>', 'TCP, UDP, SCTP or ICMP; TCP, or any where a side and the port are left out')
    .addOption(textFormatOption())
    .addHelpText('after', FLEET_EXAMPLES)
    .action(async (options: FleetOptions) => {
      const { runFleet } = await import('./fleet.command.js');
      done(await runFleet(options, terminal));
    });
  const path = new Command('path')
    .description('can an endpoint of one cluster reach one of another?')
    .argument('<from>', 'CLUSTER:PEER, as shop-calico:shop/api')
    .argument('<to>', 'CLUSTER:PEER')
    .requiredOption('--port <port>', 'port by number')
    .option('--protocol <protocol>', 'TCP, UDP or SCTP', 'TCP')
    .addOption(serverAddressOption())
    .addOption(textFormatOption())
    .addHelpText('after', PATH_EXAMPLES)
    .action(async (from: string, to: string, options: PathOptions) => {
      const { runPath } = await import('./path.command.js');
      done(await runPath(from, to, options, terminal));
    });
  return [probe, fleet, path];
}
