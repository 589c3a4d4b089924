import { Command } from 'commander';

import type { ExitCode } from '../exit-code.js';
import { collect, sortOption, type Sorted } from '../options.js';
import { MOST_LISTED, serverCommands, type ServerOptions } from '../server/server-commands.js';
import type { Terminal } from '../terminal.js';
import { renderTable } from '../table.js';

interface AddOptions extends ServerOptions {
  readonly cron: string;
  readonly timeZone: string;
  readonly cluster: readonly string[];
  readonly check: readonly string[];
  readonly format: readonly string[];
  readonly framework?: string;
  readonly runbook?: string;
  readonly from?: string;
  readonly to?: string;
  readonly port?: string;
  readonly namespace?: string;
}

interface PlannedTimeView {
  readonly at: string;
  readonly local: string;
}

interface RunView {
  readonly dueAt: string;
  readonly state: string;
  readonly missed: number;
  readonly jobId: string;
  readonly result: string | null;
}

interface ScheduleView {
  readonly name: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly task: { readonly type: string };
  readonly clusters: readonly string[] | null;
  readonly paused: boolean;
  readonly next: readonly PlannedTimeView[];
  readonly lastRun: RunView | null;
}

const EXAMPLES = `
Examples:
  atlas schedule preview '0 6 * * mon-fri' --time-zone Europe/Berlin
  atlas schedule add nightly audit --cron '30 1 * * *' --time-zone Europe/Berlin --cluster shop-calico
  atlas schedule add cni-check runbook --runbook policies-without-effect --cron '*/30 * * * *' --cluster shop-flannel
  atlas schedule add monthly report --format pdf --format json --framework 'PCI DSS 4.0.1' --cron '0 7 1 * *'
  atlas schedule run nightly
  atlas schedule runs nightly
`;

/** `atlas schedule`: work of a server that comes round. */
export function scheduleCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const schedule = new Command('schedule')
    .description('audits, reports, runbooks and retention of a server that come round')
    .copyInheritedSettings(parent);
  const { sub, using, listing } = serverCommands(schedule, terminal, done);
  const path = (name: string): string => `schedules/${encodeURIComponent(name)}`;

  sub('list', 'list the schedules')
    .addOption(sortOption())
    .action((options: ServerOptions & Sorted) => listing(options, { path: 'schedules' }, table));
  sub('add <name> <task>', 'have an audit, a report, a runbook or retention come round')
    .requiredOption('--cron <pattern>', 'minute, hour, day of month, month, day of week')
    .option('--time-zone <zone>', 'time zone of the pattern', 'UTC')
    .option('--cluster <name>', 'repeatable, every cluster when left out', collect, [])
    .option('--check <id>', 'audit: run this check only, may be repeated', collect, [])
    .option('--format <format>', 'report: keep it in this form, may be repeated', collect, [])
    .option('--framework <name>', 'report: only the controls of this framework')
    .option('--runbook <id>', 'runbook: which one')
    .option('--from <peer>', 'runbook: who connects')
    .option('--to <peer>', 'runbook: to whom')
    .option('--port <port>', 'runbook: port by number or name')
    .option('-n, --namespace <name>', 'runbook: the namespace that it is about')
    .action((name: string, task: string, options: AddOptions) =>
      using(
        options,
        (client) => client.post('schedules', newSchedule(name, task, options)),
        (made: ScheduleView) => table([made]),
      ),
    );
  sub('preview <cron>', 'tell when a pattern comes round')
    .option('--time-zone <zone>', 'time zone of the pattern', 'UTC')
    .option('--count <number>', 'how many times to tell', '5')
    .action(
      (
        cron: string,
        { timeZone, count, ...options }: ServerOptions & { readonly timeZone: string; readonly count: string },
      ) =>
        using(
          options,
          (client) => client.get('schedules/preview', { cron, timeZone, count }),
          ({ items }: { items: PlannedTimeView[] }) => items.map(({ at, local }) => `${local}  ${at}`).join('\n'),
        ),
    );
  sub('run <name>', 'run a schedule at once').action((name: string, options: ServerOptions) =>
    using(
      options,
      (client) => client.post(`${path(name)}/run`),
      ({ id }: { id: string }) => `job ${id}`,
    ),
  );
  sub('runs <name>', 'tell each time that a schedule came round')
    .addOption(sortOption())
    .action((name: string, options: ServerOptions & Sorted) =>
      listing(options, { path: `${path(name)}/runs`, most: MOST_LISTED }, (runs: readonly RunView[]) =>
        renderTable(
          ['DUE', 'STATE', 'MISSED', 'JOB', 'RESULT'],
          runs.map((run) => [run.dueAt, run.state, String(run.missed), run.jobId, run.result ?? '']),
        ),
      ),
    );
  for (const [verb, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    sub(`${verb} <name>`, `${verb} a schedule`).action((name: string, options: ServerOptions) =>
      using(
        options,
        (client) => client.patch(path(name), { paused }),
        (changed: ScheduleView) => table([changed]),
      ),
    );
  }
  sub('remove <name>', 'forget a schedule').action((name: string, options: ServerOptions) =>
    using(
      options,
      (client) => client.delete(path(name)),
      () => `schedule ${name} is forgotten`,
    ),
  );
  return schedule.addHelpText('after', EXAMPLES);
}

function newSchedule(name: string, type: string, options: AddOptions): object {
  const { cron, timeZone, cluster, check, format, framework, runbook, from, to, port, namespace } = options;
  const some = <T extends readonly unknown[]>(values: T): T | undefined => (values.length === 0 ? undefined : values);
  const inputs = type === 'runbook' ? { from, to, port, namespace } : undefined;
  const task = { type, checks: some(check), formats: some(format), framework, runbook, inputs };
  return { name, cron, timeZone, task, clusters: some(cluster) };
}

function table(schedules: readonly ScheduleView[]): string {
  return renderTable(
    ['NAME', 'TASK', 'CRON', 'CLUSTERS', 'NEXT', 'LAST'],
    schedules.map(({ name, task, cron, timeZone, clusters, paused, next, lastRun }) => [
      name,
      task.type,
      `${cron} ${timeZone}`,
      clusters?.join(',') ?? 'all',
      paused ? 'paused' : (next[0]?.local ?? ''),
      lastRun === null ? 'never' : `${lastRun.state} ${lastRun.dueAt}`,
    ]),
  );
}
