import { describe, expect, it } from '@jest/globals';
import { Kind, parse, type FieldNode, type FragmentDefinitionNode } from 'graphql';
import { selectsAny } from './selects-any.js';

/** Whether the only field of an operation asks for `steps` or `flows`. */
function selects(text: string): boolean {
  const fieldNodes: FieldNode[] = [];
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of parse(text).definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const selection of definition.selectionSet.selections) {
      if (selection.kind === Kind.FIELD) fieldNodes.push(selection);
    }
  }
  return selectsAny({ fieldNodes, fragments }, ['steps', 'flows']);
}

describe('selectsAny', () => {
  it.each([
    ['{ a { verdict } }', false],
    ['{ a { verdict source { label } } }', false],
    ['{ a { verdict source { steps } } }', true],
    ['{ a { ...F } } fragment F on B { c { ... on D { flows } } }', true],
    ['{ a { flows: verdict } }', false],
    ['{ a { way: steps { why } } }', true],
    ['{ a { ... on B { verdict } ... on C { flows { count } } } }', true],
    ['{ a { ...F } } fragment F on B { ... { ...G } } fragment G on B { steps { why } }', true],
    ['{ a { ...F } } fragment F on B { verdict }', false],
    ['{ a { verdict } a { steps { why } } }', true],
  ])('%s: %s', (text, expected) => {
    expect(selects(text)).toBe(expected);
  });
});
