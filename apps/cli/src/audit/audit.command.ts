import { isAtLeast, loadChecks, runChecks, type AuditReport, type Check, type Finding, type Severity } from '#checks';
import { compileSnapshot } from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder } from '../manifests/read-folder.js';
import type { Terminal } from '../terminal.js';
import { renderReport } from './render-report.js';

export interface AuditOptions {
  readonly dir: string;
  readonly output: 'text' | 'json';
  /** Ids of the checks to run; all of them when empty. */
  readonly check: readonly string[];
  readonly namespace?: string;
  /** The least severity that makes the audit fail; `none` for never. */
  readonly failOn: Severity | 'none';
}

/** Runs the checks on manifests, in this process. */
export async function runAudit(options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  const checks = chosen(await loadChecks(), options.check);
  const { facts, problems } = await readFolder(options.dir, terminal);
  const report = within(runChecks(compileSnapshot(facts), checks), options.namespace);
  terminal.out(
    options.output === 'json' ? JSON.stringify({ ...asJson(report), problems }, null, 2) : renderReport(report),
  );
  return exitCodeOf(report, options.failOn);
}

function chosen(checks: readonly Check[], ids: readonly string[]): readonly Check[] {
  const known = new Set(checks.map((check) => check.id));
  const wrong = ids.filter((id) => !known.has(id));
  if (wrong.length > 0) {
    const lines = [`the checks are ${[...known].join(', ')}`];
    throw new CliError(EXIT.usage, `there is no check ${wrong.map((id) => `\`${id}\``).join(', ')}`, lines);
  }
  return ids.length === 0 ? checks : checks.filter((check) => ids.includes(check.id));
}

/** The report with the findings of one namespace only; a check that has no other becomes a pass. */
function within(report: AuditReport, namespace: string | undefined): AuditReport {
  if (namespace === undefined) return report;
  const concerns = ({ object }: Finding): boolean =>
    object !== null && (object.namespace === namespace || (object.kind === 'Namespace' && object.name === namespace));
  const results = report.results.map((result) => {
    const findings = result.findings.filter(concerns);
    return result.outcome !== 'fail' || findings.length > 0
      ? { ...result, findings }
      : { ...result, outcome: 'pass' as const, findings, severity: null };
  });
  return { ...report, results };
}

function asJson(report: AuditReport): Record<string, unknown> {
  const results = report.results.map(({ check, ...result }) => {
    const { run: _, ...told } = check;
    return { check: told, ...result };
  });
  return { ...report, results };
}

/** Findings at or above the limit are not what was expected; an audit that could not be made whole is undetermined. */
function exitCodeOf({ results }: AuditReport, failOn: AuditOptions['failOn']): ExitCode {
  const findings = results.flatMap((result) => result.findings);
  if (failOn !== 'none' && findings.some((finding) => isAtLeast(finding.severity, failOn))) return EXIT.unexpected;
  return results.some(({ outcome }) => outcome === 'error') ? EXIT.undetermined : EXIT.ok;
}
