import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { collect, serverAddressOption, sortOption, type Sorted } from '../options.js';
import { formNamed } from '../report/report-format.js';
import { MOST_LISTED, serverCommands, type ServerOptions } from '../server/server-commands.js';
import type { Terminal } from '../terminal.js';
import { renderTable } from '../table.js';

interface FindingView {
  readonly severity: string;
  readonly title: string;
  readonly place: string;
}

interface ReportView {
  readonly id: string;
  readonly createdAt: string;
  readonly asOf: { readonly cluster: string; readonly seq: number };
  readonly framework: string | null;
  readonly score: number | null;
  readonly findings: number;
  readonly digest: string;
  readonly files: readonly { readonly format: string }[];
}

interface ComparedView extends ReportView {
  readonly comparison: {
    readonly against: string;
    readonly added: readonly FindingView[];
    readonly gone: readonly FindingView[];
    readonly still: number;
  } | null;
}

interface MakeOptions extends ServerOptions {
  readonly format: readonly string[];
  readonly framework?: string;
  readonly audit?: string;
}

interface GetOptions extends Pick<ServerOptions, 'server'> {
  readonly output?: string;
  readonly format?: string;
  readonly out: string;
}

const EXAMPLES = `
Examples:
  atlas reports make shop-calico --format pdf --format json
  atlas reports list --cluster shop-calico
  atlas reports show ID
  atlas reports get ID -o pdf --out shop.pdf
`;

/** `atlas reports`: those that a server keeps. */
export function reportsCommand(parent: Command, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const reports = new Command('reports').description('reports that a server keeps').copyInheritedSettings(parent);
  const { sub, using, listing } = serverCommands(reports, terminal, done);
  const path = (id: string): string => `reports/${encodeURIComponent(id)}`;

  sub('list', 'list the reports, the newest first')
    .option('--cluster <name>', 'of this cluster only')
    .addOption(sortOption())
    .action(({ cluster, ...options }: ServerOptions & Sorted & { readonly cluster?: string }) =>
      listing(options, { path: 'reports', query: { cluster }, most: MOST_LISTED }, table),
    );
  sub('make <cluster>', 'have a report made and kept')
    .option('--format <format>', 'a form to keep it in, may be repeated; html when left out', collectForms, [])
    .option('--framework <name>', 'only the controls of this framework')
    .option('--audit <id>', 'the audit to report; a new one is made when left out')
    .action((cluster: string, { format, framework, audit, ...options }: MakeOptions) =>
      using(
        options,
        (client) =>
          client.post('reports', { cluster, formats: format.length === 0 ? undefined : format, framework, audit }),
        ({ id }: { readonly id: string }) => `job ${id}; the report will have this id too`,
      ),
    );
  sub('show <id>', 'show a report, compared with the one before')
    .option('--against <id>', 'compare it with this one')
    .action((id: string, options: ServerOptions & { readonly against?: string }) =>
      using(options, (client) => client.get(path(id), { against: options.against }), details),
    );
  reports
    .command('get <id>')
    .description('write a report to a file, in a form that it is kept in')
    .addOption(serverAddressOption())
    .option('-o, --output <format>', 'the form')
    .option('--format <format>', 'the same as --output')
    .requiredOption('--out <file>', 'where to write it')
    .action((id: string, { server, output, format = output, out }: GetOptions) => {
      if (format === undefined) throw new CliError(EXIT.usage, 'say which form to write, as `-o pdf`');
      return using(
        { server, output: 'text' },
        async (client) => {
          const bytes = await client.bytes(`${path(id)}/files/${encodeURIComponent(formNamed(format))}`);
          await writeFile(out, bytes);
          return bytes.length;
        },
        (bytes: number) => `wrote ${out} (${String(bytes)} bytes)`,
      );
    });
  sub('remove <id>', 'delete a report').action((id: string, options: ServerOptions) =>
    using(
      options,
      (client) => client.delete(path(id)),
      () => `report ${id} is deleted`,
    ),
  );
  return reports.addHelpText('after', EXAMPLES);
}

function collectForms(format: string, before: readonly string[]): readonly string[] {
  return collect(formNamed(format), before);
}

function table(reports: readonly ReportView[]): string {
  return renderTable(
    ['ID', 'MADE', 'CLUSTER', 'FRAMEWORK', 'SCORE', 'FINDINGS', 'FORMS'],
    reports.map(({ id, createdAt, asOf, framework, score, findings, files }) => [
      id,
      createdAt,
      asOf.cluster,
      framework ?? 'all',
      score === null ? '-' : String(score),
      String(findings),
      files.map(({ format }) => format).join(','),
    ]),
  );
}

function details(report: ComparedView): string {
  const { comparison, digest, asOf } = report;
  const lines = [table([report]), `snapshot ${String(asOf.seq)}, digest ${digest}`];
  if (comparison === null) return [...lines, 'the first of its kind, there is nothing to compare it with'].join('\n');
  const { against, added, gone, still } = comparison;
  const line =
    (sign: string) =>
    (finding: FindingView): string =>
      `${sign} ${finding.severity}  ${finding.place}: ${finding.title}`;
  const count = `${String(added.length)} new, ${String(gone.length)} gone, ${String(still)} still there`;
  return [...lines, `against ${against}: ${count}`, ...added.map(line('+')), ...gone.map(line('-'))].join('\n');
}
