import { Command } from 'commander';
import { CHANNEL_EVENTS, CHANNEL_TYPES } from '#contracts';

import type { ExitCode } from '../exit-code.js';
import { collect, sortOption, type Sorted } from '../options.js';
import { MOST_LISTED, serverCommands, type ServerOptions } from '../server/server-commands.js';
import type { Terminal } from '../terminal.js';
import { renderTable } from '../table.js';

interface ChannelView {
  readonly name: string;
  readonly type: string;
  readonly outline: string;
  readonly events: readonly string[];
  readonly clusters: readonly string[] | null;
  readonly paused: boolean;
}

interface DeliveryView {
  readonly id: string;
  readonly createdAt: string;
  readonly channel: string;
  readonly state: string;
  readonly attempts: number;
  readonly title: string;
  readonly lastError: string;
}

interface AddOptions extends ServerOptions {
  readonly event: readonly string[];
  readonly cluster: readonly string[];
  readonly set: readonly string[];
}

interface DeliveriesOptions extends ServerOptions, Sorted {
  readonly channel?: string;
  readonly state?: string;
}

const EXAMPLES = `
What --set takes: webhook url secret; slack, teams url; mattermost url channel; pagerduty routingKey;
smtp host port security user password from to (repeated); s3 endpoint region bucket prefix accessKeyId secretAccessKey.
A value that begins with @ is read from that file, @- from standard input.

Examples:
  atlas channel add alerts slack --set url=@slack-url.txt --event finding.new --event assertion.turned
  atlas channel add archive s3 --set endpoint=https://s3.example.com --set bucket=reports --set accessKeyId=@id.txt \\
    --set secretAccessKey=@key.txt --event report.ready
  atlas channel test alerts
  atlas channel deliveries --state dead
  atlas channel again ID
`;

/** `atlas channel`: where a server tells things. */
export function channelCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const channel = new Command('channel').description('where a server tells things').copyInheritedSettings(parent);
  const { sub, using, listing } = serverCommands(channel, terminal, done);
  const path = (name: string): string => `channels/${encodeURIComponent(name)}`;

  sub('list', 'list the channels')
    .addOption(sortOption())
    .action((options: ServerOptions & Sorted) => listing(options, { path: 'channels' }, table));
  sub('add <name> <type>', `have things told: ${CHANNEL_TYPES.join(', ')}`)
    .option('--set <field=value>', 'a field of the target, may be repeated', collect, [])
    .option('--event <event>', `what it is told, may be repeated: ${CHANNEL_EVENTS.join(', ')}`, collect, [])
    .option('--cluster <name>', 'repeatable, every cluster when left out', collect, [])
    .action((name: string, type: string, { event, cluster, set, ...options }: AddOptions) =>
      using(
        options,
        async (client) => {
          const { readTarget } = await import('./read-target.js');
          const target = await readTarget(type, set, terminal);
          const clusters = cluster.length === 0 ? undefined : cluster;
          return client.post('channels', { name, target, events: event, clusters });
        },
        (made: ChannelView) => table([made]),
      ),
    );
  sub('test <name>', 'send a message at once').action((name: string, options: ServerOptions) =>
    using(
      options,
      (client) => client.post(`${path(name)}/test`),
      ({ delivered, problem }: { readonly delivered: boolean; readonly problem: string }) =>
        delivered ? 'it was taken' : `it was not taken: ${problem}`,
    ),
  );
  for (const [verb, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    sub(`${verb} <name>`, `${verb} a channel; what it would be told waits`).action(
      (name: string, options: ServerOptions) =>
        using(
          options,
          (client) => client.patch(path(name), { paused }),
          (changed: ChannelView) => table([changed]),
        ),
    );
  }
  sub('remove <name>', 'forget a channel').action((name: string, options: ServerOptions) =>
    using(
      options,
      (client) => client.delete(path(name)),
      () => `channel ${name} is forgotten`,
    ),
  );
  sub('deliveries', 'what channels were told, what waits, and what was given up')
    .option('--channel <name>', 'of this channel only')
    .option('--state <state>', 'queued, sent or dead')
    .addOption(sortOption())
    .action(({ channel: of, state, ...options }: DeliveriesOptions) =>
      listing(options, { path: 'deliveries', query: { channel: of, state }, most: MOST_LISTED }, deliveryTable),
    );
  sub('again <id>', 'send what was given up again').action((id: string, options: ServerOptions) =>
    using(
      options,
      (client) => client.post(`deliveries/${encodeURIComponent(id)}/again`),
      (delivery: DeliveryView) => deliveryTable([delivery]),
    ),
  );
  return channel.addHelpText('after', EXAMPLES);
}

function table(channels: readonly ChannelView[]): string {
  return renderTable(
    ['NAME', 'TYPE', 'TO', 'TOLD', 'CLUSTERS', 'STATE'],
    channels.map(({ name, type, outline, events, clusters, paused }) => [
      name,
      type,
      outline,
      events.join(','),
      clusters?.join(',') ?? 'all',
      paused ? 'paused' : 'on',
    ]),
  );
}

function deliveryTable(deliveries: readonly DeliveryView[]): string {
  return renderTable(
    ['ID', 'SINCE', 'CHANNEL', 'STATE', 'TRIES', 'TITLE', 'PROBLEM'],
    deliveries.map(({ id, createdAt, channel, state, attempts, title, lastError }) => [
      id,
      createdAt,
      channel,
      state,
      String(attempts),
      title,
      lastError,
    ]),
  );
}
