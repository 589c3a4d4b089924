import { describe, expect, it } from '@jest/globals';

import { exitCodeOfVerdict } from './exit-code.js';

const flows = (...verdicts: ('allow' | 'deny' | 'unknown')[]) => verdicts.map((verdict) => ({ verdict }));

describe('the exit code of an answer', () => {
  it.each([
    ['allowed', 'allowed', 0],
    ['denied', 'allowed', 1],
    ['undetermined', 'allowed', 4],
    ['denied', 'denied', 0],
    ['allowed', 'denied', 1],
    ['undetermined', 'denied', 4],
  ] as const)('of %s when %s is expected is %i', (verdict, expected, code) => {
    expect(exitCodeOfVerdict(verdict, expected, [])).toBe(code);
  });

  it('is never 0 for a mixed answer, whatever is expected', () => {
    expect(exitCodeOfVerdict('mixed', 'allowed', flows('allow', 'deny'))).toBe(1);
    expect(exitCodeOfVerdict('mixed', 'denied', flows('allow', 'deny'))).toBe(1);
  });

  it('is undetermined when a mixed answer holds nothing against what is expected', () => {
    expect(exitCodeOfVerdict('mixed', 'allowed', flows('allow', 'unknown'))).toBe(4);
    expect(exitCodeOfVerdict('mixed', 'denied', flows('allow', 'unknown'))).toBe(1);
  });
});
