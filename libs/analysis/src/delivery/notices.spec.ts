import { describe, expect, it } from '@jest/globals';
import type { AssertionBreach, AssertionResult } from '#engine';
import { assertionTurned } from './notices.js';

const breach = (port: number, verdict: AssertionBreach['verdict']): AssertionBreach => ({
  ...{ from: 'shop/api', to: 'pay/db', protocol: 'TCP', port, verdict, summary: `why ${String(port)}` },
  ...{ source: null, destination: null, policies: [] },
});

function turned(outcome: AssertionResult['outcome'], breaches: readonly AssertionBreach[]) {
  const result: AssertionResult = {
    ...{ name: 'pays', owner: 'team', expect: 'allowed', outcome, checked: 9, breaches, broken: breaches.length },
  };
  const turn = {
    seq: 4,
    takenAt: new Date('2026-11-27T17:43:49Z'),
    causes: [{ text: 'NetworkPolicy pay/db changed' }],
  };
  return assertionTurned({ id: 'c', name: 'prod' }, '1', { name: 'pays', owner: 'team', outcome, result }, turn).notice;
}

describe('the notice of an expectation', () => {
  it('says of a broken one which ways are otherwise, why, and since when', () => {
    const notice = turned(
      'fail',
      [1, 2, 3, 4].map((port) => breach(port, 'denied')),
    );
    expect(notice).toMatchObject({
      title: 'Expectation is broken in prod: pays',
      text: 'Expected allowed: 4 of 9 ways are not.',
      severity: 'error',
      isOver: false,
    });
    expect(notice.facts).toEqual([
      ...[1, 2, 3].map((port) => ({
        name: `shop/api → pay/db on TCP ${String(port)}`,
        value: `denied: why ${String(port)}`,
      })),
      { name: 'because', value: 'NetworkPolicy pay/db changed' },
      { name: 'since', value: 'snapshot 4 of 2026-11-27T17:43:49.000Z' },
      { name: 'owner', value: 'team' },
    ]);
  });

  it('says of one that cannot be checked what is missing, and of one that holds again when', () => {
    expect(turned('error', [breach(1, null)]).facts[0]?.value).toBe('why 1');
    expect(turned('pass', [])).toMatchObject({ text: '', isOver: true, severity: 'info' });
  });
});
