export { ApiTokenRepository } from './access/api-token.repository.js';
export type { ApiTokenRecord } from './access/api-token.repository.js';
export { IdempotentRequestRepository } from './access/idempotent-request.repository.js';
export type { Claim, IdempotencyScope, KeptAnswer } from './access/idempotent-request.repository.js';
export { QuestionLogRepository } from './access/question-log.repository.js';
export type { LogEntry, LogFilter, LoggedQuestion } from './access/question-log.repository.js';
export { ChangeRepository } from './change.repository.js';
export type { ChangeMark, ChangePosition, ChangeQuery, StoredChange } from './change.repository.js';
export type {
  AppliedSuppression,
  AuditReportRecord,
  FindingChanges,
  FindingFilter,
  FindingRecord,
  FindingTally,
  NewAuditReport,
  NewFinding,
  NewSuppression,
  StoredCheckResult,
  SuppressionRecord,
} from './audits/audit-record.js';
export { AUDIT_ORDER, AuditRepository, FINDING_ORDER } from './audits/audit.repository.js';
export { SUPPRESSION_ORDER, SuppressionRepository } from './audits/suppression.repository.js';
export { AgentRepository } from './agent.repository.js';
export type { ClusterPatch, ClusterRecord, ClusterReport, ClusterUpload, NewCluster } from './cluster-record.js';
export { ClusterAskedRepository, type AskedCluster } from './cluster-asked.repository.js';
export { ClusterHeadRepository } from './cluster-head.repository.js';
export type { ClusterHead } from './cluster-head.repository.js';
export { CniChangeRepository } from './cni-change.repository.js';
export type { CniChangeRecord } from './cni-change.repository.js';
export { CLUSTER_ORDER, ClusterRepository } from './cluster.repository.js';
export { Database } from './database.js';
export { ASSERTION_EVENT_ORDER, AssertionRepository, type AssertionEventRecord } from './assertion.repository.js';
export type { AssertionCheck } from './assertion.repository.js';
export { BaselineRepository } from './baseline.repository.js';
export type { BaselineRecord } from './baseline.repository.js';
export { CHANNEL_ORDER, ChannelRepository } from './delivery/channel.repository.js';
export type { ChannelRecord } from './delivery/channel.repository.js';
export { DELIVERY_ORDER, DeliveryRepository } from './delivery/delivery.repository.js';
export type { DeliveryRecord, NewNotice, Notice, TryOutcome } from './delivery/delivery.repository.js';
export { DriftRepository } from './drift.repository.js';
export type { ChangedObject, DriftStretch, DriftTallyRecord, FactRevision } from './drift.repository.js';
export { KEPT_FLOW_ORDER, KeptFlowRepository, MOST_KEPT_FLOWS } from './flows/kept-flow.repository.js';
export type { KeptFlow, KeptFlowFilter, KeptFlowSpan, NewKeptFlow } from './flows/kept-flow.repository.js';
export { startEmbeddedPostgres } from './embedded-postgres.js';
export type { EmbeddedPostgres } from './embedded-postgres.js';
export type {
  FactBatch,
  KeptRead,
  ObjectQuery,
  PersistResult,
  SnapshotDelta,
  SnapshotRecord,
  StoredObject,
} from './fact-batch.js';
export { firstOf } from './keyset.js';
export type { Keyset, ListOrder } from './keyset.js';
export { type ClusterLease, LeaseRepository } from './lease.repository.js';
export type {
  FlowWork,
  JobEventRecord,
  JobFailure,
  JobFilter,
  JobLease,
  JobOutcome,
  JobRunRecord,
  NewJobRun,
  StoreWork,
} from './jobs/job-run.js';
export { JOB_ORDER, JobRunRepository } from './jobs/job-run.repository.js';
export { EqualParts } from './equal-parts.js';
export { factFromText, packFact } from './fact-json.js';
export { applyMigrations, createSchemaEngine } from './migrate.js';
export { LeverReportRepository } from './lever-report.repository.js';
export { KeptReportRepository, REPORT_ORDER } from './reports/kept-report.repository.js';
export type { KeptReportRecord, NewReportFile, ReportedFinding } from './reports/kept-report.repository.js';
export { RetentionRepository } from './retention.repository.js';
export { AlertRepository } from './runbooks/alert.repository.js';
export type { AlertRecord, NewAlert } from './runbooks/alert.repository.js';
export { MetricsSourceRepository } from './runbooks/metrics-source.repository.js';
export type { MetricsSourceRecord } from './runbooks/metrics-source.repository.js';
export { RUNBOOK_RUN_ORDER, RunbookRunRepository } from './runbooks/runbook-run.repository.js';
export type { NewRunbookRun, RunbookRunRecord } from './runbooks/runbook-run.repository.js';
export { ensureSecretKeyFile } from './secret-key-file.js';
export { SCHEDULE_ORDER, SCHEDULE_RUN_ORDER, ScheduleRepository } from './schedules/schedule.repository.js';
export type { ScheduleRecord, ScheduleRunPart, ScheduleRunRecord, UntoldRun } from './schedules/schedule.repository.js';
export { SNAPSHOT_ORDER, SnapshotRepository } from './snapshot.repository.js';
export { WriteTurns } from './write-turns.js';
export { StoreModule } from './store.module.js';
