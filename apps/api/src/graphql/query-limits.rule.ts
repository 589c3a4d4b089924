import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

export const MAX_DEPTH = 12;
export const MAX_ALIASES = 30;
export const MAX_ROOT_FIELDS = 20;
export const MAX_TOKENS = 2_000;

interface Size {
  depth: number;
  aliases: number;
  fields: number;
}

/**
 * Refuses operations that are too deep or too wide before anything runs. Introspection is left alone: it is deep by
 * nature, and bounded by the schema.
 */
export function queryLimits(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      const size = measure(node, context.getDocument());
      check(context, node, 'DEPTH_LIMIT_EXCEEDED', 'is nested', size.depth, MAX_DEPTH);
      check(context, node, 'ALIAS_LIMIT_EXCEEDED', 'has aliases:', size.aliases, MAX_ALIASES);
      check(context, node, 'ROOT_FIELD_LIMIT_EXCEEDED', 'has root fields:', size.fields, MAX_ROOT_FIELDS);
    },
  };
}

function check(
  context: ValidationContext,
  node: OperationDefinitionNode,
  code: string,
  what: string,
  size: number,
  limit: number,
): void {
  if (size <= limit) return;
  const message = `the operation ${what} ${String(size)}, at most ${String(limit)} is allowed`;
  context.reportError(new GraphQLError(message, { nodes: node, extensions: { code, limit: code } }));
}

function measure(operation: OperationDefinitionNode, document: DocumentNode): Size {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return measureSet(operation.selectionSet, fragments, new Map(), new Set());
}

/**
 * `known` keeps each fragment's size, so that fragments that use each other twice do not take exponential time;
 * `open` are those being measured, so that a cycle, which another rule reports, ends.
 */
function measureSet(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Size>,
  open: Set<string>,
): Size {
  const total: Size = { depth: 0, aliases: 0, fields: 0 };
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value.startsWith('__')) continue;
      const inner =
        selection.selectionSet === undefined ? null : measureSet(selection.selectionSet, fragments, known, open);
      total.depth = Math.max(total.depth, 1 + (inner?.depth ?? 0));
      total.aliases += (selection.alias === undefined ? 0 : 1) + (inner?.aliases ?? 0);
      total.fields += 1;
    } else {
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? measureSet(selection.selectionSet, fragments, known, open)
          : measureFragment(selection.name.value, fragments, known, open);
      total.depth = Math.max(total.depth, inner.depth);
      total.aliases += inner.aliases;
      total.fields += inner.fields;
    }
  }
  return total;
}

function measureFragment(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Size>,
  open: Set<string>,
): Size {
  const fragment = fragments.get(name);
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  if (fragment === undefined || open.has(name)) return { depth: 0, aliases: 0, fields: 0 };
  open.add(name);
  const size = measureSet(fragment.selectionSet, fragments, known, open);
  open.delete(name);
  known.set(name, size);
  return size;
}
