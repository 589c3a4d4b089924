import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { loadCases } from './runner/load-cases.js';
import { failureLines, reportTable, resultsJson, summaryLine } from './runner/report.js';
import { runCase, type CaseResult } from './runner/run-case.js';

const USAGE = 'usage: npm run -s conformance -- [--json FILE] [--corpus NAME] [--case GLOB] [--verbose] DIR…';

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      corpus: { type: 'string' },
      case: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  });
  if (positionals.length === 0) throw new Error('name at least one folder of cases');
  const results: CaseResult[] = [];
  for (const folder of positionals) {
    const cases = await loadCases(folder, {
      ...(values.corpus === undefined ? {} : { corpus: values.corpus }),
      ...(values.case === undefined ? {} : { glob: values.case }),
    });
    for (const one of cases) {
      const result = await runCase(one);
      results.push(result);
      for (const line of failureLines([result], values.verbose)) console.log(line);
    }
  }
  if (results.length === 0) throw new Error(`no case found below ${positionals.join(', ')}`);
  console.log(`\n${reportTable(results)}\n\n${summaryLine(results)}`);
  if (values.json !== undefined) await writeFile(values.json, resultsJson(results));
  return results.some((result) => result.status === 'failed') ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
