import { hasPorts } from '../../model/index.js';
import type { PolicyEntry } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { NO } from '../../compile/match-selector.js';
import { flowAt } from '../../eval/flow.js';
import { matchPorts } from '../../eval/match-ports.js';
import { intersectRow, rowOfNumbers } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import { groupAlike, holds } from './port-classes.js';
import type { PortClass, PortPattern, PortTable } from './port-classes.js';

/** By port class the number of its variant: classes of one variant are treated alike. */
export type Variants = Uint32Array;

/** Where the ports of rules match, by number of port specification and port class. */
export class RulePorts {
  readonly #table: PortTable;
  readonly #classes: ClassTable;
  readonly #variants = new Map<string, Variants>();
  readonly #named = new Map<number, BitRow>();
  #byPort: Map<string, number[]> | null = null;

  constructor(table: PortTable, classes: ClassTable) {
    this.#table = table;
    this.#classes = classes;
  }

  get ports(): readonly PortClass[] {
    return this.#table.classes;
  }

  /** The number of a rule's specification; −1 when it takes any port. */
  numberOf(rule: PolicyEntry): number {
    return this.#table.numbers.get(rule.ports) ?? -1;
  }

  /** What a numbered specification admits, as numbers of port classes. */
  pattern(number: number): PortPattern {
    return this.#table.patterns[number] as PortPattern;
  }

  /** The variants of the port classes that specifications, by number, tell apart. */
  variants(numbers: Iterable<number>): Variants {
    const specs = [...new Set(numbers)].filter((number) => number >= 0).sort((a, b) => a - b);
    const key = specs.join();
    let known = this.#variants.get(key);
    if (known === undefined) {
      known = groupAlike(
        this.ports.length,
        specs.map((number) => this.pattern(number)),
      );
      this.#variants.set(key, known);
    }
    return known;
  }

  /** What of `classes` a specification admits at their own port: all, none (null), or where the name has the number. */
  within(classes: BitRow, number: number, port: PortClass): BitRow | null {
    if (number < 0) return classes;
    const { always, named } = this.pattern(number);
    if (holds(always, port.index)) return classes;
    return holds(named, port.index) ? intersectRow(classes, this.namedRow(number, port)) : null;
  }

  /** The destinations that have a port name of a specification at the number that the port has; of ICMP, all. */
  namedRow(number: number, port: PortClass): BitRow {
    const key = number * this.ports.length + port.index;
    let row = this.#named.get(key);
    if (row === undefined) {
      const { spec } = this.pattern(number);
      const flow = flowAt(port.protocol, port.port, null);
      const { representatives } = this.#classes;
      // Where names take ports out, it is classes without them that have the port.
      const takesOut = spec.except.some(({ type }) => type === 'named');
      const isAnywhere = takesOut || !hasPorts(port.protocol);
      const candidates = isAnywhere ? [...representatives.keys()] : (this.#withPorts.get(portKey(port)) ?? []);
      row = rowOfNumbers(candidates.filter((id) => matchPorts(spec, flow, representatives[id] as Endpoint) !== NO));
      this.#named.set(key, row);
    }
    return row;
  }

  /** By protocol and number of port, the classes whose containers name it, ascending. */
  get #withPorts(): ReadonlyMap<string, readonly number[]> {
    if (this.#byPort === null) {
      const out = (this.#byPort = new Map<string, number[]>());
      for (const [id, { ports }] of this.#classes.representatives.entries()) {
        for (const port of ports) {
          const key = portKey(port);
          const list = out.get(key);
          if (list === undefined) out.set(key, [id]);
          else if (list.at(-1) !== id) list.push(id);
        }
      }
    }
    return this.#byPort;
  }
}

function portKey({ protocol, port }: { readonly protocol: number; readonly port: number }): string {
  return `${protocol}/${port}`;
}
