import { pushTo } from '../../base/index.js';
import type { PolicyEntry } from '../../model/index.js';
import type { Matcher } from '../../compile/match-selector.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { EMPTY_ROW, hasBit, orInto, rowOfNumbers, unionRows } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import type { ClassTable } from './class-table.js';
import { Opened } from './opened.js';
import { peerSets } from './peer-sets.js';
import type { IngressPeer, PeerSets } from './peer-sets.js';
import { PlainBucket } from './plain-bucket.js';
import type { Half } from './plain-bucket.js';
import { RowArrays } from './row-arrays.js';
import { Planner } from './plan.js';
import type { Plan } from './plan.js';
import { matchesOf } from './port-classes.js';
import type { PortClass } from './port-classes.js';
import type { Profile, ProfileTable } from './profiles.js';
import type { Bracket, RowBucket, SourceStep } from './row-bucket.js';
import type { RulePorts } from './rule-ports.js';
import { relativity } from './selector-rows.js';
import type { SelectorRows } from './selector-rows.js';

/**
 * True when a set only ever allows, in one tier, without conditions and codes of ICMP, and peers are relative to nothing
 * but the subject's namespace: what NetworkPolicy compiles to.
 */
export function isPlain(set: PolicySet): boolean {
  const speaking = set.gates
    .flatMap((gate) => gate.tiers)
    .filter(({ groups }) => !(groups.ingress.isEmpty && groups.egress.isEmpty));
  return speaking.length <= 1 && set.rules.every(isPlainRule);
}

function isPlainRule({ action, conditions, family, subject, peers, ports, carried }: PolicyEntry): boolean {
  if (action !== 'allow' || conditions.length > 0 || family !== null || carried !== undefined) return false;
  if (matchesOf(ports).some((match) => match.type === 'icmp' && match.code !== null)) return false;
  if (relativity(subject) === 'other') return false;
  return peers.type !== 'of' || peers.selectors.every((selector) => relativity(selector) !== 'other');
}

/** One direction of the rows of a bucket. */
interface Side {
  /** By port class: classes of one number have the same row. */
  readonly variants: Uint32Array;
  at(port: PortClass): Half;
}

/** Sources that the same peers of ingress rules name. */
interface Admission {
  readonly wide: readonly Opened[];
  readonly own: readonly Opened[];
  readonly variants: Uint32Array;
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
  /** By number of egress profile. */
  readonly #plans: (Plan | undefined)[] = [];
  readonly #words: number;
  readonly #openTo: BitRow;
  readonly #anyone: Opened;
  readonly #peerSets: PeerSets;
  /** By number of peer set. */
  readonly #admissions = new Map<number, Admission>();

  /** `among`: the only destinations that rows tell of. */
  constructor(
    classes: ClassTable,
    ports: RulePorts,
    selectors: SelectorRows,
    egress: ProfileTable,
    ingress: ProfileTable,
    bracket: Bracket,
    among: BitRow = selectors.all,
  ) {
    this.#classes = classes;
    this.#ports = ports;
    this.#selectors = selectors;
    this.#planner = new Planner(ports, selectors, bracket, among);
    this.#egress = egress;
    this.#words = (classes.count + 31) >>> 5;
    const gathering = new Gathering(classes.count, ingress, ports, among);
    for (const [number, profile] of ingress.profiles.entries()) this.#gather(gathering, number, profile);
    this.#openTo = unionRows(gathering.open);
    this.#anyone = gathering.anyone;
    this.#peerSets = peerSets(gathering.peers.values(), classes.count);
  }

