import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { ALL, labelsEqual } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';

/** The items of a list, which must have one when it is there; null when absent. */
export function readItems(value: Json | undefined, at: string, problems: ProblemList): readonly Json[] | null {
  if (value === undefined) return null;
  if (Array.isArray(value) && value.length > 0) return value as readonly Json[];
  problems.error('istio.list', at, `expected a list with at least one item, found ${describe(value)}`);
  return [];
}

/** A list of texts, none of them empty; empty when absent. */
export function readTexts(value: Json | undefined, at: string, problems: ProblemList): readonly string[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  return (readItems(value, at, problems) ?? []).flatMap((item, index) => {
    if (typeof item === 'string' && item !== '') return [item];
    problems.error('istio.text', pointer(at, index), `expected text, found ${describe(item)}`);
    return [];
  });
}

/** Reads a workload selector, which knows `matchLabels` only; `null` when it selects everything. */
export function readWorkloadSelector(value: Json | undefined, at: string, problems: ProblemList): Selector | null {
  if (value === undefined) return null;
  if (!isObject(value)) {
    problems.error('istio.selector', at, `expected an object, found ${describe(value)}`);
    return null;
  }
  warnUnknownFields(value, ['matchLabels'], at, problems);
  const labels = field(value, 'matchLabels');
  if (labels === undefined) return null;
  if (!isObject(labels)) {
    problems.error('istio.selector', pointer(at, 'matchLabels'), `expected an object, found ${describe(labels)}`);
    return null;
  }
  const read: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const key of Object.keys(labels).sort()) {
    const entry = labels[key];
    if (typeof entry === 'string' && !entry.includes('*')) read[key] = entry;
    else {
      const message = `expected text without wildcards, found ${describe(entry)}`;
      problems.error('istio.selector_value', pointer(at, 'matchLabels', key), message);
    }
  }
  const selector = labelsEqual('pod', read);
  return selector === ALL ? null : selector;
}

export function warnUnknownFields(value: unknown, known: readonly string[], at: string, problems: ProblemList): void {
  if (!isObject(value)) return;
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const expected = known.map((name) => `\`${name}\``).join(', ');
    problems.suspect('istio.unknown_field', pointer(at, key), `unknown field, ignored; expected one of ${expected}`);
  }
}
