import { contains, type IpRange } from '#engine';

import { readAddressRanges } from './address-text.js';
import type { ExpectedConnections } from './case.js';
import { joinConnections, NO_CONNECTIONS, readConnections, type PortsByProtocol } from './connections.js';

/** A side of a row: a name, or addresses. */
type Side = { readonly name: string } | { readonly ranges: readonly IpRange[] };

interface Row {
  readonly source: Side;
  readonly destination: Side;
  readonly conns: ExpectedConnections;
}

/** What the table is asked for: a peer by its name, or one address. */
export type TableKey = string | IpRange;

/** Expected rows as a function of two peers; rows of address ranges apply to every address in them. */
export class ExpectedTable {
  readonly #rows: readonly Row[];
  /** Rows by a side that is a name; at least one side of every question is one. */
  readonly #bySource = new Map<string, Row[]>();
  readonly #byDestination = new Map<string, Row[]>();

  constructor(rows: readonly { readonly src: string; readonly dst: string; readonly conns: ExpectedConnections }[]) {
    this.#rows = rows.map(({ src, dst, conns }) => ({ source: sideOf(src), destination: sideOf(dst), conns }));
    for (const row of this.#rows) {
      if ('name' in row.source) push(this.#bySource, row.source.name, row);
      if ('name' in row.destination) push(this.#byDestination, row.destination.name, row);
    }
  }

  /** Every name in the rows. */
  names(): ReadonlySet<string> {
    return new Set(this.#sides().flatMap((side) => ('name' in side ? [side.name] : [])));
  }

  /** Every address range in the rows. */
  ranges(): readonly IpRange[] {
    return this.#sides().flatMap((side) => ('ranges' in side ? side.ranges : []));
  }

  /** The union of the rows that speak of the pair, for clients on `sourcePort`. */
  connections(source: TableKey, destination: TableKey, sourcePort?: number): PortsByProtocol {
    return this.stated(source, destination)
      .map((conns) => readConnections(conns, sourcePort))
      .reduce(joinConnections, NO_CONNECTIONS);
  }

  /** What the rows that speak of the pair say. */
  stated(source: TableKey, destination: TableKey): readonly ExpectedConnections[] {
    return this.#rowsFor(source, destination)
      .filter((row) => covers(row.source, source) && covers(row.destination, destination))
      .map(({ conns }) => conns);
  }

  #rowsFor(source: TableKey, destination: TableKey): readonly Row[] {
    if (typeof source === 'string') return this.#bySource.get(source) ?? [];
    return typeof destination === 'string' ? (this.#byDestination.get(destination) ?? []) : this.#rows;
  }

  #sides(): readonly Side[] {
    return this.#rows.flatMap((row) => [row.source, row.destination]);
  }
}

function push(map: Map<string, Row[]>, key: string, row: Row): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [row]);
  else known.push(row);
}

function sideOf(text: string): Side {
  const ranges = readAddressRanges(text);
  return ranges === null ? { name: text } : { ranges };
}

function covers(side: Side, key: TableKey): boolean {
  if (typeof key === 'string') return 'name' in side && side.name === key;
  return 'ranges' in side && side.ranges.some((range) => contains(range, { family: key.family, value: key.from }));
}
