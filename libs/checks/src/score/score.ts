import { pushTo } from '#engine';

import { FRAMEWORKS, type ComplianceKey, type Framework } from '../model/compliance.js';
import type { Outcome } from '../model/finding.js';
import { SEVERITIES, worstOf, type Severity } from '../model/severity.js';

/** What a check came to in an audit, as far as a score needs it. */
export interface ScoredCheck {
  readonly id: string;
  readonly severity: Severity;
  readonly compliance: readonly ComplianceKey[];
  readonly outcome: Outcome;
}

/** Findings of one check in one namespace ('' for what lies in none) that count: those that nobody accepted. */
export interface FindingCount {
  readonly check: string;
  readonly namespace: string;
  readonly severity: Severity;
  readonly count: number;
}

/** How a part of the cluster, or of a framework, stands. */
export interface Score {
  /** 0 to 100: the weight of the checks that hold among those that came to a result; null when none did. */
  readonly score: number | null;
  readonly passed: number;
  readonly failed: number;
  /** Checks that were skipped, broke, or could not tell. */
  readonly open: number;
  readonly findings: Readonly<Record<Severity, number>>;
}

/**
 * What the checks say of one control. They are evidence for it, never proof: `gaps` when one fails, `open` when one
 * could not tell, `evidence` when all hold, and `needs-a-person` where no check applied.
 */
export const CONTROL_STATES = ['evidence', 'gaps', 'open', 'needs-a-person'] as const;

export interface ControlScore {
  readonly control: ComplianceKey;
  readonly status: (typeof CONTROL_STATES)[number];
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly open: readonly string[];
}

export interface FrameworkScore extends Score {
  readonly framework: Framework;
  readonly controls: readonly ControlScore[];
}

export interface NamespaceScore extends Score {
  /** '' for what lies in no namespace. */
  readonly namespace: string;
}

/** The weight of a check that fails, by the worst of what it found. */
const WEIGHTS: Readonly<Record<Severity, number>> = { critical: 10, high: 5, medium: 2, low: 1, info: 0 };

/** How the cluster stands as a whole. */
export function overallScore(checks: readonly ScoredCheck[], findings: readonly FindingCount[]): Score {
  const worst = worstByCheck(findings);
  let [held, weighed, passed, failed, open] = [0, 0, 0, 0, 0];
  for (const check of checks) {
    const state = stateOf(check, worst);
    if (state === 'open') open++;
    if (state !== 'passed' && state !== 'failed') continue;
    const weight = WEIGHTS[worst.get(check.id) ?? check.severity];
    weighed += weight;
    if (state === 'passed') held += weight;
    if (state === 'passed') passed++;
    else failed++;
  }
  const score = passed + failed === 0 ? null : weighed === 0 ? 100 : Math.round((100 * held) / weighed);
  return { score, passed, failed, open, findings: tally(findings) };
}

/** How each namespace stands that has findings or is in `namespaces`, in order of name. */
export function namespaceScores(
  checks: readonly ScoredCheck[],
  findings: readonly FindingCount[],
  namespaces: readonly string[],
): NamespaceScore[] {
  const byNamespace = new Map<string, FindingCount[]>(namespaces.map((name) => [name, []]));
  for (const finding of findings) pushTo(byNamespace, finding.namespace, finding);
  return [...byNamespace]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([namespace, own]) => ({ namespace, ...overallScore(checks, own) }));
}

/** How the cluster stands in the eyes of each framework. */
export function frameworkScores(checks: readonly ScoredCheck[], findings: readonly FindingCount[]): FrameworkScore[] {
  const worst = worstByCheck(findings);
  return (Object.entries(FRAMEWORKS) as [Framework, readonly ComplianceKey[]][]).map(([framework, keys]) => {
    const members = checks.filter((check) => check.compliance.some((key) => keys.includes(key)));
    const ids = new Set(members.map((check) => check.id));
    const own = findings.filter((finding) => ids.has(finding.check));
    const controls = keys.map((control) => controlScore(control, members, worst));
    return { framework, ...overallScore(members, own), controls };
  });
}

function controlScore(
  control: ComplianceKey,
  checks: readonly ScoredCheck[],
  worst: ReadonlyMap<string, Severity>,
): ControlScore {
  const members = checks.filter((check) => check.compliance.includes(control));
  const of = (state: string): string[] =>
    members.filter((check) => stateOf(check, worst) === state).map((check) => check.id);
  const [passed, failed, open] = [of('passed'), of('failed'), of('open')];
  const status =
    failed.length > 0 ? 'gaps' : open.length > 0 ? 'open' : passed.length > 0 ? 'evidence' : 'needs-a-person';
  return { control, status, passed, failed, open };
}

/** A check whose findings are all accepted, or lie elsewhere, holds. */
function stateOf(check: ScoredCheck, worst: ReadonlyMap<string, Severity>): 'passed' | 'failed' | 'open' | 'none' {
  switch (check.outcome) {
    case 'fail':
      return worst.has(check.id) ? 'failed' : 'passed';
    case 'pass':
      return 'passed';
    case 'not-applicable':
      return 'none';
    case 'unknown':
    case 'skip':
    case 'error':
      return 'open';
  }
}

function worstByCheck(findings: readonly FindingCount[]): ReadonlyMap<string, Severity> {
  const worst = new Map<string, Severity>();
  for (const { check, severity, count } of findings) {
    if (count > 0) worst.set(check, worstOf([severity, worst.get(check) ?? severity]) ?? severity);
  }
  return worst;
}

function tally(findings: readonly FindingCount[]): Record<Severity, number> {
  const out = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
  for (const { severity, count } of findings) out[severity] += count;
  return out;
}
