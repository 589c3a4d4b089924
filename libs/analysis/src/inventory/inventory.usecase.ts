import { Inject, Injectable } from '@nestjs/common';
import { AppError, type SnapshotAt } from '#contracts';
import {
  cniReport,
  namespaceLabels,
  objectKey,
  objectLabel,
  visibleCni,
  type CniReport,
  type CompiledSnapshot,
  type Diagnostic,
  type Fact,
  type JsonObject,
} from '#engine';
import { SnapshotRepository, type StoredObject } from '#store';
import { SnapshotPages, type SnapshotPage, type SnapshotPageQuery } from '../paging/snapshot-pages.js';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import { kindsOf, type Collection } from './collections.js';
import { factsOfOrder } from './facts-in-order.js';
import { isSeen, objectTest, type ObjectFilter } from './object-filter.js';
import { diagnosticsByObject, objectView, type ObjectView } from './object-view.js';
import { rawForm } from './raw-form.js';

/** Which objects of a cluster to list. */
export interface ListObjectsQuery extends SnapshotPageQuery, ObjectFilter {
  readonly collection: Collection;
}

/** What lists of objects can be sorted by. */
const OBJECT_KEYS = {
  name: ({ meta }: Fact) => meta.name,
  namespace: ({ meta }: Fact) => meta.namespace,
  kind: ({ meta }: Fact) => meta.kind,
};
export const OBJECT_SORT_KEYS = Object.keys(OBJECT_KEYS) as (keyof typeof OBJECT_KEYS)[];

/** A page of objects, ordered by kind, namespace and name. */
export type ObjectPage = SnapshotPage<ObjectView>;

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
    @Inject(SnapshotPages) private readonly pages: SnapshotPages,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid`, `request.invalid` (an address) */
  list(query: ListObjectsQuery): Promise<ObjectPage> {
    const { collection, kinds = kindsOf(collection), namespace, name, labels, address, image, node } = query;
    const { namespaceLabels: ofNamespace } = query;
    const filter = { kinds, namespace, name, labels, namespaceLabels: ofNamespace, address, image, node };
    return this.pages.page(
      query,
      ['objects', collection, filter],
      ({ compiled, scope }) => {
        const test = objectTest(filter, (of) => namespaceLabels(compiled.index, of));
        return factsOfOrder(compiled).filter((fact) => isSeen(fact, scope) && test(fact));
      },
      (fact, { compiled }) => objectView(fact, this.diagnosticsOf(compiled).get(objectKey(fact.meta)) ?? []),
      OBJECT_KEYS,
    );
  }

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `not_found` */
  async get(query: ObjectQuery): Promise<ObjectAnswer> {
    const located = await this.reader.locate(query.cluster, query.at);
    const { fact, sinceSeq } = (await this.find(query, located)) ?? objectNotFound(query, located);
    const known = this.diagnosticsOf(await this.reader.compiled(located));
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
    const policies = compiled.index.policies.filter((policy) => isSeen(policy, scope));
    return { ...located.provenance, ...cniReport(visibleCni(compiled.cni, scope.sees), policies) };
  }

  private find(query: ObjectQuery, located: LocatedSnapshot): Promise<StoredObject | null> {
    const [kind = '', ...group] = query.kindId.split('.');
    const ref = { group: group.join('.'), kind, namespace: query.namespace, name: query.name };
    return this.snapshots.getObject(located.cluster.id, located.snapshot.seq, ref, located.scope);
  }

  private diagnosticsOf(compiled: CompiledSnapshot): ReadonlyMap<string, readonly Diagnostic[]> {
    const known = this.diagnostics.get(compiled) ?? diagnosticsByObject(compiled.diagnostics);
    this.diagnostics.set(compiled, known);
    return known;
  }
}

function objectNotFound(query: ObjectQuery, located: LocatedSnapshot): never {
  const what = `${query.kindId} \`${objectLabel(query)}\``;
  const where = `snapshot ${String(located.snapshot.seq)} of cluster \`${located.cluster.name}\``;
  throw new AppError('not_found', `${what} is not in ${where}`);
}
