import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import {
  AuditRepository,
  ClusterRepository,
  DeliveryRepository,
  DriftRepository,
  IdempotentRequestRepository,
  JobRunRepository,
  KeptFlowRepository,
  KeptReportRepository,
  QuestionLogRepository,
  RetentionRepository,
} from '#store';

/** The log of questions is kept for a year at least, whatever becomes of snapshots. */
const KEEP_LOG_DAYS = 366;

/** What a run deleted. */
export interface RetentionResult {
  readonly clusters: number;
  readonly snapshots: number;
  readonly revisions: number;
  readonly jobs: number;
  readonly reports: number;
  readonly audits: number;
}

/**
 * Thins out snapshots by the configured ages, with the reports on them, and deletes audits and ended jobs past the last
 * age. A cluster's newest audit always stays.
 */
@Injectable()
export class Retention {
  constructor(
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(DriftRepository) private readonly drifts: DriftRepository,
    @Inject(RetentionRepository) private readonly retention: RetentionRepository,
    @Inject(JobRunRepository) private readonly runs: JobRunRepository,
    @Inject(DeliveryRepository) private readonly deliveries: DeliveryRepository,
    @Inject(KeptFlowRepository) private readonly flows: KeptFlowRepository,
    @Inject(KeptReportRepository) private readonly keptReports: KeptReportRepository,
    @Inject(AuditRepository) private readonly audits: AuditRepository,
    @Inject(QuestionLogRepository) private readonly log: QuestionLogRepository,
    @Inject(IdempotentRequestRepository) private readonly requests: IdempotentRequestRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** One cluster after the other, so that a run holds one cluster's lock at a time. */
  async execute(clusterId?: string): Promise<RetentionResult> {
    const ids = clusterId === undefined ? (await this.clusters.all()).map((cluster) => cluster.id) : [clusterId];
    const total = { clusters: ids.length, snapshots: 0, revisions: 0, jobs: 0, reports: 0, audits: 0 };
    for (const id of ids) {
      const pruned = await this.retention.prune(id, this.config.retention, new Date());
      total.snapshots += pruned.snapshots;
      total.revisions += pruned.revisions;
      total.reports += await this.drifts.prune(id);
    }
    if (clusterId !== undefined) return total;
    total.audits = await this.audits.prune(this.config.retention.days);
    await this.deliveries.prune(this.config.retention.days);
    await this.flows.prune(this.config.retention.flowDays);
    await this.keptReports.prune(this.config.retention.reportDays);
    total.jobs = await this.runs.prune(this.config.retention.days);
    await this.log.prune(Math.max(KEEP_LOG_DAYS, this.config.retention.days));
    await this.requests.prune();
    return total;
  }
}
