import {
  getNamedType,
  GraphQLError,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

export const MAX_COST = 5_000;
/** A request that has it is told what it cost. */
export const COST_HEADER = 'graphql-cost';
/** Items of a page whose size is left out. */
const DEFAULT_PAGE = 25;
/** Arguments that say how many. */
const SIZES = new Set(['first', 'last']);
/** Lists of ids or questions, each of which is answered. */
const LISTS = new Set(['ids', 'items']);

type Variables = Readonly<Record<string, unknown>>;

interface Walk {
  readonly schema: GraphQLSchema;
  readonly variables: Variables;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Fragments that are counted already: those that use each other twice must not take exponential time. */
  readonly known: Map<string, number>;
  /** Whether a size was looked up in the variables. */
  isVaried: boolean;
}

/** A cost, and whether it is the same whatever the variables are. */
export interface OperationCost {
  readonly cost: number;
  readonly isFixed: boolean;
}

/**
 * What an operation may cost at most, told before it runs: each object that it can give counts 1, and what is asked of
 * the items of a page counts once for each item that fits on it. The document must be valid.
 */
export function queryCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): OperationCost {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
  const walk: Walk = { schema, variables, fragments, known: new Map(), isVaried: false };
  const cost = costOfSet(walk, operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  return { cost, isFixed: !walk.isVaried };
}

/** A cost as answers and errors tell it. */
export function toldCost(requested: number): {
  readonly requested: number;
  readonly limit: number;
  readonly remaining: number;
} {
  return { requested, limit: MAX_COST, remaining: Math.max(0, MAX_COST - requested) };
}

/** @throws GraphQLError with code `COST_LIMIT_EXCEEDED` */
export function demandCost(cost: number, node: OperationDefinitionNode): void {
  if (cost <= MAX_COST) return;
  const detail = `the operation may cost ${String(cost)}, at most ${String(MAX_COST)} is allowed: ask for smaller pages, or for fewer lists inside of lists`;
  throw new GraphQLError(detail, {
    nodes: node,
    extensions: { code: 'COST_LIMIT_EXCEEDED', cost: toldCost(cost), http: { status: 400 } },
  });
}

function costOfSet(walk: Walk, set: SelectionSetNode, type: GraphQLNamedType | undefined): number {
  let cost = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) cost += costOfField(walk, selection, type);
    else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += costOfFragment(walk, selection.name.value);
    else {
      const condition = selection.typeCondition?.name.value;
      cost += costOfSet(walk, selection.selectionSet, condition === undefined ? type : walk.schema.getType(condition));
    }
  }
  return cost;
}

function costOfField(walk: Walk, node: FieldNode, type: GraphQLNamedType | undefined): number {
  const isFielded = isObjectType(type) || isInterfaceType(type);
  const field = isFielded ? type.getFields()[node.name.value] : undefined;
  // Introspection is bounded by the schema.
  if (field === undefined || node.selectionSet === undefined) return 0;
  const named = getNamedType(field.type);
  if (!isCompositeType(named)) return 0;
  return 1 + pageSize(walk, node, field) * costOfSet(walk, node.selectionSet, named);
}

function costOfFragment(walk: Walk, name: string): number {
  const known = walk.known.get(name);
  const fragment = walk.fragments.get(name);
  if (known !== undefined || fragment === undefined) return known ?? 0;
  const cost = costOfSet(walk, fragment.selectionSet, walk.schema.getType(fragment.typeCondition.name.value));
  walk.known.set(name, cost);
  return cost;
}

/** How many items the field gives at most, as far as its arguments say. */
function pageSize(walk: Walk, node: FieldNode, field: GraphQLField<unknown, unknown>): number {
  let size = field.args.some(({ name }) => name === 'first') ? DEFAULT_PAGE : 1;
  for (const { name, value: given } of node.arguments ?? []) {
    const isList = LISTS.has(name.value);
    if (!isList && !SIZES.has(name.value)) continue;
    const value = valueOf(given, walk);
    if (isList) size = Array.isArray(value) ? value.length : size;
    else if (typeof value === 'number') size = Math.max(0, value);
  }
  return size;
}

/** A value as far as its size matters. */
function valueOf(node: ValueNode, walk: Walk): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      walk.isVaried = true;
      return walk.variables[node.name.value];
    case Kind.INT:
      return Number(node.value);
    case Kind.LIST:
      return node.values;
    default:
      return undefined;
  }
}
