import { z } from 'zod';
import { clusterRef } from './drift.input.js';
import { sortedPageInput } from './paging.input.js';

/** Where chats ask. */
export const CHAT_ROUTE = '/api/v1/chat/:app';

/** What may be told to a channel. */
export const CHANNEL_EVENTS = [
  'report.ready',
  'schedule.result',
  'assertion.turned',
  'finding.new',
  'finding.resolved',
] as const;
export type ChannelEvent = (typeof CHANNEL_EVENTS)[number];
export const CHANNEL_TYPES = ['webhook', 'slack', 'mattermost', 'teams', 'smtp', 's3', 'pagerduty'] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];
/** Where a delivery stands. `dead`: it was given up, and can be sent again. */
export const DELIVERY_STATES = ['queued', 'sent', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .max(2048)
  .refine((text) => !/^https?:\/\/[^/]*@/.test(text), 'must not hold a user or a password');
const secret = z.string().min(1).max(4096);
const line = z
  .string()
  .trim()
  .min(1)
  .max(512)
  .regex(/^[^\r\n\0]*$/, 'must be one line');
const mailAddress = z.email().max(254);

/** The part of a Standard Webhooks secret behind `whsec_`: 24 to 64 bytes. */
const webhookSecret = z
  .string()
  .regex(
    /^(whsec_)?[A-Za-z0-9+/]{32,88}={0,2}$/,
    'must be 24 to 64 bytes as Base64, with or without `whsec_` before it',
  );

/** Where to, and what it takes to get in. All of it is sealed; only its outline is shown again. */
export const channelTarget = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('webhook'), url, secret: webhookSecret }),
  z.strictObject({ type: z.literal('slack'), url }),
  z.strictObject({ type: z.literal('mattermost'), url, channel: line.optional() }),
  z.strictObject({ type: z.literal('teams'), url }),
  z.strictObject({
    type: z.literal('smtp'),
    host: line,
    port: z.int().min(1).max(65_535).default(587),
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    user: line.optional(),
    password: secret.optional(),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(50),
  }),
  z.strictObject({
    type: z.literal('s3'),
    endpoint: url.describe('As `https://s3.eu-central-1.amazonaws.com`; the bucket goes into the path'),
    region: line.default('us-east-1'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
    prefix: z
      .string()
      .max(256)
      .regex(/^([A-Za-z0-9._-]+\/)*$/, 'must be folders, each with a `/` behind it')
      .default(''),
    accessKeyId: line,
    secretAccessKey: secret,
  }),
  z.strictObject({
    type: z.literal('pagerduty'),
    routingKey: z.string().regex(/^[A-Za-z0-9]{32}$/, 'must be 32 letters and digits'),
    url: url.default('https://events.pagerduty.com/v2/enqueue'),
  }),
]);
export type ChannelTarget = z.output<typeof channelTarget>;

export const createChannelInput = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and `-`, at most 63'),
  target: channelTarget,
  events: z
    .array(z.enum(CHANNEL_EVENTS))
    .min(1)
    .transform((events) => [...new Set(events)])
    .describe('What it is told'),
  clusters: z.array(clusterRef).min(1).max(1000).optional().describe('Names or ids; every cluster when left out'),
  paused: z.boolean().default(false),
});
export type CreateChannelInput = z.output<typeof createChannelInput>;

/** What is left out stays as it is; `clusters` null is every cluster. */
export const patchChannelInput = z.strictObject({
  target: channelTarget.optional(),
  events: createChannelInput.shape.events.optional(),
  clusters: createChannelInput.shape.clusters.nullable(),
  paused: z.boolean().optional(),
});
export type PatchChannelInput = z.output<typeof patchChannelInput>;

export const deliveriesInput = z.strictObject({
  channel: z.string().trim().min(1).max(63).optional().describe('Name or id'),
  state: z.enum(DELIVERY_STATES).optional(),
  ...sortedPageInput(['createdAt', 'nextAt', 'channel', 'state']).shape,
});
export type DeliveriesInput = z.output<typeof deliveriesInput>;

export const channelsInput = sortedPageInput(['name', 'type', 'createdAt']);
export type ChannelsInput = z.output<typeof channelsInput>;
