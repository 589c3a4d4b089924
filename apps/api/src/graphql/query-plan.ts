import {
  getArgumentValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  locatedError,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { actionOf } from '../access/guard-fields.js';
import type { GraphqlContext } from './graphql-context.js';
import { variablesReader } from './input-reader.js';
import { unusual } from './unusual.js';

type Values = Readonly<Record<string, unknown>>;
type Field = GraphQLField<unknown, unknown>;
/** What becomes of a value in the answer. */
type Complete = (value: unknown, context: GraphqlContext) => unknown;

interface RootField {
  readonly key: string;
  readonly field: Field;
  readonly node: FieldNode;
  readonly info: Omit<GraphQLResolveInfo, 'variableValues'>;
  readonly complete: Complete;
}

interface InnerField {
  readonly key: string;
  readonly read: Complete;
}

/** Kinds of objects told apart in one document: what may be one of many types, in others that may, would be very many. */
const MOST_OBJECTS = 500;
/** Response names that an object would not keep as a field of its own. */
const UNKEPT = '__proto__';

/**
 * A valid query as the steps that answer it: fields are found and types are told apart once, and what its root fields give
 * is read in one go, with no promise for a part of it. It says what graphql-js says, or nothing.
 */
export class QueryPlan {
  private constructor(
    private readonly read: (given: Values) => Values,
    private readonly roots: readonly RootField[],
  ) {}

  /** Null for what has directives, or asks inside of an answer for what is looked up on its own. */
  static of(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): QueryPlan | null {
    const query = schema.getQueryType();
    let isPlain = query !== undefined && query !== null;
    visit(document, { Directive: () => void (isPlain = false) });
    if (!isPlain || query === undefined || query === null) return null;
    try {
      const read = variablesReader(schema, operation.variableDefinitions ?? []);
      return new QueryPlan(read, new Planner(schema, document).roots(query, operation));
    } catch {
      return null;
    }
  }

  /** The answer; null where graphql-js has to look, which also says what is wrong in parts of one. */
  run(given: Values, context: GraphqlContext): ExecutionResult | null | Promise<ExecutionResult | null> {
    const results: unknown[] = [];
    try {
      const variableValues = this.read(given);
      for (const { field, node, info } of this.roots) {
        const asked = argumentsOf(field, node, variableValues);
        results.push(field.resolve?.(undefined, asked, context, { variableValues, ...info }));
      }
    } catch {
      results.forEach(letGo);
      return null;
    }
    if (!results.some((result) => result instanceof Promise)) return this.complete(results, context);
    return Promise.all(results).then(
      (all) => this.complete(all, context),
      (thrown: unknown) => this.failure(thrown),
    );
  }

  /** What a field waited for in vain is not tried again. Of the only one it is known that nothing else is to be told. */
  private failure(thrown: unknown): ExecutionResult | null {
    const [root, ...others] = this.roots;
    if (root === undefined || others.length > 0) return null;
    const { fieldNodes, returnType } = root.info;
    const errors = [locatedError(thrown, fieldNodes, [root.key])];
    return { errors, data: isNonNullType(returnType) ? null : { [root.key]: null } };
  }

  private complete(results: readonly unknown[], context: GraphqlContext): ExecutionResult | null {
    try {
      const data: Record<string, unknown> = {};
      for (const [at, { key, complete }] of this.roots.entries()) data[key] = complete(results[at], context);
      return { data };
    } catch {
      return null;
    }
  }
}

/** Makes the steps of one document; throws where they would not do. */
class Planner {
  private readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  private objects = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
  ) {
    this.fragments = Object.fromEntries(
      document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
    );
  }

  roots(query: GraphQLObjectType, operation: OperationDefinitionNode): readonly RootField[] {
    const { schema, fragments } = this;
    return [...this.fieldsOf(query, [operation.selectionSet])].map(([key, fieldNodes]) => {
      const [node] = fieldNodes as [FieldNode];
      const field = (query.getFields()[node.name.value] as Field | undefined) ?? unusual();
      const { name: fieldName, type: returnType } = field;
      const path = { prev: undefined, key, typename: query.name };
      const of = { fieldName, fieldNodes, returnType, parentType: query, path };
      const info = { ...of, schema, fragments, rootValue: undefined, operation };
      return { key, field, node, info, complete: this.value(returnType, fieldNodes) };
    });
  }

  private value(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    const isNeeded = isNonNullType(type);
    const complete = this.present(isNeeded ? type.ofType : type, nodes);
    return (value, context) => {
      if (value === null || value === undefined) return isNeeded ? unusual() : null;
      if (value instanceof Error || value instanceof Promise) {
        letGo(value);
        return unusual();
      }
      return complete(value, context);
    };
  }

  /** Of what is there. */
  private present(type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
    if (isLeafType(type)) return leaf(type);
    if (isListType(type)) {
      const complete = this.value(type.ofType, nodes);
      return (value, context) =>
        Array.isArray(value) ? value.map((item: unknown) => complete(item, context)) : unusual();
    }
    if (isAbstractType(type)) return this.oneOf(type, nodes);
    return isObjectType(type) ? this.object(type, nodes) : unusual();
  }

  private oneOf(type: GraphQLAbstractType, nodes: readonly FieldNode[]): Complete {
    const { resolveType } = type;
    if (resolveType === undefined || resolveType === null) return unusual();
    const members = this.schema.getPossibleTypes(type).map((each) => [each.name, this.object(each, nodes)] as const);
    const byName = new Map(members);
    return (value, context) => {
      const name = resolveType(value, context, undefined as never, type);
      const complete = typeof name === 'string' ? byName.get(name) : undefined;
      return complete === undefined ? unusual() : complete(value, context);
    };
  }

  private object(type: GraphQLObjectType, nodes: readonly FieldNode[]): Complete {
    if (++this.objects > MOST_OBJECTS || typeof type.isTypeOf === 'function') return unusual();
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const fields = [...this.fieldsOf(type, sets)].map(([key, same]): InnerField => ({
      key,
      read: this.inner(type, same),
    }));
    return (value, context) => {
      const out: Record<string, unknown> = {};
      for (const { key, read } of fields) out[key] = read(value, context);
      return out;
    };
  }

  /** A field of what a root field gave. */
  private inner(type: GraphQLObjectType, nodes: readonly FieldNode[]): Complete {
    const { name } = (nodes as [FieldNode])[0];
    if (name.value === '__typename') return () => type.name;
    const field = (type.getFields()[name.value] as Field | undefined) ?? unusual();
    const { resolve } = field;
    // Those are looked up on their own.
    if (actionOf(field) !== undefined || field.args.length > 0 || resolve === undefined) return unusual();
    const complete = this.value(field.type, nodes);
    return (value, context) => complete(resolve(value, {}, context, undefined as never), context);
  }

  /** What a selection asks of one type of object, in the order of the answer. */
  private fieldsOf(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
  ): ReadonlyMap<string, readonly FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const met = new Set<string>();
    const collect = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          if (key === UNKEPT) unusual();
          fields.set(key, [...(fields.get(key) ?? []), selection]);
          continue;
        }
        const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
        if (isSpread && met.has(selection.name.value)) continue;
        if (isSpread) met.add(selection.name.value);
        const fragment = isSpread ? (this.fragments[selection.name.value] ?? unusual()) : selection;
        if (this.isOf(type, fragment.typeCondition?.name.value)) collect(fragment.selectionSet);
      }
    };
    for (const set of sets) collect(set);
    return fields;
  }

  private isOf(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const wanted = this.schema.getType(condition);
    return isAbstractType(wanted) && this.schema.isSubType(wanted, type);
  }
}

/** Mostly each argument is a variable that has a value already. */
function argumentsOf(field: Field, node: FieldNode, variableValues: Values): Values {
  const { arguments: given = [] } = node;
  const asked: Record<string, unknown> = {};
  for (const { name, value } of given) {
    const isGiven = value.kind === Kind.VARIABLE && Object.hasOwn(variableValues, value.name.value);
    const known = isGiven ? variableValues[value.name.value] : null;
    if (known === null || known === undefined) return getArgumentValues(field, node, variableValues);
    asked[name.value] = known;
  }
  return given.length === field.args.length ? asked : getArgumentValues(field, node, variableValues);
}

/** Nobody waits any more for what comes of it. */
function letGo(value: unknown): void {
  if (value instanceof Promise) value.catch(() => undefined);
}

function leaf(type: GraphQLLeafType): Complete {
  return (value) => type.serialize(value) ?? unusual();
}
