import { z } from 'zod';

/** Named schemas of the REST API; each becomes an entry of `components.schemas`. */
export const bodies = z.registry<{ id: string }>();

type Deep<T> = T extends readonly (infer U)[]
  ? readonly Deep<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Deep<T[K]> }
    : T;

/** What a handler returns for a schema. The mapper that makes it does not compile when the two differ. */
export type Body<S extends z.ZodType> = Deep<z.output<S>>;

const names = new Set<string>();

/** Registers a schema under a name of its own, for reference from other schemas. */
export function named<S extends z.ZodType>(id: string, schema: S): S {
  if (names.has(id)) throw new Error(`invariant: two schemas are named \`${id}\``);
  names.add(id);
  bodies.add(schema, { id });
  return schema;
}
