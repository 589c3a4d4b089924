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
import { listText, quoted } from '../rest/json-text.js';
import type { GraphqlContext } from './graphql-context.js';
import { variablesReader } from './input-reader.js';
import { unusual } from './unusual.js';

type Values = Readonly<Record<string, unknown>>;
type Field = GraphQLField<unknown, unknown>;
/** What is written of a value in the answer, as JSON. */
type Write = (value: unknown, context: GraphqlContext) => string;
/** What a query is answered: its data as JSON, or an error that graphql-js would tell. */
export type PlannedResult = { readonly text: string } | ExecutionResult;

interface RootField {
  readonly key: string;
  readonly field: Field;
  readonly nodes: readonly [FieldNode, ...FieldNode[]];
  readonly infoOf: (variableValues: Values) => GraphQLResolveInfo;
  readonly write: Write;
}

interface InnerField {
  /** Its name as JSON, with the colon. */
  readonly name: string;
  readonly write: Write;
}

/** Kinds of objects told apart in one document: what may be one of many types, in others that may, would be very many. */
const MOST_OBJECTS = 500;

/**
 * A valid query as the steps that answer it: fields are found and types are told apart once, and what its root fields give
 * is written in one go, with no promise for a part of it and no copy. It says what graphql-js says, or nothing.
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
  run(given: Values, context: GraphqlContext): PlannedResult | null | Promise<PlannedResult | null> {
    const results: unknown[] = [];
    try {
      const variableValues = this.read(given);
      for (const { field, nodes, infoOf } of this.roots) {
        const asked = argumentsOf(field, nodes[0], variableValues);
        results.push(field.resolve?.(undefined, asked, context, infoOf(variableValues)));
      }
    } catch {
      results.forEach(letGo);
      return null;
    }
    if (!results.some((result) => result instanceof Promise)) return this.write(results, context);
    return Promise.all(results).then(
      (all) => this.write(all, context),
      (thrown: unknown) => this.failure(thrown),
    );
  }

  /** What a field waited for in vain is not tried again. Of the only one it is known that nothing else is to be told. */
  private failure(thrown: unknown): ExecutionResult | null {
    const [root, ...others] = this.roots;
    if (root === undefined || others.length > 0) return null;
    const { key, field, nodes } = root;
    return { errors: [locatedError(thrown, nodes, [key])], data: isNonNullType(field.type) ? null : { [key]: null } };
  }

  private write(results: readonly unknown[], context: GraphqlContext): PlannedResult | null {
    try {
      let text = '';
      for (const [at, { key, write }] of this.roots.entries()) {
        text += `${at === 0 ? '{' : ','}${nameText(key)}${write(results[at], context)}`;
      }
      return { text: `${text}}` };
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
      const nodes = fieldNodes as RootField['nodes'];
      const field = (query.getFields()[nodes[0].name.value] as Field | undefined) ?? unusual();
      const { name: fieldName, type: returnType } = field;
      const path = { prev: undefined, key, typename: query.name };
      const infoOf: RootField['infoOf'] = (variableValues) => ({
        fieldName,
        fieldNodes,
        returnType,
        parentType: query,
        path,
        schema,
        fragments,
        rootValue: undefined,
        operation,
        variableValues,
      });
      return { key, field, nodes, infoOf, write: this.value(returnType, fieldNodes) };
    });
  }

  private value(type: GraphQLOutputType, nodes: readonly FieldNode[]): Write {
    const isNeeded = isNonNullType(type);
    const write = this.present(isNeeded ? type.ofType : type, nodes);
    return (value, context) => {
      if (value === null || value === undefined) return isNeeded ? unusual() : 'null';
      if (value instanceof Error || value instanceof Promise) {
        letGo(value);
        return unusual();
      }
      return write(value, context);
    };
  }

  /** Of what is there. */
  private present(type: GraphQLOutputType, nodes: readonly FieldNode[]): Write {
    if (isLeafType(type)) return leaf(type);
    if (isListType(type)) {
      const write = this.value(type.ofType, nodes);
      return (value, context) => (Array.isArray(value) ? listText(value, (item) => write(item, context)) : unusual());
    }
    if (isAbstractType(type)) return this.oneOf(type, nodes);
    return isObjectType(type) ? this.object(type, nodes) : unusual();
  }

  private oneOf(type: GraphQLAbstractType, nodes: readonly FieldNode[]): Write {
    const { resolveType } = type;
    if (resolveType === undefined || resolveType === null) return unusual();
    const members = this.schema.getPossibleTypes(type).map((each) => [each.name, this.object(each, nodes)] as const);
    const byName = new Map(members);
    return (value, context) => {
      const name = resolveType(value, context, undefined as never, type);
      const write = typeof name === 'string' ? byName.get(name) : undefined;
      return write === undefined ? unusual() : write(value, context);
    };
  }

  private object(type: GraphQLObjectType, nodes: readonly FieldNode[]): Write {
    if (++this.objects > MOST_OBJECTS || typeof type.isTypeOf === 'function') return unusual();
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const fields = [...this.fieldsOf(type, sets)].map(([key, same], at): InnerField => ({
      name: `${at === 0 ? '{' : ','}${nameText(key)}`,
      write: this.inner(type, same),
    }));
    if (fields.length === 0) return () => '{}';
    return (value, context) => {
      let text = '';
      for (const { name, write } of fields) text += name + write(value, context);
      return `${text}}`;
    };
  }

  /** A field of what a root field gave. */
  private inner(type: GraphQLObjectType, nodes: readonly FieldNode[]): Write {
    const { name } = (nodes as [FieldNode])[0];
    if (name.value === '__typename') return () => `"${type.name}"`;
    const field = (type.getFields()[name.value] as Field | undefined) ?? unusual();
    const { resolve } = field;
    // Those are looked up on their own.
    if (actionOf(field) !== undefined || field.args.length > 0 || resolve === undefined) return unusual();
    const write = this.value(field.type, nodes);
    return (value, context) => write(resolve(value, {}, context, undefined as never), context);
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

function leaf(type: GraphQLLeafType): Write {
  return (value) => {
    const told = type.serialize(value) ?? unusual();
    return typeof told === 'string' ? quoted(told) : JSON.stringify(told);
  };
}

function nameText(key: string): string {
  return `"${key}":`;
}
