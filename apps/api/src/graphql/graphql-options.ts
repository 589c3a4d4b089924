import type { ApolloDriverConfig } from '@nestjs/apollo';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import type { Log } from '#telemetry';
import { guardFields } from '../access/guard-fields.js';
import { formatGraphqlError } from './format-error.js';
import { OBJECT_TYPES } from './graphql-schema.js';
import type { GraphqlContext } from './graphql-context.js';
import { MAX_TOKENS, queryLimits } from './query-limits.rule.js';

export const GRAPHQL_PATH = '/graphql';

/** Resolvers of fields of the query type. */
export type DirectFields = Readonly<Record<string, GraphQLFieldResolver<unknown, GraphqlContext>>>;

/**
 * How GraphQL is served. `direct` are fields that Nest's pipeline, which has nothing to do there, would only slow down.
 * The explorer is a page of our own, so that it needs nothing from elsewhere.
 */
export function graphqlOptions(log: Log, direct: DirectFields): Omit<ApolloDriverConfig, 'driver'> {
  return {
    path: GRAPHQL_PATH,
    autoSchemaFile: true,
    sortSchema: true,
    buildSchemaOptions: { orphanedTypes: [...OBJECT_TYPES] },
    inheritResolversFromInterfaces: true,
    transformSchema: (schema) => guardFields(withDirect(schema, direct)),
    graphiql: false,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    stopOnApplicationShutdown: true,
    validationRules: [queryLimits],
    parseOptions: { maxTokens: MAX_TOKENS },
    // `KnownDocuments` has them; Apollo's store measures them by their text and holds far more than it counts.
    documentStore: null,
    formatError: formatGraphqlError(log),
    autoTransformHttpErrors: false,
  };
}

function withDirect(schema: GraphQLSchema, direct: DirectFields): GraphQLSchema {
  const fields = schema.getQueryType()?.getFields() ?? {};
  for (const [name, resolve] of Object.entries(direct)) {
    const field = fields[name];
    if (field === undefined) throw new Error(`invariant: there is no field \`${name}\` to resolve`);
    field.resolve = resolve;
  }
  return schema;
}
