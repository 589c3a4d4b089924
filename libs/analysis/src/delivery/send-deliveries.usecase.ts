import { Inject, Injectable } from '@nestjs/common';
import { runAsSystem } from '#access';
import { CONFIG, type Config } from '#config';
import { isAppError, type JobPayload } from '#contracts';
import { deliver, DeliveryError, TargetGoneError, type Message, type MessageFile, type SendOptions } from '#delivery';
import { JOB_QUEUE, type JobQueue } from '#queue';
import {
  ChannelRepository,
  DeliveryRepository,
  KeptReportRepository,
  type DeliveryRecord,
  type TryOutcome,
} from '#store';
import { LOG, type Log } from '#telemetry';

/** Waits before the second and each further try; after the last it is given up. */
const WAITS_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000];
/** Whoever asks to be left alone for longer is tried again after this. */
const LONGEST_WAIT_MS = 21_600_000;
const TIMEOUT_MS = 15_000;

const OF_THE_MOMENT: Pick<DeliveryError, 'isFinal' | 'retryAfterMs'> = { isFinal: false, retryAfterMs: 0 };

/** How this service sends. */
export function sendOptions(config: Config): SendOptions {
  return { allowPrivate: config.delivery.allowPrivateTargets, timeoutMs: TIMEOUT_MS };
}

/** Sends what there is to tell, again until it is taken or given up. */
@Injectable()
export class SendDeliveries {
  constructor(
    @Inject(DeliveryRepository) private readonly deliveries: DeliveryRepository,
    @Inject(ChannelRepository) private readonly channels: ChannelRepository,
    @Inject(KeptReportRepository) private readonly reports: KeptReportRepository,
    @Inject(JOB_QUEUE) private readonly queue: JobQueue,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Hands what is to be tried now to the queue; what gets lost there is found again. Gives how many that were. */
  async handOn(): Promise<number> {
    const due = await this.deliveries.due();
    await this.queue.enqueueMany(
      'delivery.send',
      due.map(({ id, attempts }) => ({ deliveryId: id, attempt: attempts })),
    );
    return due.length;
  }

  /** Makes one try, unless another worker makes it. What comes of it is noted on the row; nothing is thrown for it. */
  send({ deliveryId, attempt }: JobPayload<'delivery.send'>): Promise<void> {
    return runAsSystem('delivery', async () => {
      const delivery = await this.deliveries.begin(deliveryId, attempt);
      if (delivery === null) return;
      const outcome = await this.outcomeOf(delivery);
      await this.deliveries.end(delivery, outcome);
      const { id, channel, event, attempts } = delivery;
      const about = { deliveryId: id, channel, event, attempts };
      if (outcome.state === 'sent') this.log.info('delivered', about);
      else this.log.warn('not delivered', { ...about, reason: outcome.error, isGivenUp: outcome.state === 'dead' });
    });
  }

  private async outcomeOf(delivery: DeliveryRecord): Promise<TryOutcome> {
    try {
      const target = await this.channels.open(delivery.channelId);
      if (target === null) return { state: 'dead', error: 'the channel was removed' };
      await deliver(target, await this.messageOf(delivery), sendOptions(this.config));
      return { state: 'sent' };
    } catch (cause) {
      if (cause instanceof TargetGoneError) return this.pausedFor(delivery, cause);
      const isKnown = cause instanceof DeliveryError || isAppError(cause);
      if (!isKnown)
        this.log.error('a delivery failed for a reason of our own', { deliveryId: delivery.id, error: cause });
      const error = isKnown ? cause.message : 'it failed for a reason that the log has under its id';
      const waitMs = WAITS_MS[delivery.attempts - 1];
      const { isFinal, retryAfterMs } = cause instanceof DeliveryError ? cause : OF_THE_MOMENT;
      if (isFinal || waitMs === undefined) return { state: 'dead', error };
      return { state: 'queued', error, waitMs: Math.max(waitMs, Math.min(retryAfterMs, LONGEST_WAIT_MS)) };
    }
  }

  /** What else the channel would be told waits until somebody has given it another target, or removes it. */
  private async pausedFor({ channelId }: DeliveryRecord, { message }: TargetGoneError): Promise<TryOutcome> {
    await this.channels.pause(channelId);
    return { state: 'dead', error: `${message}; the channel is paused` };
  }

  private async messageOf({ id, event, cluster, createdAt, notice }: DeliveryRecord): Promise<Message> {
    const { path, reportId, ...said } = notice;
    const base = this.config.delivery.publicUrl;
    const link = base === null || path === '' ? null : `${base}${path}`;
    return { id, event, at: createdAt, cluster, ...said, link, files: await this.filesOf(reportId) };
  }

  /** The forms of a kept report; none when it was deleted since. */
  private async filesOf(reportId: string | null): Promise<MessageFile[]> {
    if (reportId === null) return [];
    const files: MessageFile[] = [];
    for (const { format, name, mediaType } of await this.formsOf(reportId)) {
      const bytes = await this.reports.bytes(reportId, format);
      if (bytes !== null) files.push({ name, mediaType, bytes });
    }
    return files;
  }

  private async formsOf(reportId: string) {
    try {
      return (await this.reports.get(reportId)).files;
    } catch (error) {
      if (isAppError(error, 'not_found')) return [];
      throw error;
    }
  }
}
