import type { AnswerVerdict } from '#engine';

/** What the exit code of a command means to a pipeline. */
export const EXIT = {
  /** As expected. */
  ok: 0,
  /** The answer is not the expected one. */
  unexpected: 1,
  /** The command cannot be carried out as written. */
  usage: 2,
  /** The service, or a cluster behind it, cannot be reached. */
  unreachable: 3,
  /** The question has no certain answer. */
  undetermined: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a caller may expect of a question. */
export const EXPECTATIONS = ['allowed', 'denied'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/**
 * The exit code of an answer. A mixed answer is neither wholly allowed nor wholly denied, so it is never the expected
 * one; when part of it is uncertain and nothing contradicts the expectation, it is undetermined.
 */
export function exitCodeOfVerdict(
  verdict: AnswerVerdict,
  expected: Expectation,
  flows: readonly { readonly verdict: 'allow' | 'deny' | 'unknown' }[],
): ExitCode {
  if (verdict === expected) return EXIT.ok;
  if (verdict === 'undetermined') return EXIT.undetermined;
  if (verdict !== 'mixed') return EXIT.unexpected;
  const contradiction = expected === 'allowed' ? 'deny' : 'allow';
  const contradicted = flows.length === 0 || flows.some((flow) => flow.verdict === contradiction);
  return contradicted ? EXIT.unexpected : EXIT.undetermined;
}
