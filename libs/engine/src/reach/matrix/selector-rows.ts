import { and, readsNamespaceAlone } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { compileSelector, MAYBE, NO, YES } from '../../compile/match-selector.js';
import type { Matcher, Tri } from '../../compile/match-selector.js';
import type { ReadyEntry } from '../../compile/ready-entry.js';
import type { ClassTable } from './class-table.js';
import { FamilyRows } from './family-rows.js';
import { EMPTY_ROW, rowOf, rowOfNumbers, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import { Traits } from './traits.js';

/** Which classes certainly match, and which may. `maybe` holds both. */
export interface PeerRows {
  readonly yes: BitRow;
  readonly maybe: BitRow;
}

const NO_PEERS: PeerRows = { yes: EMPTY_ROW, maybe: EMPTY_ROW };

/** Evaluates each distinct selector once over the classes that it can concern. */
export class SelectorRows {
  readonly #classes: ClassTable;
  readonly #traits: Traits;
  readonly #rows = new Map<Matcher, PeerRows>();
  readonly #relative = new Map<Matcher, Map<string, PeerRows>>();
  readonly #rules = new Map<ReadyEntry['rule'], PeerRows>();
  readonly #all: PeerRows;
  readonly #families: FamilyRows;

  constructor(classes: ClassTable) {
    this.#classes = classes;
    this.#traits = new Traits(classes);
    this.#families = new FamilyRows(classes);
    const all = rowOf(0, Math.max(1, classes.count), (id) => id < classes.count);
    this.#all = { yes: all, maybe: all };
  }

  /** Every class. */
  get all(): BitRow {
    return this.#all.yes;
  }

  /**
   * The peers of an entry as rows, for flows of one family or of any. `subject` matters only to relative selectors, and
   * to rules of one family.
   */
  peers(ready: ReadyEntry, subject: Endpoint, spoken: 4 | 6 | null): PeerRows {
    const rows = this.#peersOf(ready, subject);
    const { family } = ready.rule;
    if (family === null || family === spoken) return rows;
    return spoken === null ? this.#families.within(rows, family, subject) : NO_PEERS;
  }

  #peersOf(ready: ReadyEntry, subject: Endpoint): PeerRows {
    if (ready.peers === 'any') return this.#all;
    const { peers } = ready.rule;
    if (peers.type !== 'of') return NO_PEERS;
    const known = this.#rules.get(ready.rule);
    if (known !== undefined) return known;
    const relative = peers.selectors.some((selector) => relativity(selector) !== 'none');
    const rows = peers.selectors.map((selector, i) => this.#row(selector, ready.peers[i] as Matcher, subject));
    const first = rows[0];
    const union =
      rows.length === 1 && first !== undefined
        ? first
        : { yes: unionRows(rows.map((row) => row.yes)), maybe: unionRows(rows.map((row) => row.maybe)) };
    if (!relative) this.#rules.set(ready.rule, union);
    return union;
  }

  /**
   * The rows of a selector that is relative to nothing, or to the namespace alone: then each class as if the subject
   * were in its namespace.
   */
  ofSelector(selector: Selector, matcher: Matcher): PeerRows {
    let row = this.#rows.get(matcher);
    if (row === undefined) this.#rows.set(matcher, (row = this.#evaluate(selector, matcher, null)));
    return row;
  }

  #row(selector: Selector, matcher: Matcher, subject: Endpoint): PeerRows {
    const relative = relativity(selector);
    if (relative === 'none') return this.ofSelector(selector, matcher);
    let bySubject = this.#relative.get(matcher);
    if (bySubject === undefined) this.#relative.set(matcher, (bySubject = new Map<string, PeerRows>()));
    const key = relative === 'namespace' ? subject.namespace : `${subject.namespace}/${subject.node}`;
    let row = bySubject.get(key);
    if (row === undefined) bySubject.set(key, (row = this.#evaluate(selector, matcher, subject)));
    return row;
  }

  #evaluate(selector: Selector, matcher: Matcher, subject: Endpoint | null): PeerRows {
    const { representatives } = this.#classes;
    const yes: number[] = [];
    const open: number[] = [];
    const add = (id: number, value: Tri): void => {
      if (value === YES) yes.push(id);
      else if (value === MAYBE) open.push(id);
    };
    const names = confinedTo(selector, subject);
    if (names !== null || subject !== null || !this.#addByParts(selector, add)) {
      this.#forEachCandidate(selector, names, (id) => {
        const endpoint = representatives[id] as Endpoint;
        add(id, matcher(endpoint, subject ?? endpoint));
      });
    }
    const certain = rowOfNumbers(yes);
    return { yes: certain, maybe: open.length === 0 ? certain : rowOfNumbers([...yes, ...open]) };
  }

  /**
   * Adds the values of classes as if the subject were each class itself: what reads the namespace once for it, the rest
   * once for all classes of equal traits. False where the rest reads more than traits.
   */
  #addByParts(selector: Selector, add: (id: number, value: Tri) => void): boolean {
    const parts = selector.type === 'and' ? selector.of : [selector];
    const ofNamespace = parts.filter(readsNamespaceAlone);
    const others = parts.filter((part) => !ofNamespace.includes(part));
    if (!others.every(readsTraitsAlone)) return false;
    const { namespaceOf, representatives } = this.#classes;
    const ofTraits = matcherOf(this.#traits.representatives, others);
    const inNamespace = matcherOf(representatives, ofNamespace);
    const known: (Tri | undefined)[] = [];
    for (const number of this.#traits.among(selector)) {
      const rest = ofTraits(number);
      if (rest === NO) continue;
      this.#traits.forEachClass(number, (id) => {
        const value = ofNamespace.length === 0 ? YES : (known[namespaceOf[id] as number] ??= inNamespace(id));
        if (value !== NO) add(id, value === YES ? rest : MAYBE);
      });
    }
    return true;
  }

  /** Visits the classes that a selector can concern: in namespaces that it names, or with a label that it asks for. */
  #forEachCandidate(selector: Selector, names: readonly string[] | null, visit: (id: number) => void): void {
    if (names === null) {
      for (const number of this.#traits.among(selector)) this.#traits.forEachClass(number, visit);
      return;
    }
    for (const name of new Set(names)) {
      const [from, to] = this.#classes.ranges.get(name) ?? [0, 0];
      for (let id = from; id < to; id++) visit(id);
    }
  }
}

