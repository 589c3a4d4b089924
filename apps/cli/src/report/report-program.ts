import { Command, InvalidArgumentError, Option } from 'commander';
import { readTime, REPORT_FORMATS } from '#contracts';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { dirOption, serverOption } from '../options.js';
import type { Terminal } from '../terminal.js';
import type { ReportOptions } from './report.command.js';

const EXAMPLES = `
Examples:
  atlas report --dir ./manifests -o html --out report.html
  atlas report --dir ./manifests -o sarif > findings.sarif
  atlas report --server --cluster shop-calico -o pdf --framework 'PCI DSS 4.0.1' --out pci.pdf
`;

/** `atlas report`. */
export function reportCommand(terminal: Terminal, done: (code: ExitCode) => void): Command {
  return new Command('report')
    .description('the report of an audit as a file: of manifests, or of the last audit of a cluster')
    .addOption(dirOption())
    .addOption(serverOption())
    .option('--cluster <name>', 'cluster of that server, for its last audit')
    .option('--audit <id>', 'another audit of that server')
    .addOption(
      new Option('-o, --output <format>', 'how the report looks').choices([...REPORT_FORMATS, 'md']).default('md'),
    )
    .addOption(new Option('--format <format>', 'the same as --output').choices([...REPORT_FORMATS, 'md']))
    .option('--framework <name>', 'only the controls of this framework')
    .addOption(
      new Option('--at <time>', 'with --dir: the time that it bears, RFC 3339 or seconds since 1970; now when left out')
        .env('SOURCE_DATE_EPOCH')
        .argParser(timeOf),
    )
    .option('--out <file>', 'where to write it; printed when left out')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ReportOptions, command: Command) => {
      if (options.dir === undefined && command.getOptionValueSource('at') === 'cli')
        throw new CliError(EXIT.usage, '--at goes with --dir: what a server audited bears the time of its audit');
      const { writeReport } = await import('./report.command.js');
      done(await writeReport(options, terminal));
    });
}

function timeOf(text: string): Date {
  const at = /^\d+$/.test(text) ? new Date(Number(text) * 1_000) : readTime(text);
  if (at === null || Number.isNaN(at.getTime())) throw new InvalidArgumentError('give a time as 2026-11-27T09:30:00Z');
  return at;
}
