import { pushTo } from '../../base/index.js';
import { podLabelTest } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { orderByNumber } from './class-table.js';
import type { ClassTable } from './class-table.js';

/** Classes by their traits: what their endpoints are beside their namespace. */
export class Traits {
  /** One endpoint with each. */
  readonly representatives: readonly Endpoint[];
  readonly #starts: Uint32Array;
  readonly #ordered: Uint32Array;
  /** By key and value of a label of pods. */
  readonly #labelled = new Map<string, ReadonlyMap<string, readonly number[]>>();

  constructor({ traits, representatives }: ClassTable) {
    const found: Endpoint[] = [];
    for (const [id, number] of traits.entries()) found[number] ??= representatives[id] as Endpoint;
    const { starts, ordered } = orderByNumber(traits, found.length);
    this.representatives = found;
    this.#starts = starts;
    this.#ordered = ordered;
  }

  /** Visits the classes with some traits. */
  forEachClass(number: number, visit: (id: number) => void): void {
    const to = this.#starts[number + 1] as number;
    for (let at = this.#starts[number] as number; at < to; at++) visit(this.#ordered[at] as number);
  }

  /** Those with a label of pods that a selector asks for; all where it asks for none. */
  among(selector: Selector): Iterable<number> {
    const test = podLabelTest(selector);
    if (test === null) return this.representatives.keys();
    const byValue = this.#byValue(test.key);
    return [...new Set(test.values)].flatMap((value) => byValue.get(value) ?? []);
  }

  #byValue(key: string): ReadonlyMap<string, readonly number[]> {
    const known = this.#labelled.get(key);
    if (known !== undefined) return known;
    const out = new Map<string, number[]>();
    for (const [number, { labels }] of this.representatives.entries()) {
      const value = labels[key];
      if (value !== undefined) pushTo(out, value, number);
    }
    this.#labelled.set(key, out);
    return out;
  }
}
