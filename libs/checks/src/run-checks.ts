import { ENGINE_VERSION, hashText, objectKey } from '#engine';
import type { CompiledSnapshot } from '#engine';

import { AuditContext } from './context/audit-context.js';
import { DEFAULT_SETTINGS, type AuditSettings } from './context/audit-settings.js';
import type { Check } from './define-check.js';
import type { Fix, Prediction } from './fix/fix.js';
import { predictFix } from './fix/predict-fix.js';
import type { ComplianceKey } from './model/compliance.js';
import type { CheckOutcome, FindingDraft, Outcome } from './model/finding.js';
import { SEVERITIES, worstFirst, worstOf, type Confidence, type Severity } from './model/severity.js';

/** A finding with everything a report needs. */
export interface Finding extends Required<FindingDraft> {
  /** Id of the check. */
  readonly check: string;
  /** Hash of check, object and pointer: equal from run to run, so that findings can be accepted and told as new. */
  readonly fingerprint: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly compliance: readonly ComplianceKey[];
  readonly remediation: string;
  /** What the fix would change; null when there is no manifest, or when predictions were limited. */
  readonly prediction: Prediction | null;
}

/** What one check came to. */
export interface CheckResult {
  readonly check: Check;
  readonly outcome: Outcome;
  /** '' for a pass, and for a fail that leaves nothing open. */
  readonly reason: string;
  readonly findings: readonly Finding[];
  /** The worst severity among the findings, null without any. */
  readonly severity: Severity | null;
}

export interface AuditReport {
  readonly engineVersion: string;
  /** One for each check, in the order given. */
  readonly results: readonly CheckResult[];
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly severities: Readonly<Record<Severity, number>>;
}

export interface RunOptions {
  readonly settings?: Partial<AuditSettings>;
  /** For how many distinct fixes the difference is predicted at most; the others can be asked for with `predictFix`. */
  readonly predictions?: number;
}

/** A prediction takes some 20 ms on a thousand pods; a first page of findings is all that is read at once. */
const MOST_PREDICTIONS = 50;

/** Checks of one snapshot, one by one; what several of them need is worked out once. */
export interface AuditRun {
  run(check: Check): CheckResult;
}

/** Makes ready to run checks on a compiled snapshot, for callers that do something in between. */
export function startAudit(snapshot: CompiledSnapshot, options: RunOptions = {}): AuditRun {
  const context = new AuditContext(snapshot, { ...DEFAULT_SETTINGS, ...options.settings });
  const predict = predictor(snapshot, options);
  return { run: (check) => runCheck(context, check, predict) };
}

/** Runs checks on a compiled snapshot. Pure: equal snapshots, checks and options give equal reports. */
export function runChecks(snapshot: CompiledSnapshot, checks: readonly Check[], options: RunOptions = {}): AuditReport {
  const audit = startAudit(snapshot, options);
  const results = checks.map((check) => audit.run(check));
  const findings = results.flatMap((result) => result.findings);
  return {
    engineVersion: ENGINE_VERSION,
    results,
    outcomes: tally(
      ['pass', 'fail', 'unknown', 'not-applicable', 'skip', 'error'],
      results.map((result) => result.outcome),
    ),
    severities: tally(
      SEVERITIES,
      findings.map((finding) => finding.severity),
    ),
  };
}

function tally<K extends string>(keys: readonly K[], values: readonly K[]): Record<K, number> {
  const out = Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
  for (const value of values) out[value]++;
  return out;
}

type Predict = (fix: Fix | null) => Prediction | null;

/** Equal fixes of several findings are predicted once. */
function predictor(snapshot: CompiledSnapshot, { predictions = MOST_PREDICTIONS }: RunOptions): Predict {
  const known = new Map<string, Prediction | null>();
  return (fix) => {
    if (fix === null || fix.action === 'task') return null;
    let found = known.get(fix.manifest);
    if (found === undefined) {
      found = known.size < predictions ? predictFix(snapshot, fix) : null;
      known.set(fix.manifest, found);
    }
    return found;
  };
}

function runCheck(context: AuditContext, check: Check, predict: Predict): CheckResult {
  const outcome = outcomeOf(context, check);
  if (outcome.outcome !== 'fail') {
    const reason = outcome.outcome === 'pass' ? '' : outcome.reason;
    return { check, outcome: outcome.outcome, reason, findings: [], severity: null };
  }
  const findings = outcome.findings.map((draft) => complete(check, draft, predict));
  const severity = worstOf(findings.map((finding) => finding.severity));
  return { check, outcome: 'fail', reason: outcome.reason, findings: findings.toSorted(worstFirst), severity };
}

/** A check that breaks says nothing about the cluster: that is an outcome of its own, and the others go on. */
function outcomeOf(context: AuditContext, check: Check): CheckOutcome | { outcome: 'error'; reason: string } {
  const missing = missingSource(context.snapshot, check);
  if (missing !== '') return { outcome: 'skip', reason: missing };
  try {
    return check.run(context);
  } catch (error) {
    return { outcome: 'error', reason: error instanceof Error ? error.message : String(error) };
  }
}

function missingSource(snapshot: CompiledSnapshot, check: Check): string {
  const missing = check.needs.filter((kind) => snapshot.completeness[kind]?.complete === false);
  return missing
    .map((kind) => {
      const why = snapshot.completeness[kind]?.reason ?? '';
      return `${kind} could not be listed${why === '' ? '' : `: ${why}`}`;
    })
    .join('; ');
}

function complete(check: Check, draft: FindingDraft, predict: Predict): Finding {
  const pointer = draft.pointer ?? '';
  const object = draft.object === null ? '' : objectKey(draft.object);
  return {
    ...draft,
    check: check.id,
    fingerprint: hashText([check.id, draft.scope, object, pointer].join('\0')),
    severity: draft.severity ?? check.severity,
    confidence: draft.confidence ?? check.confidence,
    pointer,
    related: draft.related ?? [],
    compliance: check.compliance,
    remediation: check.remediation,
    prediction: predict(draft.fix),
  };
}
