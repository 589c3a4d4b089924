/** Changes that are kept beside the map they change before both are made one. */
const LAYER_LIMIT = 128;

/**
 * A map that is changed by making another one, at the cost of the changes and not of the map: both share what did not
 * change.
 */
export class LayeredMap<K, V> {
  readonly #base: ReadonlyMap<K, V>;
  /** `undefined` for keys that were taken out. */
  readonly #changes: ReadonlyMap<K, V | undefined>;
  readonly size: number;

  constructor(base: ReadonlyMap<K, V>, changes: ReadonlyMap<K, V | undefined> = new Map(), size = base.size) {
    this.#base = base;
    this.#changes = changes;
    this.size = size;
  }

  get(key: K): V | undefined {
    return this.#changes.size > 0 && this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key);
  }

  /** The same with `key` changed, or taken out where `value` is undefined. */
  with(key: K, value: V | undefined): LayeredMap<K, V> {
    const size = this.size + (value === undefined ? 0 : 1) - (this.get(key) === undefined ? 0 : 1);
    const changes = new Map(this.#changes).set(key, value);
    if (changes.size < LAYER_LIMIT) return new LayeredMap(this.#base, changes, size);
    const base = new Map(this.#base);
    for (const [changed, now] of changes) {
      if (now === undefined) base.delete(changed);
      else base.set(changed, now);
    }
    return new LayeredMap(base);
  }
}
