import { Inject, Injectable } from '@nestjs/common';
import { SendDeliveries } from '#analysis';
import type { JobPayload } from '#contracts';
import { HandlesJob, type JobHandler } from '#queue';

/** Makes one try to tell a channel something. */
@Injectable()
@HandlesJob('delivery.send')
export class DeliverySendJob implements JobHandler<'delivery.send'> {
  constructor(@Inject(SendDeliveries) private readonly deliveries: SendDeliveries) {}

  handle(message: JobPayload<'delivery.send'>): Promise<void> {
    return this.deliveries.send(message);
  }
}
