import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { ClusterRepository, DriftRepository, JobRunRepository, SnapshotRepository } from '#store';

/** What a run deleted. */
export interface RetentionResult {
  readonly clusters: number;
  readonly snapshots: number;
  readonly revisions: number;
  readonly jobs: number;
  readonly reports: number;
}

/** Deletes snapshots, with the reports on them, and ended jobs older than the configured number of days. A cluster's newest snapshot always stays. */
@Injectable()
export class Retention {
  constructor(
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(SnapshotRepository) private readonly snapshots: SnapshotRepository,
    @Inject(DriftRepository) private readonly drifts: DriftRepository,
    @Inject(JobRunRepository) private readonly runs: JobRunRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** One cluster after the other, so that a run holds one cluster's lock at a time. */
  async execute(clusterId?: string): Promise<RetentionResult> {
    const ids = clusterId === undefined ? (await this.clusters.all()).map((cluster) => cluster.id) : [clusterId];
    const total = { clusters: ids.length, snapshots: 0, revisions: 0, jobs: 0, reports: 0 };
    for (const id of ids) {
      const pruned = await this.snapshots.prune(id, this.config.retention.days);
      total.snapshots += pruned.snapshots;
      total.revisions += pruned.revisions;
      total.reports += await this.drifts.prune(id);
    }
    if (clusterId === undefined) total.jobs = await this.runs.prune(this.config.retention.days);
    return total;
  }
}
