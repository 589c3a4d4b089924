import type { Endpoint } from '../../compile/endpoint.js';
import { pairFamilies } from '../../eval/evaluate-pair.js';
import { intersectRow, rowOf } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import type { PeerRows } from './selector-rows.js';

/** Limits the peers of rules that are about one address family to whom the subject meets in it. */
export class FamilyRows {
  readonly #classes: ClassTable;
  readonly #met = new Map<string, PeerRows>();

  constructor(classes: ClassTable) {
    this.#classes = classes;
  }

  /** Of pairs that share both families a rule about one of them holds in that one alone: it may match. */
  within(rows: PeerRows, family: 4 | 6, subject: Endpoint): PeerRows {
    const met = this.#metIn(family, subject);
    const yes = intersectRow(rows.yes, met.yes);
    const isCertain = rows.yes === rows.maybe && met.yes === met.maybe;
    return { yes, maybe: isCertain ? yes : intersectRow(rows.maybe, met.maybe) };
  }

  #metIn(family: 4 | 6, subject: Endpoint): PeerRows {
    const key = `${family} ${subject.ips.map((ip) => ip.family).join()}`;
    let met = this.#met.get(key);
    if (met === undefined) this.#met.set(key, (met = this.#meet(family, subject)));
    return met;
  }

  #meet(family: 4 | 6, subject: Endpoint): PeerRows {
    const { representatives, count } = this.#classes;
    const shared = representatives.map((other) => pairFamilies(subject, other));
    const isMeant = (one: 4 | 6 | null): boolean => one === null || one === family;
    const maybe = rowOf(0, Math.max(1, count), (id) => shared[id]?.some(isMeant) ?? false);
    const isCertain = shared.every((families) => families.every(isMeant) || !families.some(isMeant));
    const yes = isCertain
      ? maybe
      : rowOf(0, Math.max(1, count), (id) => shared[id]?.some(isMeant) === true && shared[id].every(isMeant));
    return { yes, maybe };
  }
}
