import type { Severity } from '#checks';

/** Dark enough for white text on them and for print. */
export const COLOURS: Readonly<Record<Severity, string>> = {
  critical: '#8f1d2c',
  high: '#c2410c',
  medium: '#a16207',
  low: '#1d4ed8',
  info: '#475569',
};
export const INK = '#0f172a';
export const MUTED = '#52607a';
export const GOOD = '#15803d';

/** From bad to good. */
export function scoreColour(score: number | null): string {
  if (score === null) return MUTED;
  if (score >= 90) return GOOD;
  return score >= 60 ? COLOURS.medium : COLOURS.critical;
}
