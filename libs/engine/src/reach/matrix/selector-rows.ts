import type { Selector } from '../../model/index.js';
import { BLANK_ENDPOINT } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { MAYBE, NO, YES } from '../../compile/match-selector.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { ReadyEntry } from '../../compile/policy-set.js';
import type { ClassTable } from './class-table.js';
import { EMPTY_ROW, rowOf, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';

/** Which classes certainly match, and which may. `maybe` holds both. */
export interface PeerRows {
  readonly yes: BitRow;
  readonly maybe: BitRow;
}

/** Evaluates each distinct selector once over the classes that it can concern. */
export class SelectorRows {
  readonly #classes: ClassTable;
  readonly #rows = new Map<Matcher, PeerRows>();
  readonly #relative = new Map<Matcher, Map<string, PeerRows>>();
  readonly #entries = new Map<ReadyEntry, PeerRows>();
  readonly #all: PeerRows;

  constructor(classes: ClassTable) {
    this.#classes = classes;
    const all = rowOf(0, Math.max(1, classes.members.length), (id) => id < classes.members.length);
    this.#all = { yes: all, maybe: all };
  }

  /** The peers of an entry as rows. `subject` matters only to relative selectors. */
  peers(ready: ReadyEntry, subject: Endpoint): PeerRows {
    if (ready.peers === 'any') return this.#all;
    const { peers } = ready.entry;
    if (peers.type !== 'of') return { yes: EMPTY_ROW, maybe: EMPTY_ROW };
    const known = this.#entries.get(ready);
    if (known !== undefined) return known;
    const relative = peers.selectors.some(isRelative);
    const rows = peers.selectors.map((selector, i) => this.#row(selector, ready.peers[i] as Matcher, subject));
    const first = rows[0];
    const union =
      rows.length === 1 && first !== undefined
        ? first
        : { yes: unionRows(rows.map((row) => row.yes)), maybe: unionRows(rows.map((row) => row.maybe)) };
    if (!relative) this.#entries.set(ready, union);
    return union;
  }

  /** The rows of a selector that is not relative to a subject. */
  ofSelector(selector: Selector, matcher: Matcher): PeerRows {
    return this.#row(selector, matcher, BLANK_ENDPOINT);
  }

  #row(selector: Selector, matcher: Matcher, subject: Endpoint): PeerRows {
    if (!isRelative(selector)) {
      let row = this.#rows.get(matcher);
      if (row === undefined) this.#rows.set(matcher, (row = this.#evaluate(selector, matcher, subject)));
      return row;
    }
    let bySubject = this.#relative.get(matcher);
    if (bySubject === undefined) this.#relative.set(matcher, (bySubject = new Map<string, PeerRows>()));
    const key = `${subject.namespace}/${subject.node}`;
    let row = bySubject.get(key);
    if (row === undefined) bySubject.set(key, (row = this.#evaluate(selector, matcher, subject)));
    return row;
  }

  #evaluate(selector: Selector, matcher: Matcher, subject: Endpoint): PeerRows {
    const { representatives } = this.#classes;
    const yes: BitRow[] = [];
    const maybe: BitRow[] = [];
    for (const [from, to] of this.#ranges(selector, subject)) {
      const values = new Uint8Array(to - from);
      for (let id = from; id < to; id++) values[id - from] = matcher(representatives[id] as Endpoint, subject);
      const certain = rowOf(from, to, (id) => values[id - from] === YES);
      yes.push(certain);
      maybe.push(values.includes(MAYBE) ? rowOf(from, to, (id) => values[id - from] !== NO) : certain);
    }
    const certain = unionRows(yes);
    const same = maybe.every((row, i) => row === yes[i]);
    return { yes: certain, maybe: same ? certain : unionRows(maybe) };
  }

  /** The classes that a selector can concern: those of the namespaces that it names, else all. */
  #ranges(selector: Selector, subject: Endpoint): readonly (readonly [number, number])[] {
    const names = confinedTo(selector, subject);
    if (names === null) {
      const count = this.#classes.members.length;
      return count === 0 ? [] : [[0, count]];
    }
    return names.flatMap((name) => {
      const range = this.#classes.ranges.get(name);
      return range === undefined ? [] : [range];
    });
  }
}

function confinedTo(selector: Selector, subject: Endpoint): readonly string[] | null {
  if (selector.type === 'namespace') return selector.names;
  if (selector.type === 'same' && selector.as === 'namespace') return [subject.namespace];
  if (selector.type === 'endpoint') return [selector.namespace];
  // Every namespace has this label, with its own name as value.
  if (selector.type === 'label' && selector.owner === 'namespace' && selector.op === 'in') {
    return selector.key === 'kubernetes.io/metadata.name' ? selector.values : null;
  }
  if (selector.type !== 'and') return null;
  for (const member of selector.of) {
    const names = confinedTo(member, subject);
    if (names !== null) return names;
  }
  return null;
}

const RELATIVE = new WeakMap<Selector, boolean>();

/** True when a selector compares with the subject of its rule. */
export function isRelative(selector: Selector): boolean {
  if (selector.type === 'same') return true;
  if (selector.type !== 'and' && selector.type !== 'or' && selector.type !== 'not') return false;
  let known = RELATIVE.get(selector);
  if (known === undefined) {
    known = selector.type === 'not' ? isRelative(selector.of) : selector.of.some(isRelative);
    RELATIVE.set(selector, known);
  }
  return known;
}
