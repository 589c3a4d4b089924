export { BullmqJobQueue } from './bullmq.job-queue.js';
export type { BullmqOptions, QueueBackend } from './bullmq.job-queue.js';
export { collectHandlers, HandlesJob } from './handles-job.js';
export type { DiscoveredProvider } from './handles-job.js';
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
export { queueBackend, QueueModule } from './queue.module.js';
