import type { z } from 'zod';

/** The fields that objects may have at a place of what `schema` reads; empty where any name will do. */
export function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[]): ReadonlySet<string> {
  const shapes = path.reduce<readonly z.core.$ZodType[]>(
    (here, step) => here.flatMap((each) => valuesAt(each, step)),
    alternatives(schema),
  );
  return new Set(shapes.flatMap((each) => (isOf(each, 'object') ? Object.keys(each._zod.def.shape) : [])));
}

/** The schemas of what is at one step further inside. */
function valuesAt(schema: z.core.$ZodType, step: PropertyKey): readonly z.core.$ZodType[] {
  if (isOf(schema, 'array')) return alternatives(schema._zod.def.element);
  if (isOf(schema, 'record')) return alternatives(schema._zod.def.valueType);
  const field = isOf(schema, 'object') ? schema._zod.def.shape[String(step)] : undefined;
  return field === undefined ? [] : alternatives(field);
}

/** A schema without what stands around it: defaults, transformations, and the choice between several. */
function alternatives(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (isOf(schema, 'union')) return schema._zod.def.options.flatMap(alternatives);
  if (isOf(schema, 'pipe')) return [schema._zod.def.in, schema._zod.def.out].flatMap(alternatives);
  const { def } = schema._zod;
  return 'innerType' in def ? alternatives(def.innerType as z.core.$ZodType) : [schema];
}

interface Kinds {
  readonly array: z.core.$ZodArray;
  readonly object: z.core.$ZodObject;
  readonly pipe: z.core.$ZodPipe;
  readonly record: z.core.$ZodRecord;
  readonly union: z.core.$ZodUnion;
}

function isOf<K extends keyof Kinds>(schema: z.core.$ZodType, kind: K): schema is Kinds[K] {
  return schema._zod.def.type === kind;
}
