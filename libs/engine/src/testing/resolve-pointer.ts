/**
 * Whether a JSON pointer names a place in `object`, or a field that is missing from a place that is there: what a
 * diagnostic may point at.
 */
export function pointsInto(object: unknown, pointer: string): boolean {
  if (pointer === '') return true;
  if (!pointer.startsWith('/')) return false;
  const steps = pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let current = object;
  for (const [index, step] of steps.entries()) {
    const next: unknown =
      typeof current === 'object' && current !== null && Object.hasOwn(current, step)
        ? (current as Record<string, unknown>)[step]
        : undefined;
    if (next === undefined) return index === steps.length - 1;
    current = next;
  }
  return true;
}
