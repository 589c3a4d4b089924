import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** A scalar that takes a whole number or text, so that `port: 8080` and `port: "http"` both read well. */
function numberOrText(name: string, description: string): GraphQLScalarType<number | string> {
  const read = (value: unknown): number | string => {
    if (typeof value === 'string' || Number.isInteger(value)) return value as number | string;
    throw new GraphQLError(`${name} must be a whole number or text, not \`${String(value)}\``);
  };
  return new GraphQLScalarType({
    name,
    description,
    parseValue: read,
    serialize: read,
    parseLiteral: (node: ValueNode) => {
      if (node.kind === Kind.INT) return Number(node.value);
      if (node.kind === Kind.STRING) return node.value;
      throw new GraphQLError(`${name} must be a whole number or text`, { nodes: node });
    },
  });
}

export const PortScalar = numberOrText('Port', 'A port by number or by name.');
export const PortRangeScalar = numberOrText('PortNumbers', 'A port by number, or a range as `8000-8999`.');
export const EventIdScalar = numberOrText(
  'EventId',
  'The id of an event, as it is told: a number that may be a large one.',
);
export const SnapshotPointScalar = numberOrText(
  'SnapshotPoint',
  'A snapshot number, or an RFC 3339 time: the snapshot that held then.',
);
