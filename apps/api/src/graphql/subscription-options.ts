import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type ExecutionArgs,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import type { Caller } from '#access';
import { isAppError } from '#contracts';
import type { Log } from '#telemetry';
import { STATUS_BY_CODE } from '../http/status-table.js';
import type { StreamAccess } from '../streams/stream-access.js';
import type { AllowedDocuments } from './allowed-documents.js';
import { formatGraphqlError } from './format-error.js';
import type { GraphqlContext } from './graphql-context.js';
import { demandCost, queryCost } from './query-cost.js';
import { MAX_TOKENS, queryLimits } from './query-limits.rule.js';
import { CLOSE, type SubscriptionConnection } from './subscription-connection.js';

export interface SubscriptionSettings {
  readonly schema: GraphQLSchema;
  readonly createContext: (caller: Caller) => GraphqlContext;
  readonly access: StreamAccess;
  /** Null: any document is answered. */
  readonly allowed: AllowedDocuments | null;
  /** Most subscriptions that one connection may have at a time. */
  readonly maxActive: number;
  readonly log: Log;
}

/** What a client sends, by WebSocket or by POST. */
type Operation = Parameters<NonNullable<ServerOptions['onSubscribe']>>[2];

/** How the protocol is served: who may connect, what may be asked, and that each event is let through anew. */
export function subscriptionOptions(
  settings: SubscriptionSettings,
): ServerOptions<Record<string, unknown>, SubscriptionConnection> {
  const { createContext, access, maxActive, log } = settings;
  const format = formatGraphqlError(log);
  const formatted = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
    errors.map((error) => format(error.toJSON(), error));
  return {
    schema: settings.schema,
    onConnect: async ({ connectionParams = {}, extra: connection }) => {
      try {
        connection.caller = await access.enter({
          headers: connection.headers,
          parameters: connectionParams,
          access: null,
        });
        return true;
      } catch (error) {
        return refuse(connection, error);
      }
    },
    onSubscribe: ({ subscriptions, extra: connection }, id, operation) => {
      const active = Object.keys(subscriptions).length;
      const { caller } = connection;
      if (caller === null) throw new Error('invariant: a subscription came before its connection was accepted');
      const prepared =
        active > maxActive
          ? [tooMany(maxActive)]
          : prepareSubscription(settings, operation, createContext(caller.caller));
      if (!Array.isArray(prepared)) connection.begin(id);
      return prepared;
    },
    onNext: async ({ extra: connection }, _id, _operation, _args, result) => {
      try {
        await connection.caller?.check();
      } catch (error) {
        refuse(connection, error);
        return { data: null };
      }
      const { errors, ...rest } = result;
      return errors === undefined ? rest : { ...rest, errors: formatted(errors) };
    },
    onError: (_context, _id, _operation, errors) => formatted(errors),
    onComplete: ({ extra: connection }, id) => {
      connection.finish(id);
    },
  };
}

/** Ends the connection with the code that tells the client why; gives false, which the protocol takes as "no". */
function refuse(connection: SubscriptionConnection, error: unknown): false {
  const status = isAppError(error) ? STATUS_BY_CODE[error.code] : 500;
  const code = status === 401 ? CLOSE.unauthorized : status === 403 ? CLOSE.forbidden : CLOSE.internal;
  connection.close(code, isAppError(error) ? error.message.slice(0, 100) : 'internal error');
  return false;
}

/** What is to be executed, or why it is not. */
export function prepareSubscription(
  { schema, allowed }: Pick<SubscriptionSettings, 'schema' | 'allowed'>,
  { query, operationName, variables }: Operation,
  contextValue: GraphqlContext,
): ExecutionArgs | readonly GraphQLError[] {
  const refusal = allowed?.refusalOf(query) ?? null;
  if (refusal !== null) return [refusal];
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS });
    const errors = validate(schema, document, [...specifiedRules, queryLimits]);
    if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    const asked = getOperationAST(document, operationName);
    if (asked?.operation !== OperationTypeNode.SUBSCRIPTION) return [notHere()];
    demandCost(queryCost(schema, document, asked, variables ?? {}).cost, asked);
    return { schema, document, operationName, variableValues: variables, contextValue };
  } catch (error) {
    if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    throw error;
  }
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { nodes, source, positions, extensions } = error;
  return new GraphQLError(error.message, { nodes, source, positions, extensions: { code, ...extensions } });
}

function tooMany(maxActive: number): GraphQLError {
  const message = `a connection has at most ${String(maxActive)} active subscriptions, end one or open another`;
  return new GraphQLError(message, { extensions: { code: 'SUBSCRIPTION_LIMIT_EXCEEDED' } });
}

function notHere(): GraphQLError {
  return new GraphQLError('only subscriptions are served here, send queries and mutations by POST to `/graphql`', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });
}
