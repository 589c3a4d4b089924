import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '#engine';
import { factsOf } from '#engine/testing';

import { defineCheck, type Check } from './define-check.js';
import { operatorTask } from './fix/make-fix.js';
import { loadChecks } from './load-checks.js';
import { runChecks } from './run-checks.js';
import { CALICO, denyAll, dns, namespace, node, pod, policy, service } from './testing/objects.js';

const cluster = [
  node(),
  namespace('shop'),
  namespace('pay'),
  ...dns(),
  CALICO,
  pod('shop/web', { port: 8080 }),
  pod('shop/db', { port: 5432 }),
  pod('pay/gateway', { port: 8443 }),
  service('pay/gateway', { selector: { app: 'gateway' }, ports: [{ port: 443, targetPort: 8443 }] }),
  denyAll('pay', 'Ingress', 'Egress'),
  policy('shop/web', { podSelector: { matchLabels: { app: 'web' } }, ingress: [{}] }),
];

function checkThat(run: Check['run']): Check {
  return defineCheck({
    id: 'made-up',
    number: 'COV-99',
    area: 'coverage',
    core: false,
    title: 'something is wrong here',
    description: 'Finds something that is wrong, and tells how it decides so.',
    remediation: 'Do something about it, and then look at it again.',
    severity: 'low',
    confidence: 'likely',
    scope: 'cluster',
    reads: 'compiled',
    needs: ['Pod'],
    compliance: ['CM-6'],
    references: ['https://kubernetes.io/docs/'],
    run,
  });
}

const finding = { title: 'it is wrong', scope: 'cluster', object: null, evidence: [], counterexample: null } as const;

describe('running checks', () => {
  it('gives equal reports for equal snapshots, whatever the order of the objects', async () => {
    const checks = await loadChecks();
    const [one, two] = [cluster, cluster.toReversed()].map((objects) =>
      runChecks(compileSnapshot(factsOf(...objects)), checks),
    );
    expect(one!.results.flatMap((result) => result.findings).length).toBeGreaterThan(5);
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
  });

  it('gives every finding a fingerprint of its own, which outlives changes elsewhere', async () => {
    const checks = await loadChecks();
    const prints = (objects: readonly unknown[]): string[] =>
      runChecks(compileSnapshot(factsOf(...objects)), checks).results.flatMap(({ findings }) =>
        findings.map((each) => each.fingerprint),
      );
    const before = prints(cluster);
    expect(new Set(before).size).toBe(before.length);
    const after = prints([...cluster, namespace('new'), pod('new/x')]);
    expect(before.filter((print) => !after.includes(print))).toEqual([]);
    expect(after.length).toBeGreaterThan(before.length);
  });

  it('every flow that is shown is what the engine says, and every fix is a valid object with a prediction', async () => {
    const report = runChecks(compileSnapshot(factsOf(...cluster)), await loadChecks());
    for (const { findings } of report.results) {
      for (const { counterexample, fix, prediction } of findings) {
        if (counterexample !== null) expect(counterexample.summary).toMatch(/→ (allowed|denied|undetermined)$/);
        expect(prediction === null).toBe(fix === null || fix.action === 'task');
      }
    }
  });

  it('fills in what a finding leaves to its check', () => {
    const check = checkThat(() => ({
      outcome: 'fail',
      reason: '',
      findings: [{ ...finding, fix: operatorTask('do it', '') }],
    }));
    const { results, outcomes, severities } = runChecks(compileSnapshot([]), [check]);
    expect(results[0]).toMatchObject({
      outcome: 'fail',
      severity: 'low',
      findings: [
        {
          check: 'made-up',
          severity: 'low',
          confidence: 'likely',
          pointer: '',
          compliance: ['CM-6'],
          prediction: null,
        },
      ],
    });
    expect(outcomes).toMatchObject({ fail: 1, pass: 0 });
    expect(severities).toMatchObject({ low: 1, high: 0 });
  });

  it('calls a check that breaks an error, and goes on with the others', () => {
    const broken = checkThat(() => {
      throw new Error('a bug');
    });
    const { results } = runChecks(compileSnapshot([]), [broken, checkThat(() => ({ outcome: 'pass' }))]);
    expect(results.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['error', 'a bug'],
      ['pass', ''],
    ]);
  });

  it('skips a check whose source is missing without running it, and never calls that a pass', () => {
    const never = checkThat(() => {
      throw new Error('it ran');
    });
    const snapshot = compileSnapshot([], { completeness: { Pod: { complete: false, reason: 'forbidden' } } });
    expect(runChecks(snapshot, [never]).results[0]).toMatchObject({
      outcome: 'skip',
      reason: 'Pod could not be listed: forbidden',
    });
  });

  it('predicts as many fixes as it is told, and equal fixes once', async () => {
    const snapshot = compileSnapshot(factsOf(...cluster));
    const predicted = (predictions: number): number =>
      new Set(
        runChecks(snapshot, checks, { predictions })
          .results.flatMap((result) => result.findings)
          .filter((each) => each.prediction !== null)
          .map((each) => each.fix?.manifest),
      ).size;
    const checks = await loadChecks();
    expect(predicted(0)).toBe(0);
    expect(predicted(2)).toBe(2);
  });
});
