import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '#engine';
import type { CompiledSnapshot, Completeness } from '#engine';
import { factsOf } from '#engine/testing';

import type { Check } from '../define-check.js';
import { applyFix } from '../fix/apply-fix.js';
import { runChecks, type CheckResult, type Finding, type RunOptions } from '../run-checks.js';

/** One cluster to run a check on. */
export interface CheckCase {
  readonly name: string;
  readonly objects: readonly unknown[];
  readonly completeness?: Completeness;
  readonly settings?: RunOptions['settings'];
}

/** A cluster in which the check finds something. */
export interface FlaggedCase extends CheckCase {
  /** One for each finding, worst first: the object as `namespace/name`, with the pointer where it matters. */
  readonly finds: readonly {
    readonly at: string;
    readonly pointer?: string;
    readonly severity?: Finding['severity'];
    readonly confidence?: Finding['confidence'];
    /** Part of the title. */
    readonly title?: string | RegExp;
    /** Part of the evidence, each piece as `what: value` in a line. */
    readonly evidence?: RegExp;
    /** The counterexample as `source -> destination:port intended`, null when the finding has none. */
    readonly flow?: string | null;
    /**
     * Changes that the fix is predicted to make among others, as `source -> destination +opens -closes`; `[]` for none at
     * all, null for a task.
     */
    readonly change?: readonly string[] | null;
  }[];
}

export interface UndeterminedCase extends CheckCase {
  readonly outcome: 'unknown' | 'skip' | 'not-applicable';
  readonly reason: RegExp;
}

type Some<T> = readonly [T, ...T[]];

/**
 * Holds a check against clusters that it must pass, flag, and leave open: at least one of each, through the runner that
 * production uses. Beside what a case names, every finding's flow is real and every fix settles its finding.
 */
export function testCheck(
  check: Check,
  cases: {
    readonly clean: Some<CheckCase>;
    readonly flagged: Some<FlaggedCase>;
    readonly undetermined: Some<UndeterminedCase>;
  },
): void {
  describe(check.id, () => {
    it.each([...cases.clean])('passes: $name', (one) => {
      const { outcome, reason, findings } = run(check, one);
      expect({ outcome, reason, findings }).toEqual({ outcome: 'pass', reason: '', findings: [] });
    });
    it.each([...cases.flagged])('flags: $name', (one) => {
      const { outcome, reason, findings } = run(check, one);
      expect({ outcome, reason }).toMatchObject({ outcome: 'fail' });
      expect(findings.map(({ object }) => label(object))).toEqual(one.finds.map(({ at }) => at));
      for (const [index, wanted] of one.finds.entries()) expectFinding(findings[index] as Finding, wanted);
      expect(new Set(findings.map((finding) => finding.fingerprint)).size).toBe(findings.length);
    });
    // How a cluster differs from its baseline is worked out before an audit.
    const settled = cases.flagged.filter(({ settings }) => (settings?.declared ?? null) === null);
    if (settled.length > 0) it.each(settled)('is settled by its fix: $name', (one) => expectSettled(check, one));
    it.each([...cases.undetermined])('leaves open: $name', (one) => {
      const { outcome, reason } = run(check, one);
      expect({ outcome, reason }).toEqual({ outcome: one.outcome, reason: expect.stringMatching(one.reason) });
    });
  });
}

function expectSettled(check: Check, one: CheckCase): void {
  for (const { fix, fingerprint } of run(check, one).findings) {
    if (fix === null || fix.action === 'task') continue;
    const left = runOn(check, applyFix(compiled(one), fix), one).findings.map((each) => each.fingerprint);
    expect({ fix: fix.title, settles: !left.includes(fingerprint) }).toEqual({ fix: fix.title, settles: true });
  }
}

/** Runs one check on one cluster as production does. */
export function run(check: Check, one: CheckCase): CheckResult {
  return runOn(check, compiled(one), one);
}

function compiled({ objects, completeness }: CheckCase): CompiledSnapshot {
  return compileSnapshot(factsOf(...objects), completeness === undefined ? {} : { completeness });
}

function runOn(check: Check, snapshot: CompiledSnapshot, { settings }: CheckCase): CheckResult {
  return runChecks(snapshot, [check], settings === undefined ? {} : { settings }).results[0] as CheckResult;
}

function label(object: Finding['object']): string {
  if (object === null) return '';
  return object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
}

function expectFinding(finding: Finding, wanted: FlaggedCase['finds'][number]): void {
  expect(finding.title).toMatch(/^\S.*[^.]$/);
  expect(finding.evidence.length).toBeGreaterThan(0);
  if (wanted.evidence !== undefined) {
    expect(finding.evidence.map(({ what, value }) => `${what}: ${value}`).join('\n')).toMatch(wanted.evidence);
  }
  const { severity, confidence, pointer, title } = wanted;
  expect(finding).toMatchObject({
    ...(severity === undefined ? {} : { severity }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(pointer === undefined ? {} : { pointer }),
  });
  if (title !== undefined) expect(finding.title).toMatch(title);
  if (wanted.flow !== undefined) expect(flowText(finding)).toEqual(wanted.flow);
  if (wanted.change === undefined) return;
  const changes = changeTexts(finding);
  const some = wanted.change !== null && wanted.change.length > 0;
  expect(changes).toEqual(some ? expect.arrayContaining([...(wanted.change ?? [])]) : wanted.change);
}

function flowText({ counterexample }: Finding): string | null {
  if (counterexample === null) return null;
  const { source, destination, protocol, port, intended } = counterexample;
  return `${source} -> ${destination} ${protocol} ${port ?? 'any'} ${intended}`;
}

function changeTexts({ prediction }: Finding): readonly string[] | null {
  if (prediction === null) return null;
  return prediction.changes.map(({ source, destination, opens, closes }) =>
    [`${source} -> ${destination}`, opens === 'none' ? '' : ` +${opens}`, closes === 'none' ? '' : ` -${closes}`].join(
      '',
    ),
  );
}
