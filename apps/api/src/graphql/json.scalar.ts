import { GraphQLError, GraphQLScalarType } from 'graphql';

/** The one place where a value has no type of its own: objects as the cluster has them. */
export const JsonScalar = new GraphQLScalarType<unknown>({
  name: 'Json',
  description: 'A JSON value as it is in the cluster. Output only.',
  serialize: (value) => value,
  parseValue: () => {
    throw new GraphQLError('Json is output only');
  },
  parseLiteral: () => {
    throw new GraphQLError('Json is output only');
  },
});
