import {
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  valueFromAST,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';
import { unusual } from './unusual.js';

/** A value as its type takes it; `unusual` where it does not. */
type Read = (value: unknown) => unknown;
type Values = Readonly<Record<string, unknown>>;

/** The variables of an operation as `getVariableValues` gives them, in a fraction of its time; `unusual` where it complains. */
export function variablesReader(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): (given: Values) => Values {
  const readers = new Map<GraphQLInputType, Read>();
  const variables = definitions.map((definition) => {
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) return unusual();
    const { defaultValue } = definition;
    const ofNothing = defaultValue === undefined ? undefined : valueFromAST(defaultValue, type);
    return {
      name: definition.variable.name.value,
      read: readerOf(type, readers),
      isNeeded: isNonNullType(type),
      ofNothing,
    };
  });
  return (given) => {
    const values: Record<string, unknown> = {};
    for (const { name, read, isNeeded, ofNothing } of variables) {
      if (Object.hasOwn(given, name)) values[name] = read(given[name]);
      else if (ofNothing !== undefined) values[name] = ofNothing;
      else if (isNeeded) unusual();
    }
    return values;
  };
}

function readerOf(type: GraphQLInputType, known: Map<GraphQLInputType, Read>): Read {
  const found = known.get(type);
  if (found !== undefined) return found;
  // Types of objects may lead back to themselves.
  let made: Read = () => unusual();
  known.set(type, (value) => made(value));
  made = newReader(type, known);
  known.set(type, made);
  return made;
}

function newReader(type: GraphQLInputType, known: Map<GraphQLInputType, Read>): Read {
  if (isNonNullType(type)) {
    const read = readerOf(getNullableType(type), known);
    return (value) => (value === null || value === undefined ? unusual() : read(value));
  }
  const read = isListType(type)
    ? listReader(readerOf(type.ofType, known))
    : isInputObjectType(type)
      ? objectReader(type, known)
      : (value: unknown): unknown => type.parseValue(value) ?? unusual();
  return (value) => (value === null || value === undefined ? null : read(value));
}

/** One item may stand for a list of it. */
function listReader(read: Read): Read {
  return (value) => (Array.isArray(value) ? value.map((item) => read(item)) : [read(value)]);
}

function objectReader(type: GraphQLInputObjectType, known: Map<GraphQLInputType, Read>): Read {
  if (type.isOneOf) return () => unusual();
  const fields = Object.values(type.getFields()).map(({ name, type: of, defaultValue }) => ({
    name,
    read: readerOf(of, known),
    isNeeded: isNonNullType(of),
    ofNothing: defaultValue,
  }));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return unusual();
    const given = value as Values;
    const out: Record<string, unknown> = {};
    let taken = 0;
    for (const { name, read, isNeeded, ofNothing } of fields) {
      const of = given[name];
      if (of !== undefined) {
        out[name] = read(of);
        taken++;
      } else if (ofNothing !== undefined) out[name] = ofNothing;
      else if (isNeeded) return unusual();
    }
    // Whatever is left has no field.
    return taken === Object.keys(given).length ? out : unusual();
  };
}
