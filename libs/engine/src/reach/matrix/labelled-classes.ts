import type { Selector } from '../../model/index.js';
import type { ClassTable } from './class-table.js';

type LabelTest = Extract<Selector, { type: 'label' }>;

/** Finds classes by the labels of their pods. */
export class LabelledClasses {
  readonly #classes: ClassTable;
  /** By key and value, ascending. */
  readonly #byKey = new Map<string, ReadonlyMap<string, readonly number[]>>();

  constructor(classes: ClassTable) {
    this.#classes = classes;
  }

  /** The classes with a value that a selector asks for, ascending; null where it asks for none. */
  among(selector: Selector): readonly number[] | null {
    const test = (selector.type === 'and' ? selector.of : [selector]).find(asksForValues);
    if (test === undefined) return null;
    const byValue = this.#labelled(test.key);
    const lists = [...new Set(test.values)].flatMap((value) => {
      const list = byValue.get(value);
      return list === undefined ? [] : [list];
    });
    return lists.length === 1 ? (lists[0] as readonly number[]) : lists.flat().sort((a, b) => a - b);
  }

  #labelled(key: string): ReadonlyMap<string, readonly number[]> {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const out = new Map<string, number[]>();
    for (const [id, { labels }] of this.#classes.representatives.entries()) {
      const value = labels[key];
      if (value === undefined) continue;
      const list = out.get(value);
      if (list === undefined) out.set(value, [id]);
      else list.push(id);
    }
    this.#byKey.set(key, out);
    return out;
  }
}

function asksForValues(selector: Selector): selector is LabelTest {
  return selector.type === 'label' && selector.owner === 'pod' && selector.op === 'in';
}
