import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { currentAccess } from '#access';
import { CONFIG, type Config } from '#config';
import type { ChannelsInput, ChannelTarget, CreateChannelInput, PatchChannelInput } from '#contracts';
import { deliver, DeliveryError, outlineOf } from '#delivery';
import { CHANNEL_ORDER, ChannelRepository, ClusterRepository, type ChannelRecord } from '#store';
import { clusterSetOf } from '../clusters/cluster-set.js';
import { CursorCodec } from '../paging/cursor-codec.js';
import { listWalk } from '../paging/list-walk.js';
import type { ListedPage } from '../paging/listed-page.js';
import { sendOptions } from './send-deliveries.usecase.js';

export type ChannelPage = ListedPage<ChannelRecord>;

/** What came of a message that was sent to try a channel. */
export interface ChannelTest {
  readonly delivered: boolean;
  /** Why not, '' when it was. */
  readonly problem: string;
}

/** Where things are told. */
@Injectable()
export class Channels {
  constructor(
    @Inject(ChannelRepository) private readonly channels: ChannelRepository,
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(CursorCodec) private readonly cursors: CursorCodec,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws AppError `cluster.not_found`, `forbidden`, `conflict`, `cluster.credentials_invalid` (no key to seal with) */
  async create({ name, target, clusters, ...settings }: CreateChannelInput): Promise<ChannelRecord> {
    const clusterIds = await clusterSetOf(this.clusters, clusters);
    const given = { ...settings, clusterIds, target: outlined(target) };
    return this.channels.create(name, given, currentAccess().caller.subject);
  }

  /** By name or id. @throws AppError `not_found` */
  get(ref: string): Promise<ChannelRecord> {
    return this.channels.get(ref);
  }

  /** By name. @throws AppError `cursor.invalid` */
  async list(input: ChannelsInput): Promise<ChannelPage> {
    const walk = listWalk(this.cursors, ['channels'], CHANNEL_ORDER, input);
    return walk.page(await this.channels.list(walk.keyset));
  }

  /** What is left out stays. @throws AppError `not_found`, and as `create` */
  async update(ref: string, { target, clusters, events, paused }: PatchChannelInput): Promise<ChannelRecord> {
    const { id } = await this.channels.get(ref);
    return this.channels.update(id, {
      ...(target === undefined ? {} : { target: outlined(target) }),
      ...(events === undefined ? {} : { events }),
      ...(paused === undefined ? {} : { paused }),
      ...(clusters === undefined ? {} : { clusterIds: await clusterSetOf(this.clusters, clusters) }),
    });
  }

  /** @throws AppError `not_found` */
  async remove(ref: string): Promise<ChannelRecord> {
    const channel = await this.channels.get(ref);
    await this.channels.remove(channel.id);
    return channel;
  }

  /** Sends a message at once, once, paused or not. @throws AppError `not_found`, `cluster.credentials_invalid` */
  async test(ref: string): Promise<ChannelTest> {
    const { id, name } = await this.channels.get(ref);
    const target = await this.channels.open(id);
    if (target === null) return { delivered: false, problem: `channel \`${name}\` was removed just now` };
    const message = {
      id: randomUUID(),
      event: 'test',
      at: new Date(),
      severity: 'info',
      cluster: null,
      title: `Channel ${name} works`,
      text: 'This message was sent to try it.',
      facts: [],
      link: null,
      matter: `test ${id}`,
      isOver: true,
      files: [],
    } as const;
    try {
      await deliver(target, message, sendOptions(this.config));
      return { delivered: true, problem: '' };
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      return { delivered: false, problem: error.message };
    }
  }
}

function outlined(target: ChannelTarget): { readonly target: ChannelTarget; readonly outline: string } {
  return { target, outline: outlineOf(target) };
}
