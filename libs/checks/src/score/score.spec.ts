import { describe, expect, it } from '@jest/globals';
import { frameworkScores, namespaceScores, overallScore, type FindingCount, type ScoredCheck } from './score.js';

const checks: readonly ScoredCheck[] = [
  { id: 'a', severity: 'high', compliance: ['CIS-5.3.2', 'SC-7'], outcome: 'fail' },
  { id: 'b', severity: 'high', compliance: ['CIS-5.3.2'], outcome: 'pass' },
  { id: 'c', severity: 'medium', compliance: ['SC-7'], outcome: 'skip' },
  { id: 'd', severity: 'low', compliance: [], outcome: 'not-applicable' },
];
const found = (namespace: string, count = 1): FindingCount => ({ check: 'a', namespace, severity: 'high', count });

describe('scores', () => {
  it('weigh what holds against what came to a result', () => {
    expect(overallScore(checks, [found('shop', 2)])).toEqual({
      score: 50,
      passed: 1,
      failed: 1,
      open: 1,
      findings: { critical: 0, high: 2, medium: 0, low: 0, info: 0 },
    });
  });

  it('weigh a failed check by the worst that it found', () => {
    const critical = { ...found('shop'), severity: 'critical' as const };
    expect(overallScore(checks, [found('shop'), critical]).score).toBe(Math.round((100 * 5) / 15));
  });

  it('count a check as held when nothing that it found is left', () => {
    expect(overallScore(checks, [])).toMatchObject({ score: 100, passed: 2, failed: 0 });
  });

  it('are null where no check came to a result', () => {
    expect(overallScore(checks.slice(2), []).score).toBeNull();
  });

  it('are told for each namespace, also for one without findings', () => {
    const scores = namespaceScores(checks, [found('shop')], ['shop', 'blog']);
    expect(scores.map(({ namespace, score }) => [namespace, score])).toEqual([
      ['blog', 100],
      ['shop', 50],
    ]);
  });

  it('tell of each control of a framework whether there are gaps, evidence, or neither', () => {
    const scores = frameworkScores(checks, [found('shop')]);
    const controls = new Map(scores.flatMap((score) => score.controls).map((one) => [one.control, one]));
    expect(controls.get('CIS-5.3.2')).toEqual({
      control: 'CIS-5.3.2',
      status: 'gaps',
      passed: ['b'],
      failed: ['a'],
      open: [],
    });
    expect(controls.get('SC-7')).toMatchObject({ status: 'gaps', open: ['c'] });
    expect(controls.get('NSA-NP')).toMatchObject({ status: 'needs-a-person' });
    expect(frameworkScores(checks, []).flatMap((score) => score.controls)).toContainEqual(
      expect.objectContaining({ control: 'SC-7', status: 'open' }),
    );
    expect(scores.find(({ framework }) => framework === 'NIST SP 800-53 r5')).toMatchObject({ score: 0, open: 1 });
  });
});
