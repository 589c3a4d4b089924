import { Inject, Injectable } from '@nestjs/common';
import { SnapshotPages, type SnapshotPage, type SnapshotPageQuery } from '../paging/snapshot-pages.js';
import { collectionOf, type Collection } from './collections.js';
import { factsOfOrder } from './facts-in-order.js';
import { isSeen } from './object-filter.js';
import { kindId } from '#engine';

/** Whose labels, and of which key. */
export interface LabelsQuery extends SnapshotPageQuery {
  /** Objects of this collection; `objects` for those of every kind. */
  readonly on: Collection;
  readonly key?: string | undefined;
}

/** A label that objects carry, by key or by key and value. */
export interface LabelCount {
  readonly key: string;
  /** Null where the whole key is counted. */
  readonly value: string | null;
  /** Objects that carry it. */
  readonly objects: number;
  /** Different values of the key; 1 for a single one. */
  readonly values: number;
}

/** Which labels there are. */
@Injectable()
export class LabelCounts {
  constructor(@Inject(SnapshotPages) private readonly pages: SnapshotPages) {}

  /**
   * The keys of labels, or the values of one key, the most used first and then by name.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`
   */
  list(query: LabelsQuery): Promise<SnapshotPage<LabelCount>> {
    const { on, key } = query;
    return this.pages.page(
      query,
      ['labels', on, key],
      ({ compiled, scope }) => {
        const counts = new Map<string, Map<string, number>>();
        for (const fact of factsOfOrder(compiled)) {
          const isMeant = on === 'objects' || collectionOf(kindId(fact.meta)) === on;
          if (isMeant && isSeen(fact, scope)) count(fact.meta.labels, counts);
        }
        return key === undefined ? keyCounts(counts) : valueCounts(key, counts.get(key) ?? new Map());
      },
      (label) => label,
    );
  }
}

function count(labels: Readonly<Record<string, string>>, counts: Map<string, Map<string, number>>): void {
  for (const key of Object.keys(labels)) {
    const value = labels[key] as string;
    const values = counts.get(key) ?? new Map<string, number>();
    counts.set(key, values.set(value, (values.get(value) ?? 0) + 1));
  }
}

function keyCounts(counts: ReadonlyMap<string, ReadonlyMap<string, number>>): LabelCount[] {
  const labels = [...counts].map(([key, values]) => ({
    key,
    value: null,
    objects: [...values.values()].reduce((sum, objects) => sum + objects, 0),
    values: values.size,
  }));
  return labels.sort((a, b) => b.objects - a.objects || (a.key < b.key ? -1 : 1));
}

function valueCounts(key: string, values: ReadonlyMap<string, number>): LabelCount[] {
  const labels = [...values].map(([value, objects]) => ({ key, value, objects, values: 1 }));
  return labels.sort((a, b) => b.objects - a.objects || (a.value < b.value ? -1 : 1));
}
