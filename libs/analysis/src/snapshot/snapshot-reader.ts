import { Inject, Injectable } from '@nestjs/common';
import { currentAccess, type NamespaceScope } from '#access';
import { AppError, type SnapshotAt } from '#contracts';
import { SEES_ALL, type CompiledSnapshot, type Sees } from '#engine';
import { SnapshotRepository, type ClusterRecord, type SnapshotRecord } from '#store';
import { provenanceOf, type Provenance } from '../provenance/provenance.js';
import { ClusterHeads } from './cluster-heads.js';
import { scopeAt } from './scope-at.js';
import { SnapshotCache } from './snapshot-cache.js';

/** A snapshot of a cluster, found but not compiled. */
export interface LocatedSnapshot {
  readonly cluster: ClusterRecord;
  readonly snapshot: SnapshotRecord;
  readonly provenance: Provenance;
  /**
   * Whether the caller may know of a namespace ('' for what has none). Every answer leaves out, counts included, what
   * lies in one it may not. `SEES_ALL` when that is nothing, which spares the engine looking for it.
   */
  readonly sees: Sees;
  /** The same for repositories, and for objects: a Namespace is in the namespace of its own name. */
  readonly scope: NamespaceScope;
}

/** A snapshot that was found and is compiled. */
export interface CompiledAtHand {
  readonly located: LocatedSnapshot;
  readonly compiled: CompiledSnapshot;
}

/** Finds snapshots and opens them for questions. */
@Injectable()
export class SnapshotReader {
  constructor(
    @Inject(ClusterHeads) private readonly heads: ClusterHeads,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(SnapshotCache) private readonly cache: SnapshotCache,
  ) {}

  /**
   * The snapshot of the cluster (by id or name) at a point, the newest by default. `field` is where the point was given.
   * @throws AppError `cluster.not_found`, `snapshot.not_found`
   */
  async locate(clusterRef: string, at?: SnapshotAt, field = 'at'): Promise<LocatedSnapshot> {
    const { cluster, latest, isCurrent } = await this.heads.get(clusterRef);
    const snapshot = at === undefined ? latest : await this.snapshots.at(cluster.id, at);
    const access = currentAccess();
    access.note(`${cluster.id}:${String(snapshot?.seq ?? 'none')}`, at === undefined ? isCurrent : null);
    if (snapshot === null) {
      if (at === undefined || latest === null) throw noSnapshotYet(cluster, access.seesWhole(cluster));
      throw snapshotNotFound(cluster, latest, at, field);
    }
    const isLatest = snapshot.seq === latest?.seq;
    const scope = await scopeAt(this.snapshots, access.namespacesOf(cluster), cluster.id, snapshot.seq);
    return located(cluster, snapshot, isLatest, scope);
  }

  /**
   * The newest snapshot of the cluster, compiled, where nothing has to be waited for: nearly always, and then a question is
   * answered at once. Null where `locate` has to look, which also says what is wrong.
   */
  atHand(clusterRef: string): CompiledAtHand | null {
    const head = this.heads.peek(clusterRef);
    const latest = head?.latest ?? null;
    if (head === null || latest === null) return null;
    const { cluster, isCurrent } = head;
    const access = currentAccess();
    const scope = access.namespacesOf(cluster);
    const compiled = scope.needsLabels ? null : this.cache.peek(cluster.id, latest.seq);
    if (compiled === null) return null;
    access.note(`${cluster.id}:${String(latest.seq)}`, isCurrent);
    return { located: located(cluster, latest, true, scope), compiled };
  }

  /** The compiled form of a located snapshot. */
  compiled(located: LocatedSnapshot): Promise<CompiledSnapshot> {
    return this.cache.get(located.cluster.id, located.snapshot.seq);
  }
}

function located(
  cluster: ClusterRecord,
  snapshot: SnapshotRecord,
  isLatest: boolean,
  scope: NamespaceScope,
): LocatedSnapshot {
  const provenance = provenanceOf(cluster, snapshot, isLatest, new Date());
  return { cluster, snapshot, provenance, scope, sees: scope.isWhole ? SEES_ALL : scope.sees };
}

function noSnapshotYet({ name, state, message }: ClusterRecord, tellsWhy: boolean): AppError {
  const why = tellsWhy && message !== '' ? `: ${message}` : '';
  return new AppError('snapshot.not_found', `cluster \`${name}\` has no snapshot yet, it is \`${state}\`${why}`, {
    retryable: state === 'pending' || state === 'syncing',
    details: { state },
  });
}

function snapshotNotFound({ name }: ClusterRecord, newest: SnapshotRecord, at: SnapshotAt, field: string): AppError {
  const which = 'seq' in at ? `number ${String(at.seq)}` : `at \`${at.time.toISOString()}\``;
  const detail = `cluster \`${name}\` has no snapshot ${which}, the newest is number ${String(newest.seq)}`;
  return new AppError('snapshot.not_found', detail, { errors: [{ pointer: `/${field}`, detail }] });
}
