/** How much a finding weighs; the values are those of the OpenReports format, worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** How sure a finding is: `certain` is evaluated, `likely` rests on one assumption, `guess` on a heuristic. */
export const CONFIDENCES = ['certain', 'likely', 'guess'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** Whether `a` weighs at least as much as `b`. */
export function isAtLeast(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b);
}

/** Orders what has a severity, the worst first. */
export function worstFirst(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

/** The worst of some severities; null when there are none. */
export function worstOf(severities: Iterable<Severity>): Severity | null {
  const seen = new Set(severities);
  return SEVERITIES.find((severity) => seen.has(severity)) ?? null;
}
