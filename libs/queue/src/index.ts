export { BullmqJobQueue } from './bullmq.job-queue.js';
export type { QueueBackend } from './bullmq.job-queue.js';
export { collectHandlers, HandlesJob } from './handles-job.js';
export { InlineJobQueue } from './inline.job-queue.js';
export type { JobBoard } from './job-board.js';
export { JobHandlersModule } from './job-handlers.module.js';
export { JOB_QUEUE } from './job-queue.js';
export type {
  EnqueueOptions,
  JobContext,
  JobHandler,
  JobHandlers,
  JobQueue,
  JobState,
  JobStatus,
} from './job-queue.js';
export { QueueModule } from './queue.module.js';
