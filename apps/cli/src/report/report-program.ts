import { Command, Option } from 'commander';
import { REPORT_FORMATS } from '#contracts';

import type { ExitCode } from '../exit-code.js';
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
    .option('--out <file>', 'where to write it; printed when left out')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ReportOptions) => {
      const { writeReport } = await import('./report.command.js');
      done(await writeReport(options, terminal));
    });
}
