import { LayeredMap } from './layered-map.js';

/**
 * A map that has other values for some of the keys of a map below, in the same order. Made at the cost of these: the
 * map below is shared.
 */
export class RevaluedMap<K, V extends object> implements ReadonlyMap<K, V> {
  readonly #below: ReadonlyMap<K, V>;
  readonly #now: LayeredMap<K, V>;

  private constructor(below: ReadonlyMap<K, V>, now: LayeredMap<K, V>) {
    this.#below = below;
    this.#now = now;
  }

  /** `now` for keys that the map has. */
  static of<K, V extends object>(map: ReadonlyMap<K, V>, now: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
    if (!(map instanceof RevaluedMap)) return new RevaluedMap(map, LayeredMap.of(now));
    const known = map as RevaluedMap<K, V>;
    let all = known.#now;
    for (const [key, value] of now) all = all.with(key, value);
    return new RevaluedMap(known.#below, all);
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
