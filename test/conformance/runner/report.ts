import type { CaseResult, CaseStatus } from './run-case.js';

const COLUMNS: readonly (readonly [string, readonly CaseStatus[]])[] = [
  ['passed', ['passed']],
  ['failed', ['failed']],
  ['not supported yet', ['not-supported']],
  ['known difference', ['known-difference', 'not-judged']],
];

function counts(results: readonly CaseResult[]): number[] {
  return COLUMNS.map(([, statuses]) => results.filter((result) => statuses.includes(result.status)).length);
}

/** One line a failing case; with `verbose` every problem of it and every case that was left out. */
export function failureLines(results: readonly CaseResult[], verbose: boolean): string[] {
  return results.flatMap((result) => {
    const title = `${result.corpus}/${result.name}`;
    if (result.status === 'failed') {
      return verbose
        ? [`FAIL ${title}`, ...result.problems.map((problem) => `     ${problem}`)]
        : [`FAIL ${title}: ${oneLine(result.message)}`];
    }
    return verbose && result.status !== 'passed' ? [`skip ${title}: ${result.message}`] : [];
  });
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ⏎ ');
}

/** Rows by corpus, and below each by policy kind; a case counts in the row of every kind that it holds. */
export function reportTable(results: readonly CaseResult[]): string {
  const rows: string[][] = [['corpus', 'policy kind', 'cases', ...COLUMNS.map(([title]) => title)]];
  for (const corpus of [...new Set(results.map((result) => result.corpus))].sort()) {
    const own = results.filter((result) => result.corpus === corpus);
    rows.push([corpus, 'all', String(own.length), ...counts(own).map(String)]);
    const kinds = [...new Set(own.flatMap((result) => result.kinds))].sort();
    for (const kind of kinds) {
      const those = own.filter((result) => result.kinds.includes(kind));
      rows.push(['', kind, String(those.length), ...counts(those).map(String)]);
    }
  }
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [line(rows[0] ?? []), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.slice(1).map(line)].join(
    '\n',
  );
}

/** `N passed, N failed, N skipped`. */
export function summaryLine(results: readonly CaseResult[]): string {
  const [passed = 0, failed = 0, ...skipped] = counts(results);
  return `${passed} passed, ${failed} failed, ${skipped.reduce((sum, count) => sum + count, 0)} skipped`;
}

/** The results for other programs. A case that is left out for a known reason is `not-supported`, with the reason. */
export function resultsJson(results: readonly CaseResult[]): string {
  const cases = results.map(({ corpus, name, kinds, status, message }) => ({
    corpus,
    name,
    kinds,
    status: status === 'passed' || status === 'failed' ? status : 'not-supported',
    message: status === 'known-difference' ? `known difference: ${message}` : message,
  }));
  return `${JSON.stringify({ cases }, null, 1)}\n`;
}
