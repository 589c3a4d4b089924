import type { ObjectChange, ValueChange } from '../drift/object-drift.js';
import type { PatchLine } from './drift-view.js';

/** Longer values are cut: a patch is read, not applied. */
const MAX_VALUE = 400;

/** What differs of an object, by paths as people write them. */
export function patchLines({ values }: ObjectChange): readonly PatchLine[] {
  return values.map(patchLine);
}

function patchLine({ pointer, before, after }: ValueChange): PatchLine {
  return { path: readablePath(pointer), before: shownValue(before), after: shownValue(after) };
}

/** `spec.ingress[0].ports` of `/raw/spec/ingress/0/ports`: facts keep the text of a policy under `raw`. */
export function readablePath(pointer: string): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const own = steps[0] === 'raw' ? steps.slice(1) : steps[0] === 'meta' ? ['metadata', ...steps.slice(1)] : steps;
  return own.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    if (/^[A-Za-z_][\w-]*$/.test(step)) return path === '' ? step : `${path}.${step}`;
    return `${path}[${JSON.stringify(step)}]`;
  }, '');
}

/** A value as JSON on one line; null when there is none. */
export function shownValue(value: unknown): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
