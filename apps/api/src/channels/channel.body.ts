import { z } from 'zod';
import { CHANNEL_EVENTS, CHANNEL_TYPES, DELIVERY_STATES } from '#contracts';
import { named } from '../rest/schema-registry.js';
import { pageBody, timestamp } from '../rest/shared.body.js';

export const channelBody = named(
  'Channel',
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    type: z.enum(CHANNEL_TYPES),
    outline: z.string().describe('Where it leads, as far as that is shown'),
    events: z.array(z.enum(CHANNEL_EVENTS)),
    clusters: z.array(z.string()).nullable().describe('Names; null for every cluster'),
    paused: z.boolean().describe('What it would be told waits'),
    requester: z.string().describe('Who made it'),
    createdAt: timestamp,
  }),
);

export const deliveryBody = named(
  'Delivery',
  z.strictObject({
    id: z.uuid().describe('`webhook-id` of a webhook: the same at each try'),
    channel: z.string().describe('Name'),
    event: z.enum(CHANNEL_EVENTS),
    cluster: z.string().nullable(),
    title: z.string(),
    state: z.enum(DELIVERY_STATES).describe('`dead`: given up, and can be sent again'),
    attempts: z.int().min(0),
    lastError: z.string().describe("Why the last try failed, '' when none has"),
    nextAt: timestamp.nullable().describe('When it is tried next'),
    createdAt: timestamp,
    endedAt: timestamp.nullable(),
  }),
);

export const chatAnswerBody = named(
  'ChatAnswer',
  z.looseObject({
    text: z.string().optional().describe('To Slack and Mattermost'),
    summary: z.string().optional().describe('To Teams, which shows the card in `attachments`'),
  }),
);
export const channelListBody = named('ChannelList', z.strictObject({ items: z.array(channelBody), page: pageBody }));
export const channelTestBody = named(
  'ChannelTest',
  z.strictObject({ delivered: z.boolean(), problem: z.string().describe("Why not, '' when it was") }),
);
export const deliveryListBody = named('DeliveryList', z.strictObject({ items: z.array(deliveryBody), page: pageBody }));