  /** Every source class in one bucket or another; the rows of one bucket live until the next. */
  forEachBucket(ports: readonly PortClass[], visit: (bucket: RowBucket) => void): void {
    // Buckets of one peer set one after the other: they share what is admitted.
    const buckets = new Map<number, Map<Plan, number[]>>();
    for (let source = 0; source < this.#classes.count; source++) {
      const peerSet = this.#peerSets.of[source] as number;
      const plan = this.#planOf(source);
      let ofSet = buckets.get(peerSet);
      if (ofSet === undefined) buckets.set(peerSet, (ofSet = new Map<Plan, number[]>()));
      pushTo(ofSet, plan, source);
    }
    const [forSet, forBucket] = [new RowArrays(this.#words), new RowArrays(this.#words)];
    for (const [peerSet, ofSet] of buckets) {
      forSet.reuse();
      const entering = this.#entering(peerSet, forSet);
      for (const [plan, sources] of ofSet) {
        forBucket.reuse();
        visit(this.#bucket(sources, ports, this.#leaving(plan, forBucket), entering, forBucket));
      }
    }
  }

  /** Every wanted source in ascending order. */
  *sources(ports: readonly PortClass[], wanted: (source: number) => boolean): Generator<SourceStep> {
    const sizes = yield* this.#countingBuckets(wanted);
    const [forAll, forOne] = [new RowArrays(this.#words), new RowArrays(this.#words)];
    const known = new Map<number, KeptBucket>();
    const entering = new Map<number, Side>();
    for (let source = 0; source < this.#classes.count; source++) {
      if (!wanted(source)) continue;
      const key = this.#bucketKey(source);
      let kept = known.get(key);
      if (kept === undefined) {
        if (forAll.taken > KEPT_WORDS) {
          known.clear();
          entering.clear();
          forAll.reuse();
        }
        const peerSet = this.#peerSets.of[source] as number;
        let side = entering.get(peerSet);
        if (side === undefined) entering.set(peerSet, (side = this.#entering(peerSet, forAll)));
        const isShared = (sizes.get(key) as number) > 1;
        if (!isShared) forOne.reuse();
        const bucket = this.#bucketOf(source, ports, side, isShared ? forAll : forOne);
        kept = { bucket, rows: rowsByPort(bucket) };
        if (isShared) known.set(key, kept);
      }
      const { bucket, rows } = kept;
      yield { source, rows, shared: { bucket, own: bucket.show(source) } };
    }
  }

  /** By key of a bucket, how many of the wanted sources are in it: rows of one that has but one are not kept. */
  *#countingBuckets(wanted: (source: number) => boolean): Generator<null, ReadonlyMap<number, number>> {
    const sizes = new Map<number, number>();
    for (let source = 0; source < this.#classes.count; source++) {
      if (source % SOURCES_A_STEP === 0) yield null;
      if (!wanted(source)) continue;
      const key = this.#bucketKey(source);
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
    }
    return sizes;
  }

  /** The rows of one source alone. */
  rowsOf(source: number, ports: readonly PortClass[]): readonly Uint32Array[] {
    const arrays = new RowArrays(this.#words);
    const bucket = this.#bucketOf(source, ports, this.#entering(this.#peerSets.of[source] as number, arrays), arrays);
    bucket.show(source);
    return rowsByPort(bucket);
  }

  #bucketKey(source: number): number {
    const { before, of } = this.#peerSets;
    return this.#planOf(source).id * before.length + (of[source] as number);
  }

  #planOf(source: number): Plan {
    const number = this.#egress.of[source] as number;
    return (this.#plans[number] ??= this.#planner.plan(this.#egress.profiles[number] as Profile));
  }

  #gather(gathering: Gathering, number: number, profile: Profile): void {
    const subjects = gathering.subjects(number);
    if (subjects === EMPTY_ROW) return;
    if (!this.#planner.isolates(profile)) {
      gathering.open.push(subjects);
      return;
    }
    for (const ready of this.#planner.rules(profile)) {
      const { rule } = ready;
      const ports = this.#ports.numberOf(rule);
      if (ready.peers === 'any' || rule.peers.type !== 'of') {
        gathering.anyone.add(ports, subjects);
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
        peer.opened.add(ports, subjects);
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
      let variants: Uint32Array = new Uint32Array(this.#ports.ports.length);
      for (const opened of [...wide, ...own]) variants = opened.split(variants);
      this.#admissions.set(peerSet, (known = { wide, own, variants }));
    }
    return known;
  }

  #bucketOf(source: number, ports: readonly PortClass[], entering: Side, arrays: RowArrays): RowBucket {
    return this.#bucket([source], ports, this.#leaving(this.#planOf(source), arrays), entering, arrays);
  }

  #bucket(
    sources: readonly number[],
    ports: readonly PortClass[],
    leaving: Side,
    entering: Side,
    arrays: RowArrays,
  ): RowBucket {
    const numbers = new Map<number, number>();
    const halves: (readonly [Half, Half])[] = [];
    const rows: Uint32Array[] = [];
    const of = new Uint32Array(ports.length);
    for (let i = 0; i < ports.length; i++) {
      const port = ports[i] as PortClass;
      const key =
        (leaving.variants[port.index] as number) * this.#ports.ports.length + (entering.variants[port.index] as number);
      let number = numbers.get(key);
      if (number === undefined) {
        numbers.set(key, (number = rows.length));
        const [out, in_] = [leaving.at(port), entering.at(port)];
        halves.push([out, in_]);
        const row = arrays.take();
        const to = Math.min(out.to, in_.to);
        for (let w = Math.max(out.from, in_.from); w < to; w++) {
          row[w] = (out.words[w] as number) & (in_.words[w] as number);
        }
        rows.push(row);
      }
      of[i] = number;
    }
    return new PlainBucket(sources, rows, of, halves, this.#classes);
  }

  #leaving(plan: Plan, arrays: RowArrays): Side {
    const variants = this.#ports.variants(plan.rules.map(({ number }) => number));
    return sideOf(variants, (port) => this.#sent(plan, port, arrays));
  }

  #entering(peerSet: number, arrays: RowArrays): Side {
    const admission = this.#admission(peerSet);
    return sideOf(admission.variants, (port) => this.#admitted(admission, port, arrays));
  }

  /** The destinations that a plan sends to at a port. */
  #sent({ open, rules }: Plan, port: PortClass, arrays: RowArrays): Half {
    const everyone: BitRow[] = open ? [this.#selectors.all] : [];
    const own: BitRow[] = [];
    for (const each of rules) {
      const wide = this.#ports.within(each.any ? this.#selectors.all : each.wide, each.number, port);
      if (wide === null) continue;
      everyone.push(wide);
      if (each.own === EMPTY_ROW) continue;
      const near = this.#ports.within(each.own, each.number, port);
      if (near !== null) own.push(near);
    }
    return halfOf(arrays.take(), everyone, own);
  }

  /** The destinations that admit the sources of an admission at a port. */
  #admitted({ wide, own }: Admission, port: PortClass, arrays: RowArrays): Half {
    const near = own.map((each) => each.at(port)).filter((row) => row !== EMPTY_ROW);
    return halfOf(arrays.take(), [this.#openTo, ...wide.map((each) => each.at(port))], near);
  }
}

/** `words`, which are empty, with what holds for every source. */
function halfOf(words: Uint32Array, everyone: readonly BitRow[], own: readonly BitRow[]): Half {
  let [from, to] = [words.length, 0];
  for (const row of everyone) {
    if (row.words.length === 0) continue;
    orInto(words, 0, row);
    from = Math.min(from, row.start);
    to = Math.max(to, row.start + row.words.length);
  }
  return { words, from, to, own };
}

/** A side whose rows are made once for each variant. */
function sideOf(variants: Uint32Array, make: (port: PortClass) => Half): Side {
  const known: (Half | undefined)[] = [];
  return { variants, at: (port) => (known[variants[port.index] as number] ??= make(port)) };
}

/** Sources counted between two pauses. */
const SOURCES_A_STEP = 64;

/** Words that buckets of a walk may keep for the sources to come. */
const KEPT_WORDS = 4 * 1024 * 1024;

/** A bucket with its rows by port asked about. */
interface KeptBucket {
  readonly bucket: RowBucket;
  readonly rows: readonly Uint32Array[];
}

function rowsByPort({ of, rows }: RowBucket): readonly Uint32Array[] {
  return Array.from(of, (number) => rows[number] as Uint32Array);
}

/** Collects, by peer of ingress rules, the classes that the rules protect. */
class Gathering {
  readonly open: BitRow[] = [];
  readonly anyone: Opened;
  readonly peers = new Map<Matcher, IngressPeer>();
  readonly #members: number[][];

  constructor(count: number, { profiles, of }: ProfileTable, ports: RulePorts, among: BitRow) {
    this.anyone = new Opened(ports);
    this.#members = profiles.map(() => []);
    for (let id = 0; id < count; id++) if (hasBit(among, id)) (this.#members[of[id] as number] as number[]).push(id);
  }

  /** The classes of a profile that rows tell of. */
  subjects(profile: number): BitRow {
    return rowOfNumbers(this.#members[profile] as readonly number[]);
  }
}
