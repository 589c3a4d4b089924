import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LoggedQuestion } from '#analysis';
import type { RouteNeed } from './action.decorator.js';

const MAX_CHARACTERS = 2_000;

/** A request as the log keeps it. Bodies are kept of questions alone: others may hold credentials. */
export function questionOf(request: FastifyRequest, reply: FastifyReply, need: RouteNeed): LoggedQuestion {
  const { caller } = request;
  const status = reply.statusCode;
  const at = new Date();
  const isRefused = status === 401 || status === 403 || status === 429;
  return {
    at,
    subject: caller.subject,
    name: caller.name,
    action: need === 'fields' ? 'graphql' : need,
    question: request.knownQuestion ?? questionText(request, need),
    decision: isRefused ? 'refused' : status >= 500 ? 'failed' : 'allowed',
    status,
    address: request.ip,
    requestId: request.id,
    times: 1,
    lastAt: at,
  };
}

/** What was asked, as far as the log has room for it. */
export function questionText(request: FastifyRequest, need: RouteNeed): string {
  return `${request.method} ${request.url}${bodyText(request, need)}`.slice(0, MAX_CHARACTERS);
}

function bodyText(request: FastifyRequest, need: RouteNeed): string {
  const { body } = request;
  if (typeof body !== 'object' || body === null) return '';
  if (need === 'question.ask') return ` ${JSON.stringify(body)}`;
  if (need !== 'fields' || !('query' in body) || typeof body.query !== 'string') return '';
  if (met.document !== body.query) met = toldDocument(body.query);
  const variables = !met.isMutation && 'variables' in body ? ` ${JSON.stringify(body.variables)}` : '';
  return ` ${met.line}${variables}`;
}

/** A document as the log tells it. */
interface ToldDocument {
  readonly document: string;
  /** Its variables may hold a kubeconfig. */
  readonly isMutation: boolean;
  readonly line: string;
}

/** The document that was met last: most come again and again, and their entries share its text. */
let met = toldDocument('');

function toldDocument(document: string): ToldDocument {
  const isMutation = /\bmutation\b/.test(document);
  const told = isMutation ? (/\bmutation\b[^{]*\{\s*(\w+)/.exec(document)?.[1] ?? 'mutation') : document;
  return { document, isMutation, line: told.replace(/\s+/g, ' ') };
}
