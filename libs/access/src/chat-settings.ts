import { z } from 'zod';
import { AppError, parseInput } from '#contracts';
import { grantInput } from './auth-settings.js';

const CHAT_PLATFORMS = ['slack', 'mattermost', 'teams'] as const;
export type ChatPlatform = (typeof CHAT_PLATFORMS)[number];

/** One chat that may ask, and what its people may see: those by their id, and all others by `*`. */
const chatApp = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and `-`'),
  platform: z.enum(CHAT_PLATFORMS),
  /** Slack: the signing secret. Mattermost: the token of the command. Teams: the security token, Base64. */
  secret: z.string().min(16).max(1024),
  /** Workspace or team that alone may ask; any that has the secret when left out. */
  team: z.string().min(1).max(128).optional(),
  /** The cluster that is meant when none is named. */
  cluster: z.string().min(1).max(63).optional(),
  users: z.record(z.string().min(1).max(256), z.array(grantInput).min(1)),
});
export type ChatApp = z.output<typeof chatApp>;

const chatSettings = z
  .strictObject({ apps: z.array(chatApp).max(100) })
  .refine(({ apps }) => new Set(apps.map(({ name }) => name)).size === apps.length, 'has two apps of one name');

/** @throws AppError `startup.failed` that says what is wrong with the text */
export function readChatSettings(text: string, place: string): readonly ChatApp[] {
  try {
    return parseInput(chatSettings, JSON.parse(text), 'startup.failed').apps;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('startup.failed', `\`${place}\` does not say which chats may ask: ${reason}`, { cause: error });
  }
}
