import { describe, expect, it } from '@jest/globals';
import { buildSchema, Kind, parse, type OperationDefinitionNode } from 'graphql';
import { queryCost, type OperationCost } from './query-cost.js';

const schema = buildSchema(`
  type Item { name: String, owner: Item }
  type Items { items: [Item!]! }
  input Question { from: String }
  type Query {
    page(first: Int, after: String): Items
    asked(input: Question): Item
    listed(input: Question, first: Int): Items
    nodes(ids: [String!]!): [Item]
  }
`);

function costOf(text: string, variables: Readonly<Record<string, unknown>> = {}): OperationCost {
  const document = parse(text);
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return queryCost(schema, document, operation as OperationDefinitionNode, variables);
}

describe('queryCost', () => {
  it.each<[string, Readonly<Record<string, unknown>>, OperationCost]>([
    ['{ page { items { name } } }', {}, { cost: 26, isFixed: true }],
    ['{ page(first: 3) { items { owner { name } } } }', {}, { cost: 7, isFixed: true }],
    ['query ($n: Int) { page(first: $n) { items { name } } }', { n: 4 }, { cost: 5, isFixed: false }],
    ['query ($n: Int) { page(first: $n) { items { name } } }', {}, { cost: 26, isFixed: false }],
    ['query ($a: String) { page(after: $a) { items { name } } }', { a: 'x' }, { cost: 26, isFixed: true }],
    ['query ($q: Question) { asked(input: $q) { owner { name } } }', { q: { from: 'x' } }, { cost: 2, isFixed: true }],
    [
      'query ($n: Int) { listed(input: { from: "x" }, first: $n) { items { name } } }',
      { n: 9 },
      { cost: 10, isFixed: false },
    ],
    ['{ listed(input: { from: "x" }) { items { name } } }', {}, { cost: 26, isFixed: true }],
    [
      'query ($ids: [String!]!) { nodes(ids: $ids) { owner { name } } }',
      { ids: ['a', 'b', 'c'] },
      { cost: 4, isFixed: false },
    ],
    ['query ($id: String!) { nodes(ids: [$id, "b"]) { owner { name } } }', { id: 'a' }, { cost: 3, isFixed: true }],
  ])('of %s with %j', (text, variables, expected) => {
    expect(costOf(text, variables)).toEqual(expected);
  });
});
