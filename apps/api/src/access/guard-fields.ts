import {
  isIntrospectionType,
  isObjectType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { iterateWithAccess, runWithAccess, type Access, type Action } from '#access';
import type { GraphqlContext } from '../graphql/graphql-context.js';

type Field = GraphQLField<unknown, GraphqlContext>;

/** Every field of every object type. */
export function fieldsOf(
  schema: GraphQLSchema,
): readonly { readonly type: GraphQLObjectType; readonly field: Field }[] {
  return Object.values(schema.getTypeMap())
    .filter((type): type is GraphQLObjectType => isObjectType(type) && !isIntrospectionType(type))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })));
}

/** What a field says that it does. */
export function actionOf(field: Pick<Field, 'extensions'> | null | undefined): Action | undefined {
  return field?.extensions['action'] as Action | undefined;
}

/** Whether answers of a field follow from snapshots and the request alone. */
export function isKeptField(field: Pick<Field, 'extensions'> | null | undefined): boolean {
  return field?.extensions['isKept'] === true;
}

/**
 * Makes every field that says what it does run with the caller's access for that, and refuse a caller that has none.
 * Fields that say nothing run with no access at all, so that one that reads facts fails.
 */
export function guardFields(schema: GraphQLSchema): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  for (const { type, field } of fieldsOf(schema)) {
    const action = actionOf(field);
    if (action !== undefined) guardField(field, action);
    else if (roots.includes(type)) {
      throw new Error(`invariant: ${type.name}.${field.name} does not say what it does, give it @FieldAction`);
    }
  }
  return schema;
}

function guardField(field: Field, action: Action): void {
  if (field.subscribe !== undefined) field.subscribe = withAccess(action, field.subscribe, iterateIfIterator);
  if (field.resolve !== undefined) field.resolve = withAccess(action, field.resolve, (_, result) => result);
}

function withAccess(
  action: Action,
  resolver: GraphQLFieldResolver<unknown, GraphqlContext>,
  finish: (access: Access, result: unknown) => unknown,
): GraphQLFieldResolver<unknown, GraphqlContext> {
  return (source, args, context, info) => {
    const access = context.accessFor(action);
    return finish(
      access,
      runWithAccess(access, () => resolver(source, args, context, info)),
    );
  };
}

/** Events are fetched from outside of the context in which they were asked for. */
async function iterateIfIterator(access: Access, result: unknown): Promise<unknown> {
  const iterator = await result;
  const isIterator = typeof iterator === 'object' && iterator !== null && Symbol.asyncIterator in iterator;
  return isIterator
    ? iterateWithAccess(access, (iterator as AsyncIterable<unknown>)[Symbol.asyncIterator]())
    : iterator;
}
