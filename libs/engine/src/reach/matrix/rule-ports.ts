import type { PolicyEntry, PortSpec } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { NO } from '../../compile/match-selector.js';
import { matchPorts } from '../../eval/match-ports.js';
import { intersectRow, rowOf } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import type { PortClass, PortTable } from './port-classes.js';

/** Which port classes a list of specifications treats alike: `of` gives each port class its variant. */
export interface Variants {
  readonly of: Uint16Array;
  /** One port class of each variant. */
  readonly ports: readonly PortClass[];
}

/** Where the ports of rules match, by port class; asked of each specification once. */
export class RulePorts {
  readonly #table: PortTable;
  readonly #classes: ClassTable;
  readonly #variants = new Map<string, Variants>();
  readonly #named = new Map<string, BitRow>();

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

  /** The variants of the port classes that specifications, by number, tell apart. */
  variants(numbers: Iterable<number>): Variants {
    const specs = [...new Set(numbers)].filter((number) => number >= 0).sort((a, b) => a - b);
    const key = specs.join();
    let known = this.#variants.get(key);
    if (known === undefined) this.#variants.set(key, (known = variantsOf(specs, this.#table.classes)));
    return known;
  }

  /** What of `classes` a specification lets in at their own port: all, none (null), or where the name has the number. */
  within(classes: BitRow, spec: PortSpec, port: PortClass): BitRow | null {
    const flow = { protocol: port.protocol, port: port.port, family: null };
    const first = this.#classes.representatives[0];
    if (first === undefined) return null;
    if (!isNamed(spec)) return matchPorts(spec, flow, first) === NO ? null : classes;
    return intersectRow(classes, this.#namedRow(spec, port));
  }

  #namedRow(spec: PortSpec, port: PortClass): BitRow {
    const key = `${JSON.stringify(spec)} ${port.protocol}/${port.port}`;
    let row = this.#named.get(key);
    if (row === undefined) {
      const flow = { protocol: port.protocol, port: port.port, family: null };
      const { representatives, count } = this.#classes;
      row = rowOf(0, count, (id) => matchPorts(spec, flow, representatives[id] as Endpoint) !== NO);
      this.#named.set(key, row);
    }
    return row;
  }
}

function isNamed(spec: PortSpec): boolean {
  const named = (match: { readonly type: string }): boolean => match.type === 'named';
  return (spec.include !== 'any' && spec.include.some(named)) || spec.except.some(named);
}

/** Splits the port classes by the code that each specification has for them, one specification after the other. */
function variantsOf(specs: readonly number[], classes: readonly PortClass[]): Variants {
  const of = new Uint16Array(classes.length);
  let count = 1;
  for (const spec of specs) {
    if (count === classes.length) break;
    const split = new Map<number, number>();
    for (let i = 0; i < of.length; i++) {
      const key = (of[i] as number) * 0x10000 + ((classes[i] as PortClass).codes[spec] as number);
      let number = split.get(key);
      if (number === undefined) split.set(key, (number = split.size));
      of[i] = number;
    }
    count = split.size;
  }
  const ports: PortClass[] = [];
  for (let i = 0; i < of.length; i++) ports[of[i] as number] ??= classes[i] as PortClass;
  return { of, ports: ports.slice(0, count) };
}
