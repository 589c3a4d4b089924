import { Inject, Injectable } from '@nestjs/common';
import { SendDeliveries } from '#analysis';
import { LOG, type Log } from '#telemetry';
import { RecurringLook } from './recurring-look.js';

const LOOK_MS = 1_000;

/** Hands on what channels are to be told. Every worker looks: rows that one takes are left out by the others. */
@Injectable()
export class DeliveryOutbox extends RecurringLook {
  constructor(
    @Inject(SendDeliveries) private readonly deliveries: SendDeliveries,
    @Inject(LOG) log: Log,
  ) {
    super(log, LOOK_MS, 'could not look for what is to be delivered, it is looked for again');
  }

  protected async look(): Promise<void> {
    await this.deliveries.handOn();
  }
}
