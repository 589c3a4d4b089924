import { Inject, Module, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { AppError } from '#contracts';
import { HealthRegistry, LOG, Metrics, type Log } from '#telemetry';
import { BullmqJobQueue, type QueueBackend } from './bullmq.job-queue.js';
import { JOB_QUEUE, type JobQueue } from './job-queue.js';

/** Redis when it is configured, else the database. Throws `startup.failed` without both. */
function queueBackend(config: Config): QueueBackend {
  if (config.queue.redisUrl !== null) return { type: 'redis', url: config.queue.redisUrl };
  if (config.database.url !== null) return { type: 'postgres', url: config.database.url };
  throw new AppError('startup.failed', 'the job queue needs REDIS_URL or DATABASE_URL, set one');
}

/**
 * Gives the process's `JOB_QUEUE`: enough to enqueue. A process that does jobs imports `JobHandlersModule` too.
 * Needs `ConfigModule` and `TelemetryModule` at the root.
 */
@Module({
  providers: [
    {
      provide: JOB_QUEUE,
      useFactory: (config: Config, log: Log, metrics: Metrics) =>
        new BullmqJobQueue({ backend: queueBackend(config), log, metrics }),
      inject: [CONFIG, LOG, Metrics],
    },
  ],
  exports: [JOB_QUEUE],
})
export class QueueModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(HealthRegistry) private readonly health: HealthRegistry,
  ) {}

  onModuleInit(): void {
    this.health.register(this.queue);
  }

  // Before the database closes: running jobs end with it still there.
  async beforeApplicationShutdown(): Promise<void> {
    await this.queue.stop();
  }
}
