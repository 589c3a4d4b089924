import { Module } from '@nestjs/common';
import { AnalysisModule } from '#analysis';
import { JobHandlersModule, QueueModule } from '#queue';
import { ClusterResyncJob } from './jobs/cluster-resync.job.js';
import { JobSweeper } from './job-sweeper.js';
import { RetentionRunJob } from './jobs/retention-run.job.js';
import { WorkerSchedule } from './worker-schedule.js';

/** Every job and its handler. Needs `ConfigModule` and `TelemetryModule` at the root. */
@Module({
  imports: [AnalysisModule, QueueModule, JobHandlersModule],
  providers: [RetentionRunJob, ClusterResyncJob, JobSweeper, WorkerSchedule],
})
export class WorkerModule {}
