/** Changes that a layer holds before they move to the next one; the last layer, the map itself, holds any number. */
const LAYER_LIMITS: readonly number[] = [32, 1024];

/** Newest first; `undefined` stands for keys that were taken out. */
type Layers<K, V> = readonly ReadonlyMap<K, V | undefined>[];

/**
 * A map that is changed by making another one, at the cost of the changes and not of the map: both share what did not
 * change.
 */
export class LayeredMap<K, V> {
  readonly #layers: Layers<K, V>;
  readonly size: number;

  private constructor(layers: Layers<K, V>, size: number) {
    this.#layers = layers;
    this.size = size;
  }

  static of<K, V>(base: ReadonlyMap<K, V>): LayeredMap<K, V> {
    return new LayeredMap<K, V>([...LAYER_LIMITS.map(() => new Map<K, V | undefined>()), base], base.size);
  }

  get(key: K): V | undefined {
    for (const layer of this.#layers) {
      if (layer.size === 0) continue;
      const value = layer.get(key);
      if (value !== undefined || layer.has(key)) return value;
    }
    return undefined;
  }

  /** The same with `key` changed, or taken out where `value` is undefined. */
  with(key: K, value: V | undefined): LayeredMap<K, V> {
    const size = this.size + (value === undefined ? 0 : 1) - (this.get(key) === undefined ? 0 : 1);
    const layers = this.#layers.slice();
    let moving: ReadonlyMap<K, V | undefined> = new Map([[key, value]]);
    for (let i = 0; i < layers.length; i++) {
      const isBase = i === layers.length - 1;
      const merged = new Map<K, V | undefined>();
      // Copied by hand: a constructor makes a pair for each member.
      layers[i]?.forEach((now, changed) => merged.set(changed, now));
      moving.forEach((now, changed) => {
        if (isBase && now === undefined) merged.delete(changed);
        else merged.set(changed, now);
      });
      if (isBase || merged.size <= (LAYER_LIMITS[i] as number)) {
        layers[i] = merged;
        break;
      }
      layers[i] = new Map();
      moving = merged;
    }
    return new LayeredMap(layers, size);
  }
}
