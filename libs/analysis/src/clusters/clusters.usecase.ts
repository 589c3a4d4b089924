import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import {
  AppError,
  type ClustersInput,
  type ClusterSource,
  type ClusterSourceInput,
  type CreateClusterInput,
} from '#contracts';
import { CLUSTER_ORDER, ClusterRepository, SnapshotRepository, type ClusterRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { ClusterHeads } from '../snapshot/cluster-heads.js';
import { SnapshotCache } from '../snapshot/snapshot-cache.js';
import { ClusterWatch } from './cluster-watch.js';
import { demandWhole, visibleCluster } from './visible-cluster.js';

// Between two looks while waiting, should a notification be lost.
const LOOK_AGAIN_MS = 1_000;

/** A page of clusters, in order of name. */
export type ClusterPage = ListedPage<ClusterRecord>;

/** The clusters that are watched: rows, not configuration. A cluster is named by its id or its name. */
@Injectable()
export class Clusters {
  constructor(
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(ClusterWatch) private readonly watch: ClusterWatch,
    @Inject(SnapshotCache) private readonly cache: SnapshotCache,
    @Inject(ClusterHeads) private readonly heads: ClusterHeads,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /**
   * Adds a cluster; the sync role reads it as soon as it hears of the row. Waits up to `waitMs` for the first read to
   * end, unless there is nothing to read before an upload or an agent.
   * @throws AppError `cluster.exists`
   */
  async create(input: CreateClusterInput, waitMs = 0): Promise<ClusterRecord> {
    demandWhole(input);
    const { source } = input;
    const inline = source.type === 'kubeconfig' ? source.inline : undefined;
    const cluster = await this.clusters.create({
      name: input.name,
      source: storedSource(source),
      ...(inline === undefined ? {} : { credentials: inline }),
    });
    return source.type === 'upload' || source.type === 'agent' ? cluster : this.settled(cluster, waitMs);
  }

  /** @throws AppError `cluster.not_found` */
  async get(ref: string): Promise<ClusterRecord> {
    return this.visible(await this.clusters.get(ref));
  }

  /** @throws AppError `cursor.invalid` */
  async list(input: ClustersInput): Promise<ClusterPage> {
    const walk = listWalk(this.cursors, ['clusters', currentAccess().scopeKey], CLUSTER_ORDER, input);
    const page = walk.page(await this.clusters.list(walk.keyset));
    return { ...page, items: await Promise.all(page.items.map((cluster) => this.visible(cluster))) };
  }

  /** Stops or goes on with reading the cluster; what is stored stays and can be asked about. */
  async setPaused(ref: string, paused: boolean): Promise<ClusterRecord> {
    const cluster = await this.whole(ref);
    return cluster.paused === paused ? cluster : this.clusters.update(cluster.id, { paused });
  }

  /** The cluster, if it can be read again now. @throws AppError `cluster.not_found`, `cluster.paused` */
  async resyncable(ref: string): Promise<ClusterRecord> {
    const cluster = await this.whole(ref);
    if (!cluster.paused) return cluster;
    throw new AppError('cluster.paused', `cluster \`${cluster.name}\` is paused, resume it before a re-sync`);
  }

  /** Asks the sync role for a full read of the cluster's source. */
  requestResync(clusterId: string): Promise<ClusterRecord> {
    return this.clusters.update(clusterId, { resyncRequestedAt: new Date() });
  }

  /** Forgets the cluster with all its snapshots. @throws AppError `cluster.not_found` */
  async remove(ref: string): Promise<ClusterRecord> {
    const cluster = await this.whole(ref);
    await this.clusters.remove(cluster.id);
    this.cache.forgetCluster(cluster.id);
    this.heads.forget(cluster.id);
    return cluster;
  }

  /**
   * Replaces the manifests of a cluster of source `upload`, and waits up to `waitMs` until they are read.
   * @throws AppError `cluster.not_found`, `conflict` (another source), `request.invalid` (nothing sent)
   */
  async upload(ref: string, bytes: Uint8Array, contentType: string, waitMs = 0): Promise<ClusterRecord> {
    const cluster = await this.whole(ref);
    if (cluster.source.type !== 'upload') {
      throw new AppError(
        'conflict',
        `cluster \`${cluster.name}\` is read from \`${cluster.source.type}\`, only clusters of source \`upload\` take uploads`,
      );
    }
    if (bytes.byteLength === 0) throw new AppError('request.invalid', 'the body is empty, send manifests');
    await this.clusters.saveUpload(cluster.id, bytes, contentType);
    return this.settled(await this.clusters.update(cluster.id, { resyncRequestedAt: new Date() }), waitMs);
  }

  private visible(cluster: ClusterRecord): Promise<ClusterRecord> {
    return visibleCluster(cluster, this.snapshots);
  }

  /** A cluster that is to be changed, which takes a grant for all of it. */
  private async whole(ref: string): Promise<ClusterRecord> {
    const cluster = await this.clusters.get(ref);
    demandWhole(cluster);
    return cluster;
  }

  /**
   * Waits until a read of the cluster's source that began after `since` has ended, well or not, at most `waitMs`.
   * Gives the row as it is then.
   */
  private async settled(cluster: ClusterRecord, waitMs: number): Promise<ClusterRecord> {
    const deadline = Date.now() + waitMs;
    let current = cluster;
    while (!hasSettled(current, cluster.updatedAt) && !current.paused && Date.now() < deadline) {
      await this.watch.changed(cluster.id, Math.min(LOOK_AGAIN_MS, deadline - Date.now()));
      current = await this.clusters.get(cluster.id);
    }
    return current;
  }
}

/** True when the last read ended after it was asked for, or failed. `since`: the row's last change when waiting began. */
function hasSettled(cluster: ClusterRecord, since: Date): boolean {
  if (cluster.state === 'pending' || cluster.state === 'syncing') return false;
  const asked = cluster.resyncRequestedAt;
  if (asked === null) return true;
  const done = cluster.lastSyncedAt;
  // An error from before the request stands on the row until the new read begins.
  if (cluster.state === 'error') return cluster.updatedAt > since;
  return done !== null && done >= asked;
}

function storedSource(source: ClusterSourceInput): ClusterSource {
  if (source.type !== 'kubeconfig') return source;
  return {
    type: 'kubeconfig',
    path: source.path ?? null,
    inline: source.inline !== undefined,
    context: source.context ?? null,
  };
}
