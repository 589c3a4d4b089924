import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import { AppError, type SetBaselineInput } from '#contracts';
import { BaselineRepository } from '#store';
import type { Provenance } from '../provenance/provenance.js';
import { SnapshotReader, type LocatedSnapshot } from '../snapshot/snapshot-reader.js';
import type { SnapshotPoint } from './drift-answer.js';
import { givenManifests } from './manifest-input.js';

/** What a cluster is declared to be. */
export interface BaselineView extends Provenance {
  readonly name: string;
  /** Null when manifests were given. */
  readonly snapshot: SnapshotPoint | null;
  /** Subject of who declared it. */
  readonly requester: string;
  readonly setAt: Date;
}

/** The state that drift of a cluster is told against when nobody names another. */
@Injectable()
export class Baselines {
  constructor(
    @Inject(SnapshotReader) private readonly reader: SnapshotReader,
    @Inject(BaselineRepository) private readonly baselines: BaselineRepository,
  ) {}

  /** @throws AppError `not_found` when the cluster has none, `cluster.not_found`, `snapshot.not_found` */
  async get(cluster: string): Promise<BaselineView> {
    const located = await this.reader.locate(cluster);
    const baseline = await this.baselines.get(located.cluster.id);
    if (baseline === null) throw noBaseline(located);
    const { name, seq, requester, setAt } = baseline;
    const snapshot = seq === null ? null : (await this.reader.locate(located.cluster.id, { seq })).snapshot;
    const point = snapshot === null ? null : { seq: snapshot.seq, takenAt: snapshot.takenAt };
    return { ...located.provenance, name, snapshot: point, requester, setAt };
  }

  /** Puts one in the place of an earlier one. @throws AppError `request.invalid`, `cluster.not_found`, `snapshot.not_found` */
  async set(cluster: string, { name, at, manifests, encoding }: SetBaselineInput): Promise<BaselineView> {
    const located = await this.reader.locate(cluster, at);
    if (manifests !== undefined) await givenManifests(manifests, encoding, 'manifests');
    await this.baselines.set(located.cluster.id, {
      name,
      seq: manifests === undefined ? located.snapshot.seq : null,
      manifests: manifests ?? null,
      encoding,
      requester: currentAccess().caller.subject,
    });
    return this.get(located.cluster.id);
  }

  /** @throws AppError `not_found` when the cluster has none, `cluster.not_found`, `snapshot.not_found` */
  async remove(cluster: string): Promise<void> {
    const located = await this.reader.locate(cluster);
    if (!(await this.baselines.remove(located.cluster.id))) throw noBaseline(located);
  }
}

export function noBaseline({ cluster }: LocatedSnapshot): AppError {
  const detail = `cluster \`${cluster.name}\` has no baseline, set one first`;
  return new AppError('not_found', detail);
}
