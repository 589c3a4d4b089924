import { Inject, Injectable } from '@nestjs/common';
import { AppError, type DeliveriesInput } from '#contracts';
import { ChannelRepository, DELIVERY_ORDER, DeliveryRepository, type DeliveryRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';

export type DeliveryPage = ListedPage<DeliveryRecord>;

/** What channels were told, what waits, and what was given up. */
@Injectable()
export class Deliveries {
  constructor(
    @Inject(DeliveryRepository) private readonly deliveries: DeliveryRepository,
    @Inject(ChannelRepository) private readonly channels: ChannelRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
  ) {}

  /** The newest first. @throws AppError `not_found` (a channel), `cursor.invalid` */
  async list({ channel, state, ...page }: DeliveriesInput): Promise<DeliveryPage> {
    const channelId = channel === undefined ? undefined : (await this.channels.get(channel)).id;
    const walk = listWalk(this.cursors, ['deliveries', channelId, state], DELIVERY_ORDER, page);
    return walk.page(await this.deliveries.list({ channelId, state }, walk.keyset));
  }

  /** Has one that was given up sent again. @throws AppError `not_found`, `conflict` (it was not given up) */
  async again(id: string): Promise<DeliveryRecord> {
    const delivery = await this.deliveries.get(id);
    if (await this.deliveries.again(delivery.id)) return this.deliveries.get(delivery.id);
    throw new AppError('conflict', `delivery \`${id}\` is \`${delivery.state}\`, only what was given up is sent again`);
  }
}
