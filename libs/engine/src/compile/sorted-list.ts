import { firstThat } from './first-that.js';

/** Members of a chunk when a list is cut into chunks; one that grows to twice as many is cut in two. */
const CHUNK = 256;

/** Compares a place in the order with a member: negative when the member comes before it, 0 when it is there. */
export type Place<T> = (member: T) => number;

/**
 * A sorted list that is changed by making another one, at the cost of the change and not of the list: both share the
 * chunks that did not change. No two members have the same place.
 */
export class SortedList<T> {
  /** None of them is empty. */
  #chunks: readonly (readonly T[])[] | null;
  #flat: readonly T[] | null;
  readonly length: number;

  private constructor(chunks: readonly (readonly T[])[] | null, flat: readonly T[] | null, length: number) {
    this.#chunks = chunks;
    this.#flat = flat;
    this.length = length;
  }

  static of<T>(sorted: readonly T[]): SortedList<T> {
    return new SortedList<T>(null, sorted, sorted.length);
  }

  /** All members in order. */
  toArray(): readonly T[] {
    return (this.#flat ??= (this.#chunks ?? []).flat());
  }

  at(place: Place<T>): T | undefined {
    const chunk = this.#cut()[this.#chunkAt(place)];
    const member = chunk?.[firstThat(chunk, (member) => place(member) >= 0)];
    return member !== undefined && place(member) === 0 ? member : undefined;
  }

  /** The member at a place, or the one that would come after it, and the one before: as far as they stand in one chunk. */
  around(place: Place<T>): readonly T[] {
    const chunk = this.#cut()[this.#chunkAt(place)] ?? [];
    const at = firstThat(chunk, (member) => place(member) >= 0);
    return chunk.slice(Math.max(0, at - 1), at + 1);
  }

  /** The members for which `place` gives 0, where it puts a whole stretch of the order at one place. */
  stretch(place: Place<T>): readonly T[] {
    const chunks = this.#cut();
    const out: T[] = [];
    for (let i = this.#chunkAt(place); i < chunks.length; i++) {
      for (const member of chunks[i] as readonly T[]) {
        const order = place(member);
        if (order > 0) return out;
        if (order === 0) out.push(member);
      }
    }
    return out;
  }

  /** The list with `member` at a place, or with nothing there where it is null. */
  with(place: Place<T>, member: T | null): SortedList<T> {
    const chunks = this.#cut().slice();
    const at = this.#chunkAt(place);
    const chunk = (chunks[at] ?? []).slice();
    const within = firstThat(chunk, (member) => place(member) >= 0);
    const known = within < chunk.length && place(chunk[within] as T) === 0;
    chunk.splice(within, known ? 1 : 0, ...(member === null ? [] : [member]));
    const parts = chunk.length < 2 * CHUNK ? [chunk] : [chunk.slice(0, CHUNK), chunk.slice(CHUNK)];
    chunks.splice(at, 1, ...parts.filter((part) => part.length > 0));
    return new SortedList(chunks, null, this.length + (member === null ? 0 : 1) - (known ? 1 : 0));
  }

  #cut(): readonly (readonly T[])[] {
    if (this.#chunks === null) {
      const flat = this.#flat ?? [];
      const count = Math.ceil(flat.length / CHUNK);
      this.#chunks = Array.from({ length: count }, (_, i) => flat.slice(i * CHUNK, (i + 1) * CHUNK));
    }
    return this.#chunks;
  }

  /** The chunk that holds a place: the first whose last member does not come before it, else the last. */
  #chunkAt(place: Place<T>): number {
    const chunks = this.#cut();
    const at = firstThat(chunks, (chunk) => place(chunk.at(-1) as T) >= 0);
    return Math.min(at, Math.max(0, chunks.length - 1));
  }
}
