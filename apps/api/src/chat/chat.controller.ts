import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accessFor, readChatSettings, runWithAccess, type Caller, type ChatApp } from '#access';
import { CHAT_CONTENT, ChatAnswers, type MessageWords } from '#analysis';
import { CONFIG, type Config } from '#config';
import { CHAT_ROUTE } from '#contracts';
import { LOG, type Log } from '#telemetry';
import { RouteAction } from '../access/action.decorator.js';
import { QuestionRecorder } from '../access/question-recorder.js';
import { readSettings } from '../access/read-settings.js';
import { RateLimiter, rateLimited } from '../access/rate-limiter.js';
import { readChatRequest, refused, SIGNATURE_LIFE_MS, type ChatRequest } from './chat-request.js';
import { TakenRequests } from './taken-requests.js';

/** Slack and Mattermost give up after three seconds; the way there and back takes some of it. */
const ANSWER_WITHIN_MS = 2_000;
/** Teams takes no late answer, and waits a little longer. */
const TEAMS_WITHIN_MS = 4_000;

/**
 * What is asked in a chat. The route is public to the guard of people: a request shows the signature or token of its chat,
 * and who asks is who the chat says, with the grants that the settings give that user.
 */
@Controller()
export class ChatController {
  private readonly apps: ReadonlyMap<string, ChatApp>;
  private readonly taken = new TakenRequests(SIGNATURE_LIFE_MS);

  constructor(
    @Inject(ChatAnswers) private readonly answers: ChatAnswers,
    @Inject(QuestionRecorder) private readonly recorder: QuestionRecorder,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(LOG) private readonly log: Log,
    @Inject(CONFIG) { access }: Config,
  ) {
    const path = access.chatSettingsPath;
    const apps = path === null ? [] : readChatSettings(readSettings(path, 'ATLAS_CHAT_CONFIG'), path);
    this.apps = new Map(apps.map((app) => [app.name, app]));
  }

  @Post(CHAT_ROUTE)
  @RouteAction('public')
  @HttpCode(200)
  async ask(@Param('app') name: string, @Body() raw: unknown, @Req() request: FastifyRequest): Promise<object> {
    const app = this.apps.get(name);
    if (app === undefined || !Buffer.isBuffer(raw)) throw refused();
    const asked = readChatRequest(app, request.headers, raw, Date.now());
    if (asked.signature !== null && !this.taken.take(asked.signature, Date.now())) throw refused();
    const caller = callerOf(app, asked);
    const { isOver, resetSeconds } = this.limiter.take(caller.subject, Date.now());
    if (isOver) throw rateLimited(resetSeconds);
    const answer = await this.answerSoon(app, asked, caller);
    this.record(request, asked, caller);
    return CHAT_CONTENT[app.platform](answer);
  }

  /** The answer, or a word that it comes later. */
  private async answerSoon(app: ChatApp, asked: ChatRequest, caller: Caller): Promise<MessageWords> {
    const access = accessFor(caller, 'question.ask');
    if (access === null) return plain('You may not ask here: an administrator has to give your user a grant');
    const answer = runWithAccess(access, () => this.answers.answer(asked.text, app.cluster));
    const limit = app.platform === 'teams' ? TEAMS_WITHIN_MS : ANSWER_WITHIN_MS;
    const soon = await Promise.race([answer, sleep(limit, null, { ref: false })]);
    if (soon !== null) return soon;
    const { responseUrl } = asked;
    answer
      .then(async (late) => {
        if (responseUrl !== null) await this.answers.postLate(app.platform, responseUrl, late);
      })
      .catch((error: unknown) => {
        this.log.warn('a late answer did not reach its chat', { app: app.name, error });
      });
    return plain(
      responseUrl === null
        ? 'It takes longer than this chat waits, ask again in a moment'
        : 'Looking, the answer comes in a moment',
    );
  }

  private record({ ip, id, url }: FastifyRequest, { text }: ChatRequest, { subject, name, grants }: Caller): void {
    const decision = grants.length === 0 ? 'refused' : 'allowed';
    const question = `POST ${url} ${text}`.slice(0, 2_000);
    const about = { subject, name, action: 'question.ask', question, decision, status: 200 } as const;
    const at = new Date();
    this.recorder.record({ at, ...about, address: ip, requestId: id, times: 1, lastAt: at });
  }
}

/** Users are known by the chat's word for them; nobody has grants who is not named, unless `*` is. */
function callerOf({ name, platform, users }: ChatApp, { team, user }: ChatRequest): Caller {
  const own = Object.hasOwn(users, user) ? users[user] : users['*'];
  const subject = `${platform}:${name}/${team}/${user}`.slice(0, 512);
  return { subject, name: user, authentication: 'chat', grants: own ?? [], expiresAt: null };
}

function plain(title: string): MessageWords {
  return { severity: 'info', title, text: '', facts: [], link: null };
}
