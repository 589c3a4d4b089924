/** Values that may differ from the map below before another map is made. */
const MOST_EDITS = 256;

/**
 * A map that has other values for some of the keys of a map below, in the same order. Made at the cost of these: the
 * map below is shared.
 */
export class RevaluedMap<K, V extends object> implements ReadonlyMap<K, V> {
  readonly #below: ReadonlyMap<K, V>;
  readonly #now: ReadonlyMap<K, V>;

  private constructor(below: ReadonlyMap<K, V>, now: ReadonlyMap<K, V>) {
    this.#below = below;
    this.#now = now;
  }

  /** `now` for keys that the map has. */
  static of<K, V extends object>(map: ReadonlyMap<K, V>, now: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
    if (!(map instanceof RevaluedMap)) return new RevaluedMap(map, now);
    const known = map as RevaluedMap<K, V>;
    if (known.#now.size < MOST_EDITS) return new RevaluedMap(known.#below, new Map([...known.#now, ...now]));
    return new RevaluedMap(new Map(known), now);
  }

  get size(): number {
    return this.#below.size;
  }

  get(key: K): V | undefined {
    return this.#now.get(key) ?? this.#below.get(key);
  }

  has(key: K): boolean {
    return this.#below.has(key);
  }

  keys(): MapIterator<K> {
    return this.#below.keys();
  }

  *values(): MapIterator<V> {
    for (const [, value] of this) yield value;
  }

  *entries(): MapIterator<[K, V]> {
    for (const [key, value] of this.#below) yield [key, this.#now.get(key) ?? value];
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}
