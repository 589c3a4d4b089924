import type { ChannelRecord, DeliveryRecord } from '#analysis';
import type { Body } from '../rest/schema-registry.js';
import type { channelBody, channelListBody, channelTestBody, deliveryBody, deliveryListBody } from './channel.body.js';

export type ChannelBody = Body<typeof channelBody>;
export type ChannelListBody = Body<typeof channelListBody>;
export type ChannelTestBody = Body<typeof channelTestBody>;
export type DeliveryBody = Body<typeof deliveryBody>;
export type DeliveryListBody = Body<typeof deliveryListBody>;

export function channelToBody({ clusterIds: _, createdAt, ...channel }: ChannelRecord): ChannelBody {
  return { ...channel, createdAt: createdAt.toISOString() };
}

/** A delivery as every door shows it. */
export interface ShownDelivery extends Omit<DeliveryRecord, 'channelId' | 'clusterId' | 'notice' | 'nextAt'> {
  readonly title: string;
  /** Null for one that is over. */
  readonly nextAt: Date | null;
}

export function shownDelivery(record: DeliveryRecord): ShownDelivery {
  const { channelId: _, clusterId: __, notice, nextAt, ...delivery } = record;
  return { ...delivery, title: notice.title, nextAt: delivery.state === 'queued' ? nextAt : null };
}

export function deliveryToBody(delivery: DeliveryRecord): DeliveryBody {
  const { nextAt, createdAt, endedAt, ...plain } = shownDelivery(delivery);
  return {
    ...plain,
    nextAt: nextAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
