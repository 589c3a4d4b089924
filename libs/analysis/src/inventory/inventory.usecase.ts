import { Inject, Injectable } from '@nestjs/common';
import { AppError, type SnapshotAt } from '#contracts';
import {
  cniReport,
  kindId,
  objectKey,
  objectLabel,
  visibleCni,
  type CniReport,
  type Diagnostic,
  type Fact,
  type JsonObject,
} from '#engine';
import { SnapshotRepository, type StoredObject } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { cursorsAfter } from '../paging/cursors-after.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { kindsOf, type Collection } from './collections.js';
import { diagnosticsByObject, objectView, type ObjectView } from './object-view.js';
import { rawForm } from './raw-form.js';

/** Which objects of a cluster to list. */
export interface ListObjectsQuery {
  readonly cluster: string;
  readonly collection: Collection;
  /** Kind ids to keep, all of the collection when absent. */
  readonly kinds?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly at?: SnapshotAt | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of objects, ordered by kind, namespace and name; all pages of one cursor chain are of one snapshot. */
export interface ObjectPage extends Provenance {
  readonly items: readonly ObjectView[];
  /** Leads to the next page; null on the last one. */
  readonly nextCursor: string | null;
  /** The cursor behind `items[index]`, for callers that go on from the middle of a page. */
  cursorAfter(index: number): string;
}

/** Names one object; `namespace` is '' for cluster-scoped kinds. */
export interface ObjectQuery {
  readonly cluster: string;
  /** Kind with group, as `NetworkPolicy.networking.k8s.io`. */
  readonly kindId: string;
  readonly namespace: string;
  readonly name: string;
  readonly at?: SnapshotAt | undefined;
}

/** One object with everything that is kept of it. */
export interface ObjectAnswer extends Provenance {
  readonly object: ObjectView;
  /** As a manifest; null for kinds of which only the fact is kept. */
  readonly raw: JsonObject | null;
  readonly fact: Fact;
  /** The snapshot in which the object first looked like this. */
  readonly sinceSeq: number;
}

/** What a cluster runs to enforce policy, and which of its policies that leaves without effect. */
export type CniAnswer = Provenance & CniReport;

/** What clusters hold. */
@Injectable()
export class Inventory {
  private readonly diagnostics = new WeakMap<object, ReadonlyMap<string, readonly Diagnostic[]>>();

  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`, `request.invalid` (a kind of another list) */
  async list(query: ListObjectsQuery): Promise<ObjectPage> {
    const kinds = query.kinds ?? kindsOf(query.collection);
    const first = await this.reader.locate(query.cluster, query.at);
    const filter = [query.collection, kinds, query.namespace, query.name, query.at];
    const list = ['objects', first.cluster.id, ...filter, first.scope.key];
    const start = query.cursor === undefined ? null : readPosition(this.cursors.open(list, query.cursor));
    const located =
      start === null || start.seq === first.snapshot.seq
        ? first
        : await this.reader.locate(first.cluster.id, { seq: start.seq });
    const base = start?.base ?? '';
    const skip = start?.skip ?? 0;
    const { seq } = located.snapshot;
    const wanted = {
      kinds,
      ...(query.namespace === undefined ? {} : { namespace: query.namespace }),
      ...(query.name === undefined ? {} : { name: query.name }),
      limit: query.limit + skip,
      ...(base === '' ? {} : { cursor: base }),
    };
    const page = await this.snapshots.listObjects(located.cluster.id, seq, wanted, located.scope);
    const known = await this.diagnosticsOf(located);
    const nextCursor = page.nextCursor === null ? null : this.cursors.seal(list, [seq, page.nextCursor, 0]);
    const items = page.items.slice(skip).map(({ fact }) => objectView(fact, known.get(objectKey(fact.meta)) ?? []));
    const sealAt = (index: number): string => this.cursors.seal(list, [seq, base, skip + index + 1]);
    return { ...located.provenance, items, nextCursor, cursorAfter: cursorsAfter(items.length, nextCursor, sealAt) };
  }

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `not_found` */
  async get(query: ObjectQuery): Promise<ObjectAnswer> {
    const located = await this.reader.locate(query.cluster, query.at);
    const { fact, sinceSeq } = (await this.find(query, located)) ?? objectNotFound(query, located);
    const known = await this.diagnosticsOf(located);
    return {
      ...located.provenance,
      object: objectView(fact, known.get(objectKey(fact.meta)) ?? []),
      raw: rawForm(fact),
      fact,
      sinceSeq,
    };
  }

  /** @throws AppError `cluster.not_found`, `snapshot.not_found` */
  async cni(cluster: string, at?: SnapshotAt): Promise<CniAnswer> {
    const located = await this.reader.locate(cluster, at);
    const compiled = await this.reader.compiled(located);
    const { scope } = located;
    const policies = compiled.index.policies.filter(({ meta }) =>
      scope.seesObject(kindId(meta), meta.namespace, meta.name),
    );
    return { ...located.provenance, ...cniReport(visibleCni(compiled.cni, scope.sees), policies) };
  }

  private find(query: ObjectQuery, located: LocatedSnapshot): Promise<StoredObject | null> {
    const [kind = '', ...group] = query.kindId.split('.');
    const ref = { group: group.join('.'), kind, namespace: query.namespace, name: query.name };
    return this.snapshots.getObject(located.cluster.id, located.snapshot.seq, ref, located.scope);
  }

  private async diagnosticsOf(located: LocatedSnapshot): Promise<ReadonlyMap<string, readonly Diagnostic[]>> {
    const compiled = await this.reader.compiled(located);
    const known = this.diagnostics.get(compiled) ?? diagnosticsByObject(compiled.diagnostics);
    this.diagnostics.set(compiled, known);
    return known;
  }
}

/** Where a page starts: `skip` objects behind the store's own cursor `base` ('' for the start) in snapshot `seq`. */
interface Position {
  readonly seq: number;
  readonly base: string;
  readonly skip: number;
}

function readPosition(position: readonly (string | number)[]): Position {
  return { seq: Number(position[0]), base: String(position[1]), skip: Number(position[2]) };
}

function objectNotFound(query: ObjectQuery, located: LocatedSnapshot): never {
  const what = `${query.kindId} \`${objectLabel(query)}\``;
  const where = `snapshot ${String(located.snapshot.seq)} of cluster \`${located.cluster.name}\``;
  throw new AppError('not_found', `${what} is not in ${where}`);
}
