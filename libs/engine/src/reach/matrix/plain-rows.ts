import type { PolicyEntry } from '../../model/index.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { EMPTY_ROW, forEachBit, orInto, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import { Planner } from './plan.js';
import type { Plan } from './plan.js';
import type { PortClass } from './port-classes.js';
import type { Profile, ProfileTable } from './profiles.js';
import type { Bracket, RowBucket, SourceStep } from './row-bucket.js';
import type { RulePorts, Variants } from './rule-ports.js';
import { relativity } from './selector-rows.js';
import type { SelectorRows } from './selector-rows.js';

/**
 * True when a set only ever allows, in one tier, without conditions, and peers are relative to nothing but the
 * subject's namespace: what NetworkPolicy compiles to.
 */
export function isPlain(set: PolicySet): boolean {
  const speaking = set.gates
    .flatMap((gate) => gate.tiers)
    .filter(({ groups }) => !(groups.ingress.isEmpty && groups.egress.isEmpty));
  return speaking.length <= 1 && set.rules.every(isPlainRule);
}

function isPlainRule({ action, conditions, family, subject, peers, carried }: PolicyEntry): boolean {
  if (action !== 'allow' || conditions.length > 0 || family !== null || carried !== undefined) return false;
  if (relativity(subject) === 'other') return false;
  return peers.type !== 'of' || peers.selectors.every((selector) => relativity(selector) !== 'other');
}

/** Sources that the same peers of ingress rules name. */
interface Admission {
  readonly wide: readonly Opened[];
  readonly own: readonly Opened[];
  readonly variants: Variants;
}

interface IngressPeer {
  readonly row: BitRow;
  readonly own: boolean;
  readonly opened: Opened;
}

/** A row of one direction: what holds for every source of a bucket, and what their own namespace adds. */
interface Half {
  readonly words: Uint32Array;
  readonly own: readonly BitRow[];
}

/**
 * Rows of a plain set. Sources that the same egress entries select and the same ingress peers name are a bucket: they
 * share their rows but for the few words of their own namespace. So a cluster of many namespaces that are alike costs
 * what one of them does, and a word or two for each class.
 */
export class PlainRows {
  readonly #classes: ClassTable;
  readonly #ports: RulePorts;
  readonly #selectors: SelectorRows;
  readonly #planner: Planner;
  readonly #egress: ProfileTable;
  readonly #plans: readonly Plan[];
  readonly #words: number;
  readonly #openTo: BitRow;
  readonly #anyone: Opened;
  readonly #peerSets: PeerSets;
  /** By number of peer set. */
  readonly #admissions = new Map<number, Admission>();

  constructor(
    classes: ClassTable,
    ports: RulePorts,
    selectors: SelectorRows,
    egress: ProfileTable,
    ingress: ProfileTable,
    bracket: Bracket,
  ) {
    this.#classes = classes;
    this.#ports = ports;
    this.#selectors = selectors;
    this.#planner = new Planner(ports, selectors, bracket);
    this.#egress = egress;
    this.#words = (classes.count + 31) >>> 5;
    this.#plans = egress.profiles.map((profile) => this.#planner.plan(profile));
    const gathering = new Gathering(classes.count, ingress, ports);
    for (const [number, profile] of ingress.profiles.entries()) this.#gather(gathering, number, profile);
    this.#openTo = unionRows(gathering.open);
    this.#anyone = gathering.anyone;
    this.#peerSets = peerSets(gathering.peers.values(), classes.count);
  }

