import { Inject, Injectable } from '@nestjs/common';
import type { SnapshotsInput } from '#contracts';
import { SNAPSHOT_ORDER, SnapshotRepository, type SnapshotRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { provenanceOf, type Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';

/** A snapshot that is kept: when it was taken, what it lacks, and whether retention leaves it alone. */
export interface SnapshotView extends Provenance {
  readonly storedAt: Date;
  /** Equal for equal objects and completeness, however a cluster came to them. Null for who sees a part of it only. */
  readonly digest: string | null;
  /** Null for who sees a part of the cluster only. */
  readonly objectCount: number | null;
  readonly pinned: boolean;
}

/** A page of a cluster's snapshots, newest first. */
export type SnapshotListPage = ListedPage<SnapshotView>;

/** The states of a cluster that can be asked about. */
@Injectable()
export class Snapshots {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** @throws AppError `cluster.not_found`, `snapshot.not_found`, `cursor.invalid` */
  async list(cluster: string, input: SnapshotsInput): Promise<SnapshotListPage> {
    const located = await this.reader.locate(cluster);
    const walk = listWalk(this.cursors, ['snapshots', located.cluster.id], SNAPSHOT_ORDER, input);
    const page = walk.page(await this.snapshots.list(located.cluster.id, walk.keyset));
    return { ...page, items: page.items.map((snapshot) => view(snapshot, located)) };
  }

  /** Keeps a snapshot from retention, or leaves it to it again. @throws AppError `cluster.not_found`, `snapshot.not_found` */
  async setPinned(cluster: string, seq: number, pinned: boolean): Promise<SnapshotView> {
    const located = await this.reader.locate(cluster);
    return view(await this.snapshots.setPinned(located.cluster.id, seq, pinned), located);
  }
}

function view(snapshot: SnapshotRecord, newest: LocatedSnapshot): SnapshotView {
  const { storedAt, pinned } = snapshot;
  const { digest, objectCount } = newest.scope.isWhole ? snapshot : { digest: null, objectCount: null };
  const isNewest = snapshot.seq === newest.snapshot.seq;
  return { ...provenanceOf(newest.cluster, snapshot, isNewest, new Date()), storedAt, digest, objectCount, pinned };
}
