import { Module } from '@nestjs/common';
import { AnalysisModule } from '#analysis';
import { JobHandlersModule, QueueModule } from '#queue';
import { AuditRunJob } from './jobs/audit-run.job.js';
import { ClusterResyncJob } from './jobs/cluster-resync.job.js';
import { DeliveryOutbox } from './delivery-outbox.js';
import { DeliverySendJob } from './jobs/delivery-send.job.js';
import { DriftComputeJob } from './jobs/drift-compute.job.js';
import { DriftSchedule } from './drift-schedule.js';
import { JobSweeper } from './job-sweeper.js';
import { LeversTryJob } from './jobs/levers-try.job.js';
import { ReportMakeJob } from './jobs/report-make.job.js';
import { RetentionRunJob } from './jobs/retention-run.job.js';
import { RunbookRunJob } from './jobs/runbook-run.job.js';
import { WorkerSchedule } from './worker-schedule.js';

/** Every job and its handler. Needs `ConfigModule` and `TelemetryModule` at the root. */
@Module({
  imports: [AnalysisModule, QueueModule, JobHandlersModule],
  providers: [
    AuditRunJob,
    LeversTryJob,
    ReportMakeJob,
    RetentionRunJob,
    ClusterResyncJob,
    DeliveryOutbox,
    DeliverySendJob,
    DriftComputeJob,
    RunbookRunJob,
    DriftSchedule,
    JobSweeper,
    WorkerSchedule,
  ],
})
export class WorkerModule {}
