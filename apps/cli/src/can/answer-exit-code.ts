import type { Answer } from '#engine';

import { exitCodeOfVerdict, type ExitCode } from '../exit-code.js';
import type { Terminal } from '../terminal.js';
import type { CanOptions } from './can-options.js';

/** The exit code of an answer in the reading that was asked for; where the other one could tell, stderr says so. */
export function exitCodeOfAnswer(
  answer: Answer,
  { reading, expect }: Pick<CanOptions, 'reading' | 'expect'>,
  terminal: Terminal,
): ExitCode {
  const { enforced, intended, cni } = answer;
  if (reading === 'enforced' && cni.enforced === 'unknown' && enforced.verdict !== intended.verdict) {
    terminal.err('it is not known which network plugin enforces policy: `--reading intended` goes by policy alone');
  }
  if (reading === 'enforced') return exitCodeOfVerdict(enforced.verdict, expect, answer.flows);
  return exitCodeOfVerdict(intended.verdict, expect, intendedFlows(answer));
}

function intendedFlows({ flows }: Answer): { verdict: 'allow' | 'deny' | 'unknown' }[] {
  const words = { allowed: 'allow', denied: 'deny', mixed: 'unknown', undetermined: 'unknown' } as const;
  return flows.map((flow) => ({ verdict: words[flow.intended.verdict] }));
}
