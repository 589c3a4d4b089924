import type { DriftEntryView, DriftReport, DriftSummary, DriftType, ObjectDriftView } from './drift-view.js';

/** Counts of a report. */
export function summarise(objects: readonly ObjectDriftView[], entries: readonly DriftEntryView[]): DriftSummary {
  const count = (type: ObjectDriftView['type']): number => objects.filter((object) => object.type === type).length;
  const meaning = (is: 'same' | 'different'): number => objects.filter((object) => object.meaning === is).length;
  const types: Partial<Record<DriftType, number>> = {};
  for (const { type } of entries) types[type] = (types[type] ?? 0) + 1;
  return {
    objects: { added: count('added'), removed: count('removed'), changed: count('changed') },
    policies: { same: meaning('same'), different: meaning('different') },
    entries: entries.length,
    dangerous: entries.filter(({ dangerous }) => dangerous).length,
    breaking: entries.filter(({ breaking }) => breaking).length,
    types,
  };
}

/** Which part of a report is wanted. All that are given must hold. */
export interface DriftFilter {
  readonly dangerous?: boolean | undefined;
  readonly breaking?: boolean | undefined;
  /** Types of entries. */
  readonly types?: readonly DriftType[] | undefined;
  /** Kinds of objects, with group. */
  readonly kinds?: readonly string[] | undefined;
  /** At either side of an entry, or of an object. */
  readonly namespace?: string | undefined;
}

/** The part of a report that a filter leaves, with its counts. With `dangerous` and `breaking` both, either will do. */
export function filterDrift(report: DriftReport, filter: DriftFilter): DriftReport {
  const { types, kinds, namespace } = filter;
  const entries = report.entries.filter(
    (entry) =>
      hasEffect(entry, filter) &&
      (types === undefined || types.includes(entry.type)) &&
      (namespace === undefined || touches(entry, namespace)),
  );
  const objects = report.objects.filter(
    ({ kindId, object }) =>
      (kinds === undefined || kinds.includes(kindId)) &&
      (namespace === undefined ||
        object.namespace === namespace ||
        (object.kind === 'Namespace' && object.name === namespace)),
  );
  return { ...report, summary: summarise(objects, entries), objects, entries };
}

function hasEffect(entry: DriftEntryView, { dangerous = false, breaking = false }: DriftFilter): boolean {
  if (!dangerous && !breaking) return true;
  return (dangerous && entry.dangerous) || (breaking && entry.breaking);
}

function touches({ sources, destinations, subjects }: DriftEntryView, namespace: string): boolean {
  return [sources, destinations, subjects].some((side) => side !== null && Object.hasOwn(side.namespaces, namespace));
}
