import { describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  execute,
  GraphQLError,
  isObjectType,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { ANONYMOUS } from '#access';
import type { GraphqlContext } from './graphql-context.js';
import { QueryPlan } from './query-plan.js';

const SDL = `
  enum Colour { RED GREEN }
  scalar Odd
  interface Named { name: String! }
  type Cat implements Named { name: String!, lives: Int, odd: Odd, friends: [Pet!], colours: [[Colour]!]! }
  type Dog implements Named { name: String!, barks: Boolean!, owner: Named, looked(first: Int): String, guarded: String }
  union Pet = Cat | Dog
  input Size { least: Int! = 2, most: Float, tags: [String!], inner: Size, id: ID, colour: Colour }
  type Query {
    pet(what: String, size: Size): Pet
    pets(what: String = "all"): [Named]
    soon(what: String): Pet
    needed(what: String): Cat!
    said(size: Size!): String
    list(of: [Int!]!): String
  }
`;

const TOM = { __typename: 'Cat', name: 'Tom', lives: 9, odd: 3, friends: null, colours: [['red'], [null]] };
const REX = { __typename: 'Dog', name: 'Rex', barks: true, owner: { ...TOM, friends: [TOM] }, guarded: 'yes' };
const PETS: Readonly<Record<string, unknown>> = {
  tom: TOM,
  rex: REX,
  nobody: null,
  nameless: { ...TOM, name: null },
  half: { ...TOM, lives: 1.5 },
  fish: { __typename: 'Fish', name: 'Wanda' },
  typeless: { name: 'Rex' },
  failed: { ...TOM, name: new GraphQLError('lost') },
  waits: { ...TOM, name: Promise.resolve('Tom') },
  gone: { ...TOM, name: Promise.reject(new Error('gone')) },
  hole: { ...TOM, friends: [TOM, null] },
  friends: { ...TOM, friends: [REX, TOM, { ...REX, owner: null }] },
  odd: { ...TOM, odd: 4 },
  blue: { ...TOM, colours: [['blue']] },
  flat: { ...TOM, colours: 'red' },
  quoted: { ...TOM, name: 'a "cat" → \\ \n\ud800' },
};

function schemaOf(): GraphQLSchema {
  const schema = buildSchema(SDL);
  const find = (what: unknown): unknown => {
    if (what === 'throws') throw new Error('thrown');
    if (what === 'all') return [TOM, null, REX];
    return PETS[String(what)];
  };
  const roots: Record<string, (args: Readonly<Record<string, unknown>>) => unknown> = {
    pet: ({ what, size }) => find(what ?? (size === undefined ? 'tom' : 'rex')),
    pets: ({ what }) => find(what),
    soon: ({ what }) => (what === 'rejects' ? Promise.reject(new Error('rejected')) : Promise.resolve(find(what))),
    needed: ({ what }) => (what === 'rejects' ? Promise.reject(new Error('rejected')) : find(what)),
    said: (args) => JSON.stringify(args),
    list: (args) => JSON.stringify(args),
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name === 'Pet' || type.name === 'Named') {
      Object.assign(type, { resolveType: (value: { readonly __typename: string }) => value.__typename });
    }
    if (type.name === 'Colour') Object.assign(type, { serialize: colour });
    if (type.name === 'Odd')
      Object.assign(type, { serialize: (value: number) => (value % 2 === 1 ? value : undefined) });
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const root = type.name === 'Query' ? roots[field.name] : undefined;
      field.resolve = (source, args: Readonly<Record<string, unknown>>) =>
        root === undefined ? (source as Readonly<Record<string, unknown>>)[field.name] : root(args);
    }
  }
  const dog = schema.getType('Dog');
  if (isObjectType(dog))
    Object.assign(dog.getFields()['guarded'] as object, { extensions: { action: 'question.ask' } });
  return schema;
}

function colour(value: unknown): string {
  if (value === 'red') return 'RED';
  throw new GraphQLError('no colour');
}

const schema = schemaOf();
const context = { caller: ANONYMOUS } as unknown as GraphqlContext;

async function planned(text: string, variables: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const plan = QueryPlan.of(schema, document, operationOf(document));
  if (plan === null) return 'no plan';
  const told = await plan.run(variables, context);
  const whole = await execute({ schema, document, variableValues: variables, contextValue: context });
  if (told !== null && !('text' in told)) {
    expect(JSON.stringify(told)).toBe(JSON.stringify(whole));
    return 'failure';
  }
  // What is said is what graphql-js says, and nothing is said where it has other errors to tell.
  expect(told?.text ?? null).toBe(whole.errors === undefined ? JSON.stringify(whole.data) : null);
  return told === null ? 'errors' : 'planned';
}

function operationOf({ definitions }: DocumentNode): OperationDefinitionNode {
  return definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode;
}

const CAT = '__typename name lives odd friends { ... on Named { name } ... on Cat { lives } } colours';
const PET = `... on Cat { ${CAT} } ... on Dog { name barks owner { name __typename ... on Cat { friends { ...F } } } }`;
const FRAGMENT = 'fragment F on Named { called: name }';
const ALL = `query ($what: String) { pet(what: $what) { ...F ${PET} } } ${FRAGMENT}`;

