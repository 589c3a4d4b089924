import { isObject } from './json.js';
import type { Json, JsonObject } from './json.js';

/** What is kept for one value, and for the next one of the same hash. */
interface Entry<V> {
  readonly value: Json;
  readonly kept: V;
  readonly next: Entry<V> | null;
}

/** Values of one hash that are told apart: whoever makes many on purpose gains nothing but that they share nothing. */
const MOST_OF_ONE_HASH = 8;

/** Keeps something for JSON values, equal ones sharing it: found by their structure, without text of them. */
export class ValueMap<V> {
  readonly #byHash = new Map<number, Entry<V>>();

  /** What is kept for a value, made when there is nothing yet. What `isKept` says no to is made again for the next one. */
  for(value: Json, make: () => V, isKept: (made: V) => boolean = always): V {
    const hash = hashOf(value, 0);
    const first = this.#byHash.get(hash) ?? null;
    let count = 0;
    for (let entry = first; entry !== null; entry = entry.next, count++) {
      if (sameJson(entry.value, value)) return entry.kept;
    }
    const kept = make();
    if (count < MOST_OF_ONE_HASH && isKept(kept)) this.#byHash.set(hash, { value, kept, next: first });
    return kept;
  }
}

const always = (): boolean => true;

const mix = (hash: number, part: number): number => Math.imul(hash ^ part, 0x5bd1e995) ^ (hash >>> 15);

function hashOf(value: Json | undefined, seed: number): number {
  if (typeof value === 'string') return hashOfText(value, seed);
  if (typeof value === 'number') return mix(seed, value);
  if (isList(value)) {
    let hash = mix(seed, value.length);
    for (const member of value) hash = hashOf(member, hash);
    return hash;
  }
  if (!isObject(value)) return mix(seed, value === true ? 1 : 2);
  let hash = mix(seed, 3);
  // Keys of one length are told apart when values are compared.
  for (const key in value) hash = hashOf(value[key], mix(hash, key.length));
  return hash;
}

function hashOfText(text: string, seed: number): number {
  let hash = mix(seed, text.length);
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
  return hash;
}

/** Whether two values have the same structure; the order of fields does not matter. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a)) return isList(b) && sameList(a, b);
  return isObject(a) && isObject(b) && sameObject(a, b);
}

function sameList(a: readonly Json[], b: readonly Json[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameJson(a[i], b[i])) return false;
  return true;
}

function sameObject(a: JsonObject, b: JsonObject): boolean {
  for (const key in a) if (!Object.hasOwn(b, key) || !sameJson(a[key], b[key])) return false;
  for (const key in b) if (!Object.hasOwn(a, key)) return false;
  return true;
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
