import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import type { Choices } from './sample.js';

type Field = GraphQLField<unknown, unknown>;

/** One root field that can be asked for. */
export interface RootField {
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly field: Field;
}

export function rootFields(schema: GraphQLSchema): readonly RootField[] {
  const of = (operation: RootField['operation'], fields: Readonly<Record<string, Field>> | undefined): RootField[] =>
    Object.values(fields ?? {}).map((field) => ({ operation, field }));
  return [
    ...of('query', schema.getQueryType()?.getFields()),
    ...of('mutation', schema.getMutationType()?.getFields()),
    ...of('subscription', schema.getSubscriptionType()?.getFields()),
  ];
}

/** An operation that asks for a root field and everything below it, made from the schema alone. */
export function graphqlDocument(schema: GraphQLSchema, root: RootField, choices: Choices, depth = 4): string {
  return `${root.operation} { ${fieldText(schema, root.field, choices, depth) ?? '__typename'} }`;
}

function fieldText(schema: GraphQLSchema, field: Field, choices: Choices, depth: number): string | null {
  const below = selection(schema, field.type, choices, depth);
  if (below === null) return null;
  const args = field.args
    .filter((arg) => isNonNullType(arg.type) || choices.sends(arg.name))
    .map((arg) => `${arg.name}: ${inputText(arg.type, arg.name, choices)}`);
  return `${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}${below}`;
}

/** '' for leaves; null where the depth is used up. */
function selection(schema: GraphQLSchema, of: GraphQLOutputType, choices: Choices, depth: number): string | null {
  const type = getNamedType(of);
  if (isLeafType(type)) return '';
  if (depth === 0) return null;
  if (isObjectType(type)) return `{ __typename ${fieldsOf(schema, type.getFields(), choices, depth)} }`;
  if (isUnionType(type) || isInterfaceType(type)) {
    const members = schema.getPossibleTypes(type).map((member) => {
      const fields = fieldsOf(schema, member.getFields(), choices, depth);
      return `... on ${member.name} { __typename ${fields} }`;
    });
    return `{ ${members.join(' ')} }`;
  }
  return '';
}

function fieldsOf(
  schema: GraphQLSchema,
  fields: Readonly<Record<string, Field>>,
  choices: Choices,
  depth: number,
): string {
  return Object.values(fields)
    .flatMap((field) => {
      const text = fieldText(schema, field, choices, depth - 1);
      return text === null ? [] : [text];
    })
    .join(' ');
}

function inputText(type: GraphQLInputType, name: string, choices: Choices): string {
  if (isNonNullType(type)) return inputText(type.ofType, name, choices);
  if (isListType(type)) return `[${inputText(type.ofType, name, choices)}]`;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields())
      .filter((field) => isNonNullType(field.type) || choices.sends(field.name))
      .map((field) => `${field.name}: ${inputText(field.type, field.name, choices)}`);
    return `{ ${fields.join(', ')} }`;
  }
  if (isEnumType(type)) return choices.pick(type.getValues())?.name ?? 'NONE';
  const plain: unknown = choices.value(name) ?? PLAIN[type.name] ?? 'a';
  return literal(choices.bend(plain));
}

const PLAIN: Readonly<Record<string, unknown>> = { Int: 1, Float: 1, Boolean: true, ID: 'a', String: 'a' };

/** A JSON value as GraphQL writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, entry]) => `${key.replace(/\W/g, '_') || '_'}: ${literal(entry)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}
