import {
  isAtLeast,
  loadChecks,
  readAddressLists,
  runChecks,
  type AddressList,
  type AuditReport,
  type Check,
  type Declared,
  type Finding,
  type Severity,
} from '#checks';
import {
  compileSnapshot,
  declaredFacts,
  driftReport,
  didYouMean,
  nearNames,
  objectDrift,
  type CompiledSnapshot,
  type Fact,
  type PolicyFact,
  type SeenFlow,
} from '#engine';

import { CliError } from '../cli-error.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readFolder, showPolicyProblems } from '../manifests/read-folder.js';
import type { TextFormat } from '../output/format-option.js';
import { tell } from '../output/tell.js';
import type { Terminal } from '../terminal.js';
import { findingsTelling, renderReport } from './render-report.js';

export interface AuditOptions {
  readonly dir?: string;
  readonly server?: string;
  readonly cluster?: string;
  /** Shows the server's last report instead of making one. */
  readonly last?: boolean;
  readonly output: TextFormat;
  /** In text: every finding, however many there are. */
  readonly all?: boolean;
  /** With `dir`: flows that were seen, for the checks that look at traffic. */
  readonly flows?: string;
  /** With `dir`: manifests that declare how it should be. */
  readonly baseline?: string;
  /** With `dir`: files as cloud providers publish them. */
  readonly addressList: readonly string[];
  /** Ids of the checks to run; all of them when empty. */
  readonly check: readonly string[];
  readonly namespace?: string;
  /** The least severity that makes the audit fail; `none` for never. */
  readonly failOn: Severity | 'none';
}

/** Audits manifests in this process, or has a server audit one of its clusters. */
export async function runAudit(options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  if ((options.dir === undefined) === (options.server === undefined)) {
    throw new CliError(EXIT.usage, 'say what to audit: either --dir with manifests, or --server with --cluster');
  }
  if (options.server === undefined) return auditFolder(options, options.dir ?? '', terminal);
  const { auditOnServer } = await import('./ask-server.js');
  return auditOnServer(options, terminal);
}

async function auditFolder(options: AuditOptions, dir: string, terminal: Terminal): Promise<ExitCode> {
  const checks = chosen(await loadChecks(), options.check);
  const { facts, problems } = await readFolder(dir, terminal);
  const snapshot = compileSnapshot(facts);
  showPolicyProblems(snapshot, terminal);
  const flows = options.flows === undefined ? null : await seenFlows(options.flows, terminal);
  const declared =
    options.baseline === undefined ? null : await declaredBy(options.baseline, facts, snapshot, terminal);
  const addressLists = (await Promise.all(options.addressList.map((path) => listsOf(path, terminal)))).flat();
  const settings = { flows, declared, addressLists, now: new Date().toISOString() };
  const report = within(runChecks(snapshot, checks, { settings }), options.namespace);
  const telling = findingsTelling(report, { ...asJson(report), problems }, () => {
    terminal.out(renderReport(report, options.all === true));
  });
  await tell(telling, options.output, terminal);
  return exitCodeOf(report, options.failOn);
}

async function seenFlows(path: string, terminal: Terminal): Promise<readonly SeenFlow[]> {
  const [{ readFlows }, { tellFile }, { readText }] = await Promise.all([
    import('#flows'),
    import('../flows/render-flows.js'),
    import('../manifests/read-text.js'),
  ]);
  const { flows, ...read } = readFlows(await readText(path, terminal));
  tellFile({ ...read, flows: flows.length }, path, terminal);
  return flows;
}

async function listsOf(path: string, terminal: Terminal): Promise<readonly AddressList[]> {
  const { readText } = await import('../manifests/read-text.js');
  const published = parsed(await readText(path, terminal));
  const lists = readAddressLists(published);
  if (lists !== null) return lists;
  throw new CliError(EXIT.usage, `\`${path}\` is no list of addresses as AWS, Google or Azure publish it`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function declaredBy(
  path: string,
  live: readonly Fact[],
  after: CompiledSnapshot,
  terminal: Terminal,
): Promise<Declared> {
  const { facts } = await readFolder(path, terminal);
  const objects = objectDrift(declaredFacts(facts), declaredFacts(live));
  const before = compileSnapshot(facts, { cni: after.cni });
  return {
    name: path,
    policies: facts.filter((fact): fact is PolicyFact => fact.type === 'policy'),
    report: driftReport({ before, after, objects, reading: 'intended' }),
  };
}

function chosen(checks: readonly Check[], ids: readonly string[]): readonly Check[] {
  const known = new Set(checks.map((check) => check.id));
  const wrong = ids.filter((id) => !known.has(id));
  if (wrong.length > 0) {
    const near = wrong.flatMap((id) => nearNames(id, known));
    const lines = [near.length > 0 ? didYouMean(near) : `the checks are ${[...known].join(', ')}`];
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
