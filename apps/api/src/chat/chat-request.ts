import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ChatApp, ChatPlatform } from '#access';
import { AppError } from '#contracts';

/** What a chat sends, once it has proved who it is. */
export interface ChatRequest {
  readonly team: string;
  readonly user: string;
  readonly text: string;
  /** Where a late answer goes; null when the chat takes none. */
  readonly responseUrl: string | null;
  /** Its signature, another one for each request; null where a chat shows the same token each time. */
  readonly signature: string | null;
}

type Reader = (app: ChatApp, headers: IncomingHttpHeaders, raw: Buffer, nowMs: number) => ChatRequest;

/** Older requests are not taken: somebody may have kept one. */
const MOST_AGE_MS = 300_000;
/** How long after it was taken a request would be taken again: its clock may be as much ahead. */
export const SIGNATURE_LIFE_MS = 2 * MOST_AGE_MS;

/** Slack: HMAC-SHA256 over version, time and body, no older than five minutes. */
const readSlack: Reader = ({ secret }, headers, raw, nowMs) => {
  const timestamp = String(headers['x-slack-request-timestamp']);
  const expected = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest('hex')}`;
  if (!isRecent(Number(timestamp) * 1000, nowMs) || !isSame(String(headers['x-slack-signature']), expected))
    throw refused();
  return commandOf(new URLSearchParams(raw.toString('utf8')), expected);
};

/** Mattermost: the token of the command, in the header and in the form. */
const readMattermost: Reader = ({ secret }, headers, raw) => {
  const form = new URLSearchParams(raw.toString('utf8'));
  const [, inHeader] = /^Token (.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (!isSame(inHeader ?? form.get('token') ?? '', secret)) throw refused();
  return commandOf(form, null);
};

/** Teams: HMAC-SHA256 over the body, which has the time, with a key that is given as Base64. */
const readTeams: Reader = ({ secret }, headers, raw, nowMs) => {
  const expected = `HMAC ${createHmac('sha256', Buffer.from(secret, 'base64')).update(raw).digest('base64')}`;
  if (!isSame(headers.authorization ?? '', expected)) throw refused();
  const activity = jsonOf(raw);
  if (!isRecent(Date.parse(activity.timestamp ?? ''), nowMs)) throw refused();
  // The mention of the webhook itself comes first, as markup.
  const text = activity.text?.replaceAll(/<at>.*?<\/at>/g, ' ').replaceAll(/<[^>]*>|&nbsp;/g, ' ') ?? '';
  const user = activity.from?.aadObjectId ?? activity.from?.id ?? '';
  return { team: activity.channelData?.team?.id ?? '', user, text, responseUrl: null, signature: expected };
};

const READERS: Readonly<Record<ChatPlatform, Reader>> = {
  slack: readSlack,
  mattermost: readMattermost,
  teams: readTeams,
};

/** What a request asks, when it comes from the chat that it says. @throws AppError `unauthenticated` */
export function readChatRequest(app: ChatApp, headers: IncomingHttpHeaders, raw: Buffer, nowMs: number): ChatRequest {
  const request = READERS[app.platform](app, headers, raw, nowMs);
  if (app.team !== undefined && app.team !== request.team) throw refused();
  return request;
}

export function refused(): AppError {
  return new AppError('unauthenticated', 'the request does not come from a chat that may ask, check its secret');
}

function commandOf(form: URLSearchParams, signature: string | null): ChatRequest {
  const field = (name: string): string => form.get(name) ?? '';
  return {
    team: field('team_id'),
    user: field('user_id'),
    text: field('text'),
    responseUrl: form.get('response_url'),
    signature,
  };
}

interface Activity {
  readonly timestamp?: string;
  readonly text?: string;
  readonly from?: { readonly id?: string; readonly aadObjectId?: string };
  readonly channelData?: { readonly team?: { readonly id?: string } };
}

function jsonOf(raw: Buffer): Activity {
  try {
    return JSON.parse(raw.toString('utf8')) as Activity;
  } catch {
    throw refused();
  }
}

/** False too for what is no time. */
function isRecent(timeMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - timeMs) <= MOST_AGE_MS;
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
