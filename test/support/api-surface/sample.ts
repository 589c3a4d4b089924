/** A JSON Schema as far as ours go. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly format?: string;
}

/** Chooses what is sent where a schema leaves room. */
export interface Choices {
  /** A value for a field or parameter of this name; undefined leaves it to the schema. */
  value(name: string): unknown;
  /** Whether something that may be left out is sent. */
  sends(name: string): boolean;
  /** One of several. */
  pick<T>(of: readonly T[]): T | undefined;
  /** What is sent in the place of `value`, which fits its schema. */
  bend(value: unknown): unknown;
}

const MAX_DEPTH = 6;

/** A value that fits the schema, as the choices have it. */
export function sample(schema: JsonSchema, name: string, choices: Choices, depth = 0): unknown {
  const given = choices.value(name);
  return choices.bend(given === undefined ? bySchema(schema, name, choices, depth) : given);
}

function bySchema(schema: JsonSchema, name: string, choices: Choices, depth: number): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return choices.pick(schema.enum);
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return sample(choices.pick(variants) ?? {}, name, choices, depth + 1);
  if (depth > MAX_DEPTH) return null;
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object' || schema.properties !== undefined) {
    const fields = Object.entries(schema.properties ?? {}).filter(
      ([field]) => schema.required?.includes(field) === true || choices.sends(field),
    );
    return Object.fromEntries(fields.map(([field, of]) => [field, sample(of, field, choices, depth + 1)]));
  }
  if (type === 'array') return [sample(schema.items ?? {}, name, choices, depth + 1)];
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  if (type === 'boolean') return choices.pick([true, false]);
  if (type === 'null') return null;
  if (schema.format === 'uuid') return '00000000-0000-4000-8000-000000000000';
  if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
  return schema.default ?? 'a';
}
