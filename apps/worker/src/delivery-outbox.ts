import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SendDeliveries } from '#analysis';
import { LOG, type Log } from '#telemetry';
import { repeat } from './repeat.js';

const LOOK_MS = 1_000;

/** Hands on what channels are to be told. Every worker looks: rows that one takes are left out by the others. */
@Injectable()
export class DeliveryOutbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stop: () => Promise<void> = () => Promise.resolve();

  constructor(
    @Inject(SendDeliveries) private readonly deliveries: SendDeliveries,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.stop = repeat(LOOK_MS, () => this.look());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  private async look(): Promise<void> {
    try {
      await this.deliveries.handOn();
    } catch (error) {
      this.log.warn('could not look for what is to be delivered, it is looked for again', { error });
    }
  }
}
