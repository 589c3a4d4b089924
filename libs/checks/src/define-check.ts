import type { PolicyKind } from '#engine';

import type { AuditContext } from './context/audit-context.js';
import type { AuditSettings } from './context/audit-settings.js';
import type { ComplianceKey } from './model/compliance.js';
import type { CheckOutcome, ScopeType } from './model/finding.js';
import type { Confidence, Severity } from './model/severity.js';

/** What checks are grouped by. */
export const AREAS = [
  'coverage',
  'correctness',
  'exposure',
  'dependencies',
  'enforcement',
  'bypass',
  'hygiene',
  'mesh',
] as const;
export type Area = (typeof AREAS)[number];

/**
 * One audit. `run` sees a compiled snapshot and nothing else: no other check, no clock, no database; equal snapshots
 * give equal outcomes.
 */
export interface Check {
  /** Equal to the file's name. */
  readonly id: string;
  /** Its number in the catalogue, as `COV-02`. */
  readonly number: string;
  readonly area: Area;
  /** Part of the core set. */
  readonly core: boolean;
  /** What is wrong when it fails: one line in lower case, without a full stop. */
  readonly title: string;
  /** What it finds and how it decides. Ends with a full stop. */
  readonly description: string;
  /** What to do about a finding. Ends with a full stop. */
  readonly remediation: string;
  /** Of a finding that does not say otherwise. */
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly scope: ScopeType;
  /** Checks about what policies do read the compiled form; only those about their text read raw objects of one kind. */
  readonly reads: 'compiled' | { readonly raw: PolicyKind };
  /** Kinds that the inventory must have listed whole, by `kindId`; without one of them the check is skipped. */
  readonly needs: readonly string[];
  /** Settings that it reads and that take work to come by. */
  readonly settings?: readonly (keyof AuditSettings)[];
  readonly compliance: readonly ComplianceKey[];
  readonly references: readonly string[];
  readonly run: (context: AuditContext) => CheckOutcome;
}

/** A check that is not fit to be loaded. */
export class CheckDefinitionError extends Error {
  override readonly name = 'CheckDefinitionError';
}

/** Validates a check and freezes it. Throws `CheckDefinitionError` with everything that is wrong with it. */
export function defineCheck(check: Check): Check {
  const problems = problemsOf(check);
  if (problems.length > 0) throw new CheckDefinitionError(`check \`${check.id}\`: ${problems.join('; ')}`);
  return Object.freeze({
    ...check,
    needs: Object.freeze([...check.needs]),
    compliance: Object.freeze([...check.compliance]),
    references: Object.freeze([...check.references]),
  });
}

function problemsOf(check: Check): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  must(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(check.id), 'the id must be lower case words joined by dashes');
  must(/^[A-Z]{3}-\d{2}$/.test(check.number), 'the number must look like `COV-02`');
  must(/^[^A-Z].{10,}[^.]$/.test(check.title), 'the title must be a line in lower case without a full stop');
  for (const key of ['description', 'remediation'] as const) {
    must(/^[A-Z].{30,}\.$/s.test(check[key]), `the ${key} must be sentences that end with a full stop`);
  }
  must(check.needs.length > 0, 'it must name the kinds that it needs');
  must(check.references.length > 0, 'it must name a reference');
  for (const reference of check.references) must(isHttps(reference), `\`${reference}\` must be an https address`);
  must(new Set(check.compliance).size === check.compliance.length, 'a compliance key stands there twice');
  return problems;
}

function isHttps(address: string): boolean {
  return /^https:\/\/[a-z0-9.-]+\.[a-z]+\/\S*$/.test(address);
}
