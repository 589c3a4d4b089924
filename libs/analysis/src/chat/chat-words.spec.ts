import { describe, expect, it } from '@jest/globals';
import type { RunbookReport, StepReport } from '#checks';
import type { DriftReport } from '#engine';
import type { Provenance } from '../provenance/provenance.js';
import { aboutFacts, ageWords, auditWords, driftWords, runbookWords } from './chat-words.js';

const ABOUT: Provenance = {
  asOf: {
    ...{ clusterId: 'c', cluster: 'prod', seq: 7, stalenessMs: 125_000 },
    takenAt: new Date('2026-11-27T16:52:57.331Z'),
  },
  completeness: { complete: true, incomplete: [] },
  engineVersion: '1',
};

type ToldEntry = Parameters<typeof driftWords>[0]['entries'][number];

const entry = (type: ToldEntry['type'], more: Partial<ToldEntry>): ToldEntry => ({
  ...{ type, dangerous: false, breaking: false, summary: `${type} something`, causes: [] },
  ...more,
});

describe('what a chat is told', () => {
  it('of drift begins with the worst, says why, and counts what it leaves out', () => {
    const cause = { text: 'policy shop/db changed' } as ToldEntry['causes'][number];
    const entries = [
      entry('opened', { dangerous: true, causes: [cause] }),
      entry('closed', { breaking: true }),
      ...Array.from({ length: 5 }, () => entry('changed', {})),
    ];
    const summary = { entries: 7, dangerous: 1, breaking: 1, policies: { different: 1, same: 0 } };
    const told = driftWords({ entries, summary: summary as DriftReport['summary'] }, ABOUT, ABOUT.asOf.takenAt);
    expect(told.title).toBe('prod: 1 dangerous, 1 breaking of 7 differences; policies: 1 changed');
    expect(told.severity).toBe('error');
    expect(told.facts.slice(0, 2)).toEqual([
      { name: 'dangerous, opened', value: 'opened something; because policy shop/db changed' },
      { name: 'breaking, closed', value: 'closed something' },
    ]);
    expect(told.facts).toContainEqual({ name: 'and', value: '2 more differences' });
  });

  it('of a run is its result, what settled it, the fix and what it opens', () => {
    const step = (title: string, more: Partial<StepReport>): StepReport => ({
      ...{ id: title, title, outcome: 'pass', found: `found by ${title}`, source: 'snapshot', evidence: [], next: '' },
      ...{ expected: '', conclusive: false, ...more },
    });
    const report: RunbookReport = {
      ...{ runbook: 'r', number: 'RB-1', title: 'a service cannot be reached', result: 'cause-found' },
      ...{ answer: 'port 8443 is closed', advice: ['write 8443'], missing: [] },
      steps: [step('passes', {}), step('settles', { outcome: 'fail', conclusive: true })],
      fix: {
        ...{ action: 'apply', title: 'allow 8443', manifest: '', note: '' },
        prediction: { opened: 1, closed: 0, changes: [] } as unknown as NonNullable<RunbookReport['fix']>['prediction'],
      },
    };
    const told = runbookWords(report, {}, ABOUT);
    expect(told.title).toBe('CAUSE FOUND  port 8443 is closed');
    expect(told.facts).toEqual([
      { name: 'settles', value: 'found by settles' },
      { name: 'fix', value: 'allow 8443; opens 1 pair of peers, closes nothing' },
      { name: 'do', value: 'write 8443' },
      { name: 'as of', value: 'snapshot 7 of prod (2026-11-27 16:52 UTC), known good 2 min ago' },
    ]);
  });

  it('of an audit is its counts, the worst findings with their fix, and how many more there are', () => {
    const severities = { critical: 0, high: 2, medium: 1, low: 0, info: 0 };
    const fix = { title: 'close it' } as NonNullable<Parameters<typeof auditWords>[1][number]['fix']>;
    const told = auditWords({ ...ABOUT, severities, score: 65 }, [{ severity: 'high', title: 'shop is open', fix }]);
    expect(told.title).toBe('prod: 0 critical, 2 high, 1 medium findings; score 65 of 100');
    expect(told.facts[0]).toEqual({ name: 'high', value: 'shop is open; fix: close it' });
    expect(told.facts[1]).toEqual({ name: 'and', value: '2 more findings' });
  });

  it('says what is not fully known before it says of which state it speaks', () => {
    const completeness = { complete: false, incomplete: [{ kind: 'Pod', reason: 'forbidden' }] };
    expect(aboutFacts({ ...ABOUT, completeness })[0]).toEqual({ name: 'not fully known', value: 'Pod (forbidden)' });
  });

  it.each([
    [900, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ])('says %d ms as %s', (ms, words) => {
    expect(ageWords(ms)).toBe(words);
  });
});
