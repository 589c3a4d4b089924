import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accessFor, type Access } from '#access';
import { questionText } from '../access/question-of.js';
import { COST_HEADER } from '../graphql/query-cost.js';
import { requestNeed } from '../access/route-needs.js';
import { parseJson } from './body-parsers.js';
import { AGE } from './entity-tags.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came; '' where there is none, or where it is no text. */
    bodyText: string;
    /** Whether nobody is known to have asked the same a short while ago; false where that is not looked at. */
    isNew: boolean;
    /** What an answer to it would be kept under; '' where none would. */
    answerKey: string;
    /** What alone decided the answer beside the question, so that it may be kept; null when more did, or may have. */
    madeWith: Access | null;
    /** What the log of questions has of it, where that is known; else null. */
    knownQuestion: string | null;
  }
}

/** Answers kept at most, in two halves. */
const MOST_KEPT = 500;
/** Questions that are remembered as asked, a power of two. */
const REMEMBERED = 1_024;
/** Longer ones are not kept. */
const MOST_CHARACTERS = { question: 4_096, answer: 32_768 } as const;

const HEADERS = ['content-type', 'cache-control', 'vary'] as const;

interface KeptAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** Where in the bytes the age of the data is told, and what it counts from; null when it is not told. */
  readonly age: { readonly from: number; readonly to: number; readonly sinceMs: number } | null;
  readonly sources: readonly string[];
  readonly isCurrent: () => boolean;
  /** As the log has it. */
  readonly question: string;
  /** The bytes as they were last sent. */
  last: { readonly ageMs: number; readonly bytes: Buffer };
}

/**
 * Sends the answer to a question that was asked before, byte by byte the same but for the age of the data, as long as
 * the caller may see the same and the snapshots that it was made from are the newest. Only what is asked again is kept.
 */
export function keepAnswers(server: FastifyInstance): void {
  const kept = new KeptAnswers();
  server.decorateRequest('bodyText', '');
  server.decorateRequest('isNew', false);
  server.decorateRequest('answerKey', '');
  server.decorateRequest('madeWith', null);
  server.decorateRequest('knownQuestion', null);
  server.addHook('onRoute', (route) => {
    if (route.config?.isKept !== true) return;
    route.preValidation = (request, reply, done) => {
      const isShort = request.bodyText.length <= MOST_CHARACTERS.question;
      request.isNew = isShort && !kept.wasAsked(request);
      const access = isShort && !request.isNew ? accessOf(request) : null;
      if (access !== null) request.answerKey = keyOf(request, access);
      const answer = access === null ? null : kept.get(request.answerKey);
      if (access === null || answer?.isCurrent() !== true) {
        request.madeWith = request.access;
        done(readBody(request));
        return;
      }
      request.knownQuestion = answer.question;
      for (const source of answer.sources) access.note(source, answer.isCurrent);
      void reply.headers(answer.headers).send(bytesNow(answer));
    };
    route.onSend = (request, reply, payload, done) => {
      const { madeWith, answerKey } = request;
      const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
      const isShort = isText && payload.length <= MOST_CHARACTERS.answer;
      if (madeWith !== null && answerKey !== '' && reply.statusCode === 200 && isShort) {
        const answer = keptAnswer(madeWith, request, reply, String(payload));
        if (answer !== null) kept.set(answerKey, answer);
      }
      done(null, payload);
    };
  });
}

/**
 * By route, question and what the caller may see. They go half of them at a time: a map that takes one in and lets one go
 * with each question leaves a trail of tables that only a collection of the whole heap clears. Of what was asked once
 * nothing is kept but a number, in the place of one that was there before.
 */
class KeptAnswers {
  private newer = new Map<string, KeptAnswer>();
  private older = this.newer;
  private readonly asked = new Int32Array(REMEMBERED);

  /** Whether somebody asked the same a short while ago, as far as is known; it was now. */
  wasAsked({ url, bodyText }: FastifyRequest): boolean {
    const hash = hashOf(bodyText, hashOf(url, 0));
    const place = hash & (REMEMBERED - 1);
    const isKnown = this.asked[place] === hash;
    this.asked[place] = hash;
    return isKnown;
  }

  get(key: string): KeptAnswer | null {
    return this.newer.get(key) ?? this.older.get(key) ?? null;
  }

  set(key: string, answer: KeptAnswer): void {
    if (this.newer.size >= MOST_KEPT / 2) {
      this.older = this.newer;
      this.newer = new Map();
    }
    this.newer.set(key, answer);
  }
}

function hashOf(text: string, before: number): number {
  let hash = before;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** What the caller may see while it asks; where fields of GraphQL decide, what is kept is of questions. */
function accessOf({ access, caller }: FastifyRequest): Access | null {
  return access ?? accessFor(caller, 'question.ask');
}

function keyOf({ method, url, headers, bodyText }: FastifyRequest, access: Access): string {
  return [access.scopeKey, headers.accept, headers[COST_HEADER], method, url, bodyText].join('\n');
}

/** Reads the text that was left as it came; gives what is wrong with it. */
function readBody(request: FastifyRequest): Error | undefined {
  if (typeof request.body !== 'string') return undefined;
  try {
    request.body = parseJson(request.bodyText);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function keptAnswer(access: Access, request: FastifyRequest, reply: FastifyReply, text: string): KeptAnswer | null {
  const isCurrent = access.areCurrent;
  const [age, ...others] = text.matchAll(AGE);
  const ageMs = Number(age?.[1]);
  // An age of 0 may stand for less: of clocks that differ.
  if (isCurrent === null || others.length > 0 || ageMs === 0) return null;
  const bytes = Buffer.from(text);
  const to = age === undefined ? 0 : Buffer.byteLength(text.slice(0, age.index + age[0].length));
  return {
    headers: Object.fromEntries(
      HEADERS.filter((name) => reply.hasHeader(name)).map((name) => [name, String(reply.getHeader(name))]),
    ),
    bytes,
    age: age === undefined ? null : { from: to - String(ageMs).length, to, sinceMs: Date.now() - ageMs },
    sources: access.sources,
    isCurrent,
    question: questionText(request, requestNeed(request)),
    last: { ageMs, bytes },
  };
}

/** Many are sent within a millisecond: they are one piece of memory. */
function bytesNow(answer: KeptAnswer): Buffer {
  const { bytes, age, last } = answer;
  if (age === null) return bytes;
  const ageMs = Date.now() - age.sinceMs;
  if (ageMs === last.ageMs) return last.bytes;
  const told = Buffer.from(String(ageMs), 'latin1');
  answer.last = { ageMs, bytes: Buffer.concat([bytes.subarray(0, age.from), told, bytes.subarray(age.to)]) };
  return answer.last.bytes;
}