  /** Every source class in one bucket or another; the rows of one bucket live until the next. */
  forEachBucket(ports: readonly PortClass[], visit: (bucket: RowBucket) => void): void {
    const buckets = new Map<number, number[]>();
    for (let source = 0; source < this.#classes.count; source++) {
      const key = this.#bucketKey(source);
      const known = buckets.get(key);
      if (known === undefined) buckets.set(key, [source]);
      else known.push(source);
    }
    const arrays = new RowArrays(this.#words);
    for (const sources of buckets.values()) {
      arrays.reuse();
      visit(this.#bucket(sources, ports, arrays));
    }
  }

  /** Every wanted source in ascending order. */
  *sources(ports: readonly PortClass[], wanted: (source: number) => boolean): Generator<SourceStep> {
    let arrays = new RowArrays(this.#words);
    const known = new Map<number, RowBucket>();
    for (let source = 0; source < this.#classes.count; source++) {
      if (!wanted(source)) continue;
      const key = this.#bucketKey(source);
      let bucket = known.get(key);
      if (bucket === undefined) {
        if (arrays.taken > KEPT_WORDS) {
          known.clear();
          arrays = new RowArrays(this.#words);
        }
        known.set(key, (bucket = this.#bucket([source], ports, arrays)));
      }
      yield { source, rows: rowsFor(bucket, source) };
    }
  }

  /** The rows of one source alone. */
  rowsOf(source: number, ports: readonly PortClass[]): readonly Uint32Array[] {
    return rowsFor(this.#bucket([source], ports, new RowArrays(this.#words)), source);
  }

  #bucketKey(source: number): number {
    const { before, of } = this.#peerSets;
    return (this.#egress.of[source] as number) * before.length + (of[source] as number);
  }

  #gather(gathering: Gathering, number: number, profile: Profile): void {
    const subjects = gathering.subjects(number);
    if (!this.#planner.isolates(profile)) {
      gathering.open.push(subjects);
      return;
    }
    for (const ready of this.#planner.rules(profile)) {
      const { rule } = ready;
      const ports = this.#ports.numberOf(rule);
      if (ready.peers === 'any' || rule.peers.type !== 'of') {
        gathering.anyone.add(ports, rule, subjects);
        continue;
      }
      for (const [i, selector] of rule.peers.selectors.entries()) {
        const matcher = ready.peers[i] as Matcher;
        let peer = gathering.peers.get(matcher);
        if (peer === undefined) {
          const own = relativity(selector) !== 'none';
          peer = { row: this.#planner.peerRow(selector, matcher), own, opened: new Opened(this.#ports) };
          gathering.peers.set(matcher, peer);
        }
        peer.opened.add(ports, rule, subjects);
      }
    }
  }

  #admission(peerSet: number): Admission {
    let known = this.#admissions.get(peerSet);
    if (known === undefined) {
      const wide = [this.#anyone];
      const own: Opened[] = [];
      for (let at = peerSet; at !== 0; at = this.#peerSets.before[at] as number) {
        const peer = this.#peerSets.peers[at] as IngressPeer;
        (peer.own ? own : wide).push(peer.opened);
      }
      const variants = this.#ports.variants([...wide, ...own].flatMap(({ numbers }) => [...numbers]));
      this.#admissions.set(peerSet, (known = { wide, own, variants }));
    }
    return known;
  }

  #bucket(sources: readonly number[], ports: readonly PortClass[], arrays: RowArrays): RowBucket {
    const first = sources[0] as number;
    const plan = this.#plans[this.#egress.of[first] as number] as Plan;
    const admission = this.#admission(this.#peerSets.of[first] as number);
    const leaving = this.#ports.variants(plan.rules.map(({ number }) => number));
    const entering = admission.variants;
    const [sent, let_]: [(Half | undefined)[], (Half | undefined)[]] = [[], []];
    const numbers = new Map<number, number>();
    const halves: (readonly [Half, Half])[] = [];
    const rows: Uint32Array[] = [];
    const of = new Uint16Array(ports.length);
    for (const [i, port] of ports.entries()) {
      const [e, a] = [leaving.of[port.index] as number, entering.of[port.index] as number];
      const key = e * 0x10000 + a;
      let number = numbers.get(key);
      if (number === undefined) {
        numbers.set(key, (number = rows.length));
        const out = (sent[e] ??= this.#sent(plan, port, arrays));
        const in_ = (let_[a] ??= this.#admitted(admission, port, arrays));
        halves.push([out, in_]);
        const row = arrays.take();
        for (let w = 0; w < row.length; w++) row[w] = (out.words[w] as number) & (in_.words[w] as number);
        rows.push(row);
      }
      of[i] = number;
    }
    return new PlainBucket(sources, rows, of, halves, this.#classes);
  }

  /** The destinations that a plan sends to at a port. */
  #sent({ open, rules }: Plan, port: PortClass, arrays: RowArrays): Half {
    const words = arrays.take();
    const own: BitRow[] = [];
    if (open) orInto(words, 0, this.#selectors.all);
    for (const each of rules) {
      const wide = this.#ports.within(each.any ? this.#selectors.all : each.wide, each.rule.ports, port);
      if (wide === null) continue;
      orInto(words, 0, wide);
      if (each.own === EMPTY_ROW) continue;
      const near = this.#ports.within(each.own, each.rule.ports, port);
      if (near !== null) own.push(near);
    }
    return { words, own };
  }

  /** The destinations that admit the sources of an admission at a port. */
  #admitted({ wide, own }: Admission, port: PortClass, arrays: RowArrays): Half {
    const words = arrays.take();
    orInto(words, 0, this.#openTo);
    for (const each of wide) orInto(words, 0, each.at(port));
    return { words, own: own.map((each) => each.at(port)).filter((row) => row !== EMPTY_ROW) };
  }
}

/** Words that buckets of a walk may keep for the sources to come. */
const KEPT_WORDS = 4 * 1024 * 1024;

/** Arrays of one row each, given out empty. */
class RowArrays {
  readonly #words: number;
  readonly #arrays: Uint32Array[] = [];
  #next = 0;

  constructor(words: number) {
    this.#words = words;
  }

  /** Words given out so far. */
  get taken(): number {
    return this.#next * this.#words;
  }

  take(): Uint32Array {
    const known = this.#arrays[this.#next++];
    if (known !== undefined) return known.fill(0);
    const made = new Uint32Array(this.#words);
    this.#arrays.push(made);
    return made;
  }

  /** Gives out the same arrays again. */
  reuse(): void {
    this.#next = 0;
  }
}

/** The rows of one source of a bucket, by port asked about. */
function rowsFor(bucket: RowBucket, source: number): readonly Uint32Array[] {
  bucket.show(source);
  return Array.from(bucket.of, (number) => bucket.rows[number] as Uint32Array);
}

/** Collects, by peer of ingress rules, the classes that the rules protect. */
class Gathering {
  readonly open: BitRow[] = [];
  readonly anyone: Opened;
  readonly peers = new Map<Matcher, IngressPeer>();
  readonly #members: number[][];

  constructor(count: number, { profiles, of }: ProfileTable, ports: RulePorts) {
    this.anyone = new Opened(ports);
    this.#members = profiles.map(() => []);
    for (let id = 0; id < count; id++) (this.#members[of[id] as number] as number[]).push(id);
  }

  /** The classes of a profile. */
  subjects(profile: number): BitRow {
    return rowOfList(this.#members[profile] as readonly number[]);
  }
}

/** A row of ascending class numbers. */
function rowOfList(ids: readonly number[]): BitRow {
  const first = ids[0];
  if (first === undefined) return EMPTY_ROW;
  const start = first >>> 5;
  const words = new Uint32Array(((ids.at(-1) as number) >>> 5) - start + 1);
  for (const id of ids) words[(id >>> 5) - start] = (words[(id >>> 5) - start] as number) | (1 << (id & 31));
  return { start, words };
}

/**
 * Destinations that one peer of ingress rules opens. They are gathered by port specification, and read as one row for
 * each port class: many sources ask there, and a peer may have as many specifications as there are rules.
 */
class Opened {
  readonly #ports: RulePorts;
  readonly #bySpec = new Map<number, { rule: PolicyEntry; subjects: BitRow[] }>();
  /** By number of port class; made when asked for. */
  readonly #at: BitRow[] = [];

  constructor(ports: RulePorts) {
    this.#ports = ports;
  }

  /** The port specifications. */
  get numbers(): Iterable<number> {
    return this.#bySpec.keys();
  }

  add(spec: number, rule: PolicyEntry, subjects: BitRow): void {
    const known = this.#bySpec.get(spec);
    if (known === undefined) this.#bySpec.set(spec, { rule, subjects: [subjects] });
    else known.subjects.push(subjects);
  }

  at(port: PortClass): BitRow {
    return (this.#at[port.index] ??= this.#union(port));
  }

  #union(port: PortClass): BitRow {
    const rows: BitRow[] = [];
    for (const gathered of this.#bySpec.values()) {
      if (gathered.subjects.length > 1) gathered.subjects = [unionRows(gathered.subjects)];
      const row = this.#ports.within(gathered.subjects[0] as BitRow, gathered.rule.ports, port);
      if (row !== null) rows.push(row);
    }
    return unionRows(rows);
  }
}

/** Sets of peers as a tree: each is another set with one peer more. Number 0 is the empty set. */
interface PeerSets {
  readonly before: readonly number[];
  readonly peers: readonly IngressPeer[];
  /** By class, the set of the peers that hold it. */
  readonly of: Uint32Array;
}

/** Splits the classes by the peers that hold them: one peer after the other splits what came of those before. */
function peerSets(all: Iterable<IngressPeer>, count: number): PeerSets {
  const of = new Uint32Array(count);
  const before: number[] = [0];
  const peers: IngressPeer[] = [];
  for (const peer of all) {
    const next = new Map<number, number>();
    const base = peer.row.start * 32;
    forEachBit(peer.row.words, (bit) => {
      const id = base + bit;
      const was = of[id] as number;
      let is = next.get(was);
      if (is === undefined) {
        next.set(was, (is = before.length));
        before.push(was);
        peers[is] = peer;
      }
      of[id] = is;
    });
  }
  return { before, peers, of };
}

class PlainBucket implements RowBucket {
  readonly sources: readonly number[];
  readonly rows: readonly Uint32Array[];
  readonly of: Uint16Array;
  readonly #halves: readonly (readonly [Half, Half])[];
  readonly #classes: ClassTable;
  readonly #hasOwn: boolean;
  #shown: readonly [number, number] = NO_WORDS;

  constructor(
    sources: readonly number[],
    rows: readonly Uint32Array[],
    of: Uint16Array,
    halves: readonly (readonly [Half, Half])[],
    classes: ClassTable,
  ) {
    this.sources = sources;
    this.rows = rows;
    this.of = of;
    this.#halves = halves;
    this.#classes = classes;
    this.#hasOwn = halves.some(([out, in_]) => out.own.length > 0 || in_.own.length > 0);
  }

  show(source: number): readonly [number, number] {
    if (!this.#hasOwn) return NO_WORDS;
    this.#fill(this.#shown, null);
    const namespace = this.#classes.representatives[source]?.namespace ?? '';
    const [from, to] = this.#classes.ranges.get(namespace) ?? NO_WORDS;
    this.#shown = [from >>> 5, (to + 31) >>> 5];
    this.#fill(this.#shown, [from, to]);
    return this.#shown;
  }

  /** Writes some words of every row, with what the classes `[from, to)` of the source's namespace add. */
  #fill([first, last]: readonly [number, number], range: readonly [number, number] | null): void {
    for (const [number, [out, in_]] of this.#halves.entries()) {
      const row = this.rows[number] as Uint32Array;
      for (let w = first; w < last; w++) {
        const inside = range === null ? 0 : maskOf(w, range[0], range[1]);
        row[w] =
          ((out.words[w] as number) | (ownWord(out.own, w) & inside)) &
          ((in_.words[w] as number) | (ownWord(in_.own, w) & inside));
      }
    }
  }
}

const NO_WORDS: readonly [number, number] = [0, 0];

function ownWord(rows: readonly BitRow[], word: number): number {
  let out = 0;
  for (const row of rows) out |= row.words[word - row.start] ?? 0;
  return out;
}

/** The bits of a word that stand for classes of `[from, to)`. */
function maskOf(word: number, from: number, to: number): number {
  const low = Math.max(from - word * 32, 0);
  const high = Math.min(to - word * 32, 32);
  if (high <= low) return 0;
  const upTo = high === 32 ? 0xffffffff : (1 << high) - 1;
  return upTo & ~((1 << low) - 1);
}
