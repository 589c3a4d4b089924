import type { Endpoint } from './endpoint.js';

const FIRST_SIZE = 16;

/** A number made of the name of a namespace: by it a memo finds what it knows without a look at the text. */
export function namespaceNumber(name: string): number {
  let hash = name.length;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // Mixed once more, as names differ in their last letters.
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

/**
 * What was found for namespaces, for those who ask about endpoints that lie far apart. A map would read the text of the
 * name, and a table of its own; this one reads a few words that many questions share.
 */
export class NamespaceMemo<T> {
  /** At least half of the places are free. A number says where to look, and whether a name is worth to be compared. */
  #numbers = new Int32Array(FIRST_SIZE);
  #names = emptySlots<string>(FIRST_SIZE);
  #known = emptySlots<T>(FIRST_SIZE);
  #count = 0;

  get({ namespace, namespaceNumber: number }: Endpoint): T | null {
    const numbers = this.#numbers;
    const mask = numbers.length - 1;
    for (let at = number & mask; ; at = (at + 1) & mask) {
      // `Object.is` reads nothing of two names that are one object, which nearly all are; `===` does.
      const name = this.#names[at] as string | null;
      if (name === null) return null;
      if (numbers[at] === number && (Object.is(name, namespace) || name === namespace)) return this.#known[at] as T;
    }
  }

  /** Notes what is known of the namespace of an endpoint, unless that is made up: there is no end of such namespaces. */
  set({ namespace, namespaceNumber: number, hypothetical }: Endpoint, known: T): T {
    if (hypothetical) return known;
    if (this.#count * 2 >= this.#numbers.length) this.#grow();
    this.#put(namespace, number, known);
    return known;
  }

  #put(name: string, number: number, known: T): void {
    const mask = this.#numbers.length - 1;
    let at = number & mask;
    while (this.#names[at] !== null) at = (at + 1) & mask;
    this.#count++;
    this.#numbers[at] = number;
    this.#names[at] = name;
    this.#known[at] = known;
  }

  #grow(): void {
    const [numbers, names, known] = [this.#numbers, this.#names, this.#known];
    const size = numbers.length * 2;
    this.#numbers = new Int32Array(size);
    this.#names = emptySlots(size);
    this.#known = emptySlots(size);
    this.#count = 0;
    for (const [at, name] of names.entries()) {
      if (name !== null) this.#put(name, numbers[at] as number, known[at] as T);
    }
  }
}

function emptySlots<T>(size: number): (T | null)[] {
  return new Array<T | null>(size).fill(null);
}