function confinedTo(selector: Selector, subject: Endpoint | null): readonly string[] | null {
  if (selector.type === 'namespace') return selector.names;
  if (selector.type === 'same' && selector.as === 'namespace') return subject === null ? null : [subject.namespace];
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

/**
 * What a selector compares with the subject of its rule: nothing; its namespace as one condition beside others, so that
 * it never matches elsewhere; or more.
 */
export type Relativity = 'none' | 'namespace' | 'other';

const RELATIVITY = new WeakMap<Selector, Relativity>();

export function relativity(selector: Selector): Relativity {
  if (selector.type === 'same') return selector.as === 'namespace' ? 'namespace' : 'other';
  if (selector.type !== 'and' && selector.type !== 'or' && selector.type !== 'not') return 'none';
  let known = RELATIVITY.get(selector);
  if (known === undefined) {
    const members = (selector.type === 'not' ? [selector.of] : selector.of).map(relativity);
    known = members.every((each) => each === 'none')
      ? 'none'
      : selector.type === 'and' && !members.includes('other')
        ? 'namespace'
        : 'other';
    RELATIVITY.set(selector, known);
  }
  return known;
}

type ValueOf = (id: number) => Tri;

function matcherOf(representatives: readonly Endpoint[], parts: readonly Selector[]): ValueOf {
  const matcher = compileSelector(and(...parts));
  return (id) => {
    const endpoint = representatives[id] as Endpoint;
    return matcher(endpoint, endpoint);
  };
}

/** True when a selector reads nothing of an endpoint but its traits, where the subject is in its own namespace. */
export function readsTraitsAlone(selector: Selector): boolean {
  switch (selector.type) {
    case 'and':
    case 'or':
      return selector.of.every(readsTraitsAlone);
    case 'not':
      return readsTraitsAlone(selector.of);
    case 'label':
      return selector.owner !== 'namespace';
    case 'same':
      return selector.as === 'namespace';
    case 'all':
    case 'none':
    case 'unknown':
    case 'kind':
    case 'cidr':
    case 'serviceAccount':
    case 'nodeName':
    case 'hostName':
    case 'special':
      return true;
    case 'namespace':
    case 'endpoint':
      return false;
  }
}
