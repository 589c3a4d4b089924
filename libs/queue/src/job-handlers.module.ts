import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { collectHandlers } from './handles-job.js';
import { JOB_QUEUE, type JobQueue } from './job-queue.js';
import { QueueModule } from './queue.module.js';

/**
 * Finds every class marked with `@HandlesJob` in the application and starts to do their jobs.
 * Stops the start when a job has no handler, or two.
 */
@Module({ imports: [DiscoveryModule, QueueModule] })
export class JobHandlersModule implements OnApplicationBootstrap {
  constructor(
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.queue.registerHandlers(collectHandlers(this.discovery.getProviders() as never));
    await this.queue.start();
  }
}
