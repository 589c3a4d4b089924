import { Inject, Injectable } from '@nestjs/common';
import { AppError, type DeliveriesInput } from '#contracts';
import { ChannelRepository, DeliveryRepository, type DeliveryRecord } from '#store';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listedPage, type ListedPage } from '../paging/listed-page.js';

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
  async list({ channel, state, limit, cursor }: DeliveriesInput): Promise<DeliveryPage> {
    const channelId = channel === undefined ? undefined : (await this.channels.get(channel)).id;
    const scope = ['deliveries', channelId, state];
    const [createdAt, id] = cursor === undefined ? [] : this.cursors.open(scope, cursor);
    const after = id === undefined ? undefined : { createdAt: new Date(Number(createdAt)), id: String(id) };
    const found = await this.deliveries.list({ channelId, state }, limit + 1, after);
    return listedPage(found, limit, (last) => this.cursors.seal(scope, [last.createdAt.getTime(), last.id]));
  }

  /** Has one that was given up sent again. @throws AppError `not_found`, `conflict` (it was not given up) */
  async again(id: string): Promise<DeliveryRecord> {
    const delivery = await this.deliveries.get(id);
    if (await this.deliveries.again(delivery.id)) return this.deliveries.get(delivery.id);
    throw new AppError('conflict', `delivery \`${id}\` is \`${delivery.state}\`, only what was given up is sent again`);
  }
}
