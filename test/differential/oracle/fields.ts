/** Reading untyped manifests. The oracle shares no code with the engine, so it has its own few accessors. */
export type Raw = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one for anything else. */
export function obj(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

/** The own field of an object, `undefined` for null. */
export function get(value: unknown, ...keys: readonly string[]): unknown {
  let current: unknown = value;
  for (const key of keys) {
    const object = obj(current);
    current = Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
  }
  return current;
}

export function has(value: unknown, key: string): boolean {
  return get(value, key) !== undefined;
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function str(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The string entries of a map. */
export function labelMap(value: unknown): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const [key, entry] of Object.entries(obj(value))) if (typeof entry === 'string') out.set(key, entry);
  return out;
}

/** The values that are not null, each once. */
export function nonEmpty<T>(values: readonly (T | null)[]): ReadonlySet<T> {
  return new Set(values.filter((value): value is T => value !== null));
}
