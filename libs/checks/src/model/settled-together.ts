import type { Fix } from '../fix/fix.js';

/** A finding with those that its fix settles as well. */
export interface SettledTogether<F> {
  readonly finding: F;
  readonly also: readonly F[];
}

/**
 * Findings for people to read: those with the same fix stand with the first of them, in the order given. One open door is
 * found by several checks, and is closed once.
 */
export function settledTogether<F extends { readonly fix: Pick<Fix, 'title' | 'manifest'> | null }>(
  findings: readonly F[],
): readonly SettledTogether<F>[] {
  const groups = new Map<F | string, { readonly finding: F; readonly also: F[] }>();
  for (const finding of findings) {
    const { fix } = finding;
    const key = fix === null ? finding : `${fix.title}\0${fix.manifest}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { finding, also: [] });
    else group.also.push(finding);
  }
  return [...groups.values()];
}
