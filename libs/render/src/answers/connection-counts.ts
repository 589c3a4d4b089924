import { counted, type ConnectionView, type ListPeer } from '#engine';

import type { Table } from '../table/table.js';

interface Counts {
  within: number;
  fromOthers: number;
  toOthers: number;
  fromOutside: number;
  toOutside: number;
}

/** As many namespaces are told one by one. */
const MOST_NAMESPACES = 20;

/** How many connections there are, in all and of each namespace: what is left to read of very many. */
export class ConnectionCounts {
  readonly #byNamespace = new Map<string, Counts>();
  #all = 0;
  #fromOutside = 0;
  #toOutside = 0;

  add({ source, destination }: ConnectionView): void {
    this.#all++;
    const [from, to] = [this.#countsOf(source), this.#countsOf(destination)];
    if (from === null) this.#fromOutside++;
    if (to === null) this.#toOutside++;
    if (from === to) {
      if (from !== null) from.within++;
      return;
    }
    if (from !== null) from[to === null ? 'toOutside' : 'toOthers']++;
    if (to !== null) to[from === null ? 'fromOutside' : 'fromOthers']++;
  }

  get count(): number {
    return this.#all;
  }

  headline(): string {
    const where = counted(this.#byNamespace.size, 'namespace');
    return `${counted(this.#all, 'connection')} in ${where}; ${this.#fromOutside} come from outside, ${this.#toOutside} go outside`;
  }

  /** Those first that are reached the most from outside, then from elsewhere. */
  table(): Table {
    const reached = ({ fromOthers, fromOutside }: Counts): number => fromOthers + fromOutside;
    const sorted = [...this.#byNamespace].sort(
      ([one, a], [other, b]) =>
        b.fromOutside - a.fromOutside || reached(b) - reached(a) || (one < other ? -1 : Number(one > other)),
    );
    return {
      columns: ['namespace', 'from outside', 'from others', 'within', 'to others', 'to outside'].map((title) => ({
        title,
      })),
      rows: sorted
        .slice(0, MOST_NAMESPACES)
        .map(([namespace, { fromOutside, fromOthers, within, toOthers, toOutside }]) => [
          namespace === '' ? '(nodes)' : namespace,
          ...[fromOutside, fromOthers, within, toOthers, toOutside].map(String),
        ]),
    };
  }

  /** Namespaces that the table leaves out. */
  get leftOut(): number {
    return Math.max(0, this.#byNamespace.size - MOST_NAMESPACES);
  }

  /** Null for what is outside. */
  #countsOf(peer: ListPeer): Counts | null {
    if (peer.kind === 'Addresses') return null;
    let counts = this.#byNamespace.get(peer.namespace);
    if (counts === undefined) {
      counts = { within: 0, fromOthers: 0, toOthers: 0, fromOutside: 0, toOutside: 0 };
      this.#byNamespace.set(peer.namespace, counts);
    }
    return counts;
  }
}
