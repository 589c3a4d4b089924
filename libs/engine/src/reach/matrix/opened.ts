import { equalBits, intersectRow, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { PortClass } from './port-classes.js';
import type { RulePorts } from './rule-ports.js';

/** Rows by port class; classes of which the rows are equal share one. */
interface PortRows {
  readonly of: Uint32Array;
  readonly rows: readonly BitRow[];
}

/** Destinations that one peer of ingress rules opens, by port class. */
export class Opened {
  readonly #ports: RulePorts;
  readonly #everyPort: BitRow[] = [];
  /** By number of port class; absent where no rule names the port. */
  readonly #some: (BitRow[] | undefined)[] = [];
  #made: PortRows | null = null;

  constructor(ports: RulePorts) {
    this.#ports = ports;
  }

  /** Adds what a rule with a port specification opens of its subjects; before rows are asked for. */
  add(number: number, subjects: BitRow): void {
    if (number < 0) {
      this.#everyPort.push(subjects);
      return;
    }
    const { always, named } = this.#ports.pattern(number);
    for (const index of always) (this.#some[index] ??= []).push(subjects);
    for (const index of named) {
      const port = this.#ports.ports[index] as PortClass;
      (this.#some[index] ??= []).push(intersectRow(subjects, this.#ports.namedRow(number, port)));
    }
  }

  /** The destinations that are open at a port. */
  at(port: PortClass): BitRow {
    const { of, rows } = this.#rows;
    return rows[of[port.index] as number] as BitRow;
  }

  /** Numbers port classes, by class, so that those of one number had one before and have equal rows. */
  split(before: Uint32Array): Uint32Array {
    const { of, rows } = this.#rows;
    if (rows.length === 1) return before;
    const numbers = new Map<number, number>();
    return before.map((number, index) => {
      const key = number * rows.length + (of[index] as number);
      let after = numbers.get(key);
      if (after === undefined) numbers.set(key, (after = numbers.size));
      return after;
    });
  }

  get #rows(): PortRows {
    return (this.#made ??= this.#union());
  }

  #union(): PortRows {
    const everyPort = unionRows(this.#everyPort);
    const of = new Uint32Array(this.#ports.ports.length);
    const rows: BitRow[] = [everyPort];
    for (const [index, some] of this.#some.entries()) {
      if (some === undefined) continue;
      some.push(everyPort);
      const row = unionRows(some);
      const known = rows.findIndex((other) => equalBits(other, row));
      of[index] = known < 0 ? rows.push(row) - 1 : known;
    }
    this.#some.length = 0;
    return { of, rows };
  }
}
