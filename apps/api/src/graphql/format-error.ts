import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError, Kind } from 'graphql';
import { AppError, type FieldError } from '#contracts';
import { currentRequest, type Log } from '#telemetry';
import { problemTypeUri } from '../http/problem-catalogue.js';
import { toAppError } from '../http/to-app-error.js';
import { GRAPHQL_CODES } from './error-code-table.js';

/** Errors that GraphQL itself found, before or while a resolver's arguments were read. */
const REQUEST_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'DEPTH_LIMIT_EXCEEDED',
  'ALIAS_LIMIT_EXCEEDED',
  'ROOT_FIELD_LIMIT_EXCEEDED',
  'COST_LIMIT_EXCEEDED',
  'SUBSCRIPTION_LIMIT_EXCEEDED',
  'DOCUMENT_NOT_ALLOWED',
]);

/** How Apollo begins to refuse what a foreign page could send; the rest names headers of its own clients. */
const FOREIGN = 'This operation has been blocked as a potential Cross-Site Request Forgery';
const FOREIGN_TOLD =
  'a foreign page could have sent this (CSRF), POST it as `application/json` or send the header `apollo-require-preflight`';

type Names = Readonly<Record<string, string>>;

/** What GraphQL calls the fields of a page. */
const PAGE_NAMES: Names = { limit: 'first', cursor: 'after' };
const BACKWARD_NAMES: Names = { limit: 'last', cursor: 'before' };

/** Formats an error for a GraphQL response: stable code, request id, and the fields that are wrong. */
export function formatGraphqlError(log: Log) {
  return (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const original = thrown instanceof GraphQLError ? thrown.originalError : thrown;
    // Apollo gives every failed validation one code; our limits keep theirs beside it.
    const code = isRefusal(thrown)
      ? 'BAD_REQUEST'
      : (formatted.extensions?.['limit'] ?? formatted.extensions?.['code']);
    if (!(original instanceof AppError) && typeof code === 'string' && REQUEST_CODES.has(code)) {
      return requestError(formatted, code);
    }
    return applicationError(formatted, toAppError(original ?? thrown), namesIn(thrown), log);
  };
}

/** Some of what Apollo refuses has a status and no code, as a hash of another query. */
function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof GraphQLError) || thrown.originalError !== undefined) return false;
  const http = thrown.extensions['http'] as { readonly status?: number } | undefined;
  return http?.status === 400 && thrown.extensions['code'] === undefined;
}

function applicationError(
  formatted: GraphQLFormattedError,
  error: AppError,
  names: Names,
  log: Log,
): GraphQLFormattedError {
  if (error.code === 'internal') log.error('graphql request failed', { error: error.cause ?? error });
  const near = error.details['near'];
  const argumentFor = (pointer: string): string =>
    pointer.replace(/(?<=^\/)(drift\/)?\w+/, (name) => names[name] ?? name);
  return {
    ...position(formatted),
    message: error.message.replace(/(?<=^`)\/[\w/]+(?=`: )/, argumentFor),
    extensions: {
      code: GRAPHQL_CODES[error.code],
      errorCode: error.code,
      problem: problemTypeUri(error.code),
      requestId: requestId(),
      retryable: error.retryable,
      errors: (error.errors ?? []).map(({ pointer, detail }) => ({ pointer: argumentFor(pointer), detail })),
      ...(Array.isArray(near) ? { near } : {}),
    },
  };
}

function requestError(formatted: GraphQLFormattedError, code: string): GraphQLFormattedError {
  const cost = formatted.extensions?.['cost'];
  return {
    ...position(formatted),
    message: formatted.message.startsWith(FOREIGN) ? FOREIGN_TOLD : formatted.message,
    extensions: {
      code,
      errorCode: 'request.invalid',
      problem: problemTypeUri('request.invalid'),
      requestId: requestId(),
      retryable: false,
      errors: fieldsNamedIn(formatted.message),
      ...(cost === undefined ? {} : { cost }),
    },
  };
}

/** What the field that failed calls its page. */
function namesIn(thrown: unknown): Names {
  const node = thrown instanceof GraphQLError ? thrown.nodes?.[0] : undefined;
  if (node?.kind !== Kind.FIELD) return PAGE_NAMES;
  const isBackward = node.arguments?.some(({ name }) => name.value === 'last' || name.value === 'before') === true;
  return isBackward ? BACKWARD_NAMES : PAGE_NAMES;
}

function position(formatted: GraphQLFormattedError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  return {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
}

/** GraphQL says in words where a variable is wrong: `Variable "$input" got invalid value 5 at "input.from"; …`. */
function fieldsNamedIn(message: string): readonly FieldError[] {
  const at = /^Variable "\$(\w+)" got invalid value .*?(?: at "([^"]+)")?; (.*)$/s.exec(message);
  if (at !== null) {
    const [, variable = '', path, detail = message] = at;
    const unknown = /^Field "([^"]+)" is not defined/.exec(detail)?.[1];
    return [{ pointer: pointerOf(path ?? variable, unknown), detail }];
  }
  const missing = /^Variable "\$(\w+)" of required type/.exec(message)?.[1];
  return missing === undefined ? [] : [{ pointer: `/${missing}`, detail: message }];
}

function pointerOf(path: string, last: string | undefined): string {
  const steps = path.replace(/\[(\d+)\]/g, '.$1').split('.');
  return `/${[...steps, ...(last === undefined ? [] : [last])].join('/')}`;
}

function requestId(): string {
  return currentRequest()?.requestId ?? '';
}
