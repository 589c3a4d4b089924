import type { DriftEntryView, DriftReport, DriftType } from '#engine';

/** How many entries of a report are alike in type, effect and the namespaces at their sides. */
export interface DriftTallyLine {
  readonly type: DriftType;
  readonly dangerous: boolean;
  readonly breaking: boolean;
  /** Namespaces of each side; `null` for a side that has endpoints outside, which everyone may see. */
  readonly sides: readonly (readonly (string | null)[])[];
  readonly count: number;
}

/** What a list of reports tells of one. */
export interface DriftTally {
  readonly entries: readonly DriftTallyLine[];
  /** Objects that changed, by namespace. */
  readonly objects: Readonly<Record<string, number>>;
  /** How far the later state was from the cluster's baseline; left out where it had none then. */
  readonly baseline?: { readonly name: string; readonly tally: DriftTally };
}

/** Counts for a caller. */
export interface DriftCounts {
  readonly entries: number;
  readonly dangerous: number;
  readonly breaking: number;
  readonly objects: number;
  readonly types: Readonly<Partial<Record<DriftType, number>>>;
}

export function tallyOf(report: DriftReport): DriftTally {
  const lines = new Map<string, DriftTallyLine>();
  for (const entry of report.entries) {
    const line = { type: entry.type, dangerous: entry.dangerous, breaking: entry.breaking, sides: sidesOf(entry) };
    const key = JSON.stringify(line);
    lines.set(key, { ...line, count: (lines.get(key)?.count ?? 0) + 1 });
  }
  const objects: Record<string, number> = {};
  for (const { object } of report.objects) {
    const namespace = object.kind === 'Namespace' ? object.name : object.namespace;
    objects[namespace] = (objects[namespace] ?? 0) + 1;
  }
  return { entries: [...lines.values()], objects };
}

function sidesOf({ sources, destinations, subjects }: DriftEntryView): DriftTallyLine['sides'] {
  return [sources, destinations, subjects].flatMap((side) =>
    side === null ? [] : [[...Object.keys(side.namespaces).sort(), ...(side.outside > 0 ? [null] : [])]],
  );
}

/** What a tally comes to for somebody who sees these namespaces: an entry counts when it sees something of each side. */
export function countsFor(tally: DriftTally, sees: (namespace: string) => boolean): DriftCounts {
  const types: Partial<Record<DriftType, number>> = {};
  const total = { entries: 0, dangerous: 0, breaking: 0, objects: 0 };
  for (const { type, dangerous, breaking, sides, count } of tally.entries) {
    if (!sides.every((side) => side.some((namespace) => namespace === null || sees(namespace)))) continue;
    total.entries += count;
    if (dangerous) total.dangerous += count;
    if (breaking) total.breaking += count;
    types[type] = (types[type] ?? 0) + count;
  }
  for (const [namespace, count] of Object.entries(tally.objects)) if (sees(namespace)) total.objects += count;
  return { ...total, types };
}
