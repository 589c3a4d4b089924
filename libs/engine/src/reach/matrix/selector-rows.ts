import { and, readsNamespaceAlone } from '../../model/index.js';
import type { Selector } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { compileSelector, MAYBE, NO, YES } from '../../compile/match-selector.js';
import type { Matcher, Tri } from '../../compile/match-selector.js';
import type { ReadyEntry } from '../../compile/ready-entry.js';
import type { ClassTable } from './class-table.js';
import { FamilyRows } from './family-rows.js';
import { LabelledClasses } from './labelled-classes.js';
import { EMPTY_ROW, rowOf, rowOfNumbers, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';

/** Which classes certainly match, and which may. `maybe` holds both. */
export interface PeerRows {
  readonly yes: BitRow;
  readonly maybe: BitRow;
}

const NO_PEERS: PeerRows = { yes: EMPTY_ROW, maybe: EMPTY_ROW };

/** Evaluates each distinct selector once over the classes that it can concern. */
export class SelectorRows {
  readonly #classes: ClassTable;
  readonly #labelled: LabelledClasses;
  readonly #rows = new Map<Matcher, PeerRows>();
  readonly #relative = new Map<Matcher, Map<string, PeerRows>>();
  readonly #rules = new Map<ReadyEntry['rule'], PeerRows>();
  readonly #all: PeerRows;
  readonly #families: FamilyRows;

  constructor(classes: ClassTable) {
    this.#classes = classes;
    this.#labelled = new LabelledClasses(classes);
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
    const valueOf =
      subject === null
        ? this.#byParts(selector)
        : (id: number): Tri => matcher(representatives[id] as Endpoint, subject);
    const yes: number[] = [];
    const open: number[] = [];
    this.#forEachCandidate(selector, subject, (id) => {
      const value = valueOf(id);
      if (value === YES) yes.push(id);
      else if (value === MAYBE) open.push(id);
    });
    const certain = rowOfNumbers(yes);
    return { yes: certain, maybe: open.length === 0 ? certain : unionRows([certain, rowOfNumbers(open)]) };
  }

  /** Values of classes as if the subject were each class itself: what reads the namespace once for it, the rest by traits. */
  #byParts(selector: Selector): (id: number) => Tri {
    const { namespaceOf, traits, representatives } = this.#classes;
    const parts = selector.type === 'and' ? selector.of : [selector];
    const ofNamespace = parts.filter(readsNamespaceAlone);
    const others = parts.filter((part) => !ofNamespace.includes(part));
    const namespaces = oncePer(namespaceOf, representatives, ofNamespace);
    const rest = others.every(readsTraitsAlone)
      ? oncePer(traits, representatives, others)
      : matcherOf(representatives, others);
    return (id) => {
      const value = namespaces(id);
      return value === YES ? rest(id) : value === NO || rest(id) === NO ? NO : MAYBE;
    };
  }

  /** Visits the classes that a selector can concern, ascending: those with a label or in a namespace that it names, else all. */
  #forEachCandidate(selector: Selector, subject: Endpoint | null, visit: (id: number) => void): void {
    const names = confinedTo(selector, subject);
    const labelled = names === null ? this.#labelled.among(selector) : null;
    if (labelled !== null) labelled.forEach(visit);
    else for (const [from, to] of this.#ranges(names)) for (let id = from; id < to; id++) visit(id);
  }

  #ranges(names: readonly string[] | null): readonly (readonly [number, number])[] {
    if (names === null) return [[0, this.#classes.count]];
    const found = [...new Set(names)].flatMap((name) => {
      const range = this.#classes.ranges.get(name);
      return range === undefined ? [] : [range];
    });
    return found.sort(([a], [b]) => a - b);
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

/** The values of selectors that are the same for all classes of one number, each found once. */
function oncePer(numberOf: Uint32Array, representatives: readonly Endpoint[], parts: readonly Selector[]): ValueOf {
  if (parts.length === 0) return () => YES;
  const valueOf = matcherOf(representatives, parts);
  const known: (Tri | undefined)[] = [];
  return (id) => (known[numberOf[id] as number] ??= valueOf(id));
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
