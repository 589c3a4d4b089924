import type { ChannelTarget, ChannelType } from '#contracts';
import { sendMattermost } from './channels/mattermost.channel.js';
import { sendPagerduty } from './channels/pagerduty.channel.js';
import { sendS3 } from './channels/s3.channel.js';
import { sendSlack } from './channels/slack.channel.js';
import { sendSmtp } from './channels/smtp.channel.js';
import { sendTeams } from './channels/teams.channel.js';
import { sendWebhook } from './channels/webhook.channel.js';
import type { SendOptions } from './http-send.js';
import type { Message } from './message.js';
import type { Sender } from './sender.js';

/** Every sort of channel; one without a row does not compile. */
const SENDERS: { readonly [T in ChannelType]: Sender<T> } = {
  webhook: sendWebhook,
  slack: sendSlack,
  mattermost: sendMattermost,
  teams: sendTeams,
  smtp: sendSmtp,
  s3: sendS3,
  pagerduty: sendPagerduty,
};

/** Sends a message to where a channel leads. Rejects with a `DeliveryError`. */
export function deliver(target: ChannelTarget, message: Message, options: SendOptions): Promise<void> {
  return (SENDERS[target.type] as Sender<ChannelType>)(target, message, options);
}

/** Where a channel leads, without what gets one in: as it may be shown. */
export function outlineOf(target: ChannelTarget): string {
  switch (target.type) {
    case 'smtp':
      return `${target.host}:${String(target.port)} to ${target.to.join(', ')}`;
    case 's3':
      return `${new URL(target.endpoint).host}/${target.bucket}/${target.prefix}`;
    default:
      return new URL(target.url).host;
  }
}
