/** A JSON value as it comes from a cluster or a manifest. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Keys are data: read them with `field`, which never reaches the prototype. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** True for a plain JSON object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own field of a JSON object; `undefined` when it is absent or `null`, as Kubernetes treats both alike. */
export function field(value: unknown, key: string): Json | undefined {
  if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
  return value[key] ?? undefined;
}

/** Follows own fields along `path`; `undefined` as soon as one is missing. */
export function path(value: unknown, ...keys: readonly string[]): Json | undefined {
  let current: unknown = value;
  for (const key of keys) current = field(current, key);
  return current as Json | undefined;
}

/** The value when it is a string, else ''. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value when it is an array, else an empty one. */
export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/**
 * An empty map for keys that come from outside: none of them leads to a prototype. Made of a plain object, whose
 * properties the runtime packs; one of `Object.create(null)` takes four times the room.
 */
export function bareMap<T>(): Record<string, T> {
  return Object.setPrototypeOf({}, null) as Record<string, T>;
}

const NO_TEXTS: Readonly<Record<string, string>> = Object.freeze(bareMap<string>());

/** String entries of an object whose keys are `kept`, in key order; entries of another type are left out. */
export function textMap(value: unknown, kept?: (key: string) => boolean): Readonly<Record<string, string>> {
  if (!isObject(value)) return NO_TEXTS;
  const keys = kept === undefined ? Object.keys(value) : Object.keys(value).filter(kept);
  if (keys.length === 0) return NO_TEXTS;
  const out = bareMap<string>();
  for (const key of keys.sort()) {
    const entry = value[key];
    if (typeof entry === 'string') out[key] = entry;
  }
  return out;
}

/** One more step of a JSON pointer (RFC 6901), with `~` and `/` escaped. */
export function pointer(base: string, ...steps: readonly (string | number)[]): string {
  let out = base;
  for (const step of steps) {
    const plain = typeof step === 'number' || !(step.includes('~') || step.includes('/'));
    out += `/${plain ? step : step.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return out;
}

/** The pointer of the first of `steps` that is not there, of the last when all are. */
export function pointerToMissing(value: unknown, ...steps: readonly string[]): string {
  let current: unknown = value;
  let at = '';
  for (const step of steps) {
    at = pointer(at, step);
    current = field(current, step);
    if (current === undefined) break;
  }
  return at;
}

/** JSON with object keys sorted at every depth, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(object).sort()) {
    if (object[key] !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  }
  return `{${parts.join(',')}}`;
}

/** Values as text. Lists and objects among them, whose text may be anything, are left out. */
export function scalarTexts(values: readonly Json[]): string[] {
  return values.flatMap((value) => (typeof value === 'object' ? [] : [String(value)]));
}
