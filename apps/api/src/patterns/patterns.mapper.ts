import type { Pattern, PatternAnswer, Prediction } from '#analysis';

/** A pattern as both doors tell it: filled in, or with what is missing. */
export function toFilled(answer: PatternAnswer): {
  readonly pattern: Pattern;
  readonly missing: string | null;
  readonly manifest: string;
  readonly note: string;
  readonly prediction: Prediction | null;
} {
  const { pattern } = answer;
  if ('missing' in answer) return { pattern, missing: answer.missing, manifest: '', note: '', prediction: null };
  const { manifest, note, prediction } = answer;
  return { pattern, missing: null, manifest, note, prediction };
}