describe('QueryPlan', () => {
  it.each([
    ['tom', 'planned'],
    ['rex', 'planned'],
    ['nobody', 'planned'],
    ['friends', 'planned'],
    ['nameless', 'errors'],
    ['half', 'errors'],
    ['fish', 'errors'],
    ['typeless', 'errors'],
    ['failed', 'errors'],
    ['gone', 'errors'],
    ['hole', 'errors'],
    ['odd', 'errors'],
    ['blue', 'errors'],
    ['flat', 'errors'],
    ['throws', 'errors'],
  ])('tells of `%s` what graphql-js tells, or nothing: %s', async (what, expected) => {
    expect(await planned(ALL, { what })).toBe(expected);
    if (what === 'throws') return;
    const soon = `query ($what: String) { soon(what: $what) { ...F ${PET} } } ${FRAGMENT}`;
    expect(await planned(soon, { what })).toBe(expected);
  });

  it.each([
    ['{ pets { name __typename ... on Dog { barks } } }', 'planned'],
    ['{ __typename again: __typename }', 'no plan'],
    [
      '{ a: pet(what: "tom") { ... on Named { name } } b: pet(what: "rex") { ... { ... on Dog { barks } } } }',
      'planned',
    ],
    [
      '{ pet { ... on Cat { friends { __typename } name } ... on Cat { name friends { ... on Cat { lives } } } } }',
      'planned',
    ],
    ['{ pet { ...A ...A ...B } } fragment A on Cat { name ...B } fragment B on Cat { lives }', 'planned'],
    ['{ needed(what: "tom") { name } }', 'planned'],
    [
      '{ needed(what: "quoted") { name } __proto__: pet { ... on Cat { __proto__: name } ... on Dog { name } } }',
      'planned',
    ],
    ['{ pet { ... on Dog { name } } }', 'planned'],
    ['{ again: soon(what: "rejects") { __typename } }', 'failure'],
    ['{ needed(what: "rejects") { name } }', 'failure'],
    ['{ soon(what: "rejects") { __typename } pet { __typename } }', 'errors'],
    ['{ soon(what: "rejects") { ... on Cat { name } } pet { ... on Cat { name } } }', 'errors'],
    ['{ soon(what: "rejects") { ... on Cat { name } } pet(what: "throws") { ... on Cat { name } } }', 'errors'],
  ])('%s: %s', async (text, expected) => {
    expect(await planned(text)).toBe(expected);
  });

  it.each([
    '{ pet @skip(if: false) { ... on Cat { name } } }',
    'query ($yes: Boolean!) { pet { ... on Cat { name @include(if: $yes) } } }',
    '{ pet { ... on Dog { looked } } }',
    '{ pet { ... on Dog { guarded } } }',
    '{ __schema { queryType { name } } }',
  ])('has none for %s', async (text) => {
    expect(await planned(text, { yes: true })).toBe('no plan');
  });

  const SAID = 'query ($size: Size!) { said(size: $size) }';
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    [SAID, { size: {} }, 'planned'],
    [SAID, { size: { most: 2.5, tags: 'one', id: 7, colour: 'RED' } }, 'planned'],
    [SAID, { size: { tags: ['a', 'b'], inner: { least: 1, inner: { most: null } } } }, 'planned'],
    [SAID, { size: { tags: null, inner: null } }, 'planned'],
    [SAID, { size: null }, 'errors'],
    [SAID, {}, 'errors'],
    [SAID, { size: { least: null } }, 'errors'],
    [SAID, { size: { least: '3' } }, 'errors'],
    [SAID, { size: { tags: ['a', null] } }, 'errors'],
    [SAID, { size: { inner: { nope: 1 } } }, 'errors'],
    [SAID, { size: { colour: 'BLUE' } }, 'errors'],
    [SAID, { size: [] }, 'errors'],
    ['query ($of: [Int!]!) { list(of: $of) }', { of: [1, 2] }, 'planned'],
    ['query ($of: [Int!]!) { list(of: $of) }', { of: 1 }, 'planned'],
    ['query ($of: [Int!]! = [3]) { list(of: $of) }', {}, 'planned'],
    ['query ($of: [Int!] = [3]) { list(of: $of) }', { of: null }, 'errors'],
    ['query ($one: Int!) { list(of: [$one, 2]) }', { one: 1 }, 'planned'],
    ['query ($what: String) { pets(what: $what) { name } }', {}, 'planned'],
    ['query ($what: String) { pets(what: $what) { name } }', { what: null }, 'planned'],
    ['query ($constructor: String) { pets(what: $constructor) { name } }', {}, 'planned'],
    [
      `query ($what: String = "all", $size: Size) { pets(what: $what) { name } pet(size: $size) { ...F } } ${FRAGMENT}`,
      {},
      'planned',
    ],
  ])('reads the variables of %s: %j, %s', async (text, variables, expected) => {
    expect(await planned(text, variables)).toBe(expected);
  });

  it('leaves to graphql-js a part that comes later', async () => {
    const document = parse(`{ pet(what: "waits") { ...F } } ${FRAGMENT}`);
    const plan = QueryPlan.of(schema, document, operationOf(document));
    expect(await plan?.run({}, context)).toBeNull();
  });
});
