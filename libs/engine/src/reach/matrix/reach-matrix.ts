import type { Direction } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { MAYBE, NO } from '../../compile/match-selector.js';
import { samePolicy } from '../../compile/policy-set.js';
import type { PolicySet, ReadyEntry, ReadyTier } from '../../compile/policy-set.js';
import { matchCondition } from '../../eval/match-condition.js';
import { matchPorts } from '../../eval/match-ports.js';
import type { Flow } from '../../eval/flow.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { intersectRow, orInto, rowOf, transpose32 } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import { AdmittedRows, plainIngress } from './admitted-rows.js';
import { buildClasses } from './class-table.js';
import type { ClassTable } from './class-table.js';
import { portTable } from './port-classes.js';
import type { PortClass, PortTable } from './port-classes.js';
import { SelectorRows } from './selector-rows.js';

/** How what cannot be told is read: against every flow, or in favour of it. */
export type Bracket = 'certain' | 'possible';

/** One step of a walk over sources: a source class with its rows, or null where the walk may pause. */
export type SourceStep = { readonly source: number; readonly rows: readonly Uint32Array[] } | null;

/** An entry that selects a class, with its place in its tier's order. */
interface Applicable {
  readonly ready: ReadyEntry;
  readonly group: number;
  readonly certain: boolean;
}

/** Words of sources evaluated at a time, at most: their rows stay small enough for the processor's caches. */
const BLOCK_WORDS = 32;
/** Words that the rows of one block may take. */
const BLOCK_LIMIT = 8 * 1024 * 1024;

/** The port classes that a subject can tell apart in one direction: `of` gives each class its variant. */
interface Variants {
  readonly of: Uint16Array;
  /** One port class of each variant. */
  readonly ports: readonly PortClass[];
}

/**
 * All pairs of a snapshot at once, by class. A row holds the destination classes that a source class reaches; rows are
 * made by OR and AND of the rows of interned selectors, never by asking about a pair.
 *
 * The own-node exemption and a pod's traffic to itself concern single endpoints, not classes: callers that expand
 * classes to endpoints account for them (`expandPairs`).
 */
export class ReachMatrix {
  readonly classes: ClassTable;
  readonly endpoints: readonly Endpoint[];
  readonly #ports: PortTable;
  readonly #variants = new Map<string, Variants>();
  readonly #variantsBySubject: Record<Direction, (Variants | undefined)[]> = { ingress: [], egress: [] };
  /** A row's worth of words that one walk may write to. */
  #scratch = new Uint32Array(0);
  readonly #set: PolicySet;
  readonly #selectors: SelectorRows;
  readonly #unenforced: ReadonlySet<string>;
  readonly #applicable: Record<Direction, (readonly (readonly Applicable[])[] | undefined)[]> = {
    ingress: [],
    egress: [],
  };
  readonly #named = new Map<string, BitRow>();
  readonly #words: number;
  /** Whether a pass that may or may not match is followed, and whether the last walk met one. */
  #followPass = false;
  #openPass = false;

  constructor(
    set: PolicySet,
    endpoints: readonly Endpoint[],
    unenforced: ReadonlySet<string> = new Set(),
    /** Classes that are at least as fine as those of `set`, for tables of several sets. */
    classes: ClassTable = buildClasses(endpoints, [set], unenforced),
  ) {
    this.#set = set;
    this.endpoints = endpoints;
    this.#unenforced = unenforced;
    this.classes = classes;
    this.#ports = portTable(set, this.classes.representatives);
    this.#selectors = new SelectorRows(this.classes);
    this.#words = (this.classes.members.length + 31) >>> 5;
  }

  /** Words of a whole row. */
  get words(): number {
    return this.#words;
  }

  get ports(): readonly PortClass[] {
    return this.#ports.classes;
  }

  /** Calls `visit` for every source class with its row for one port class; see `forEachSource`. */
  forEachRow(port: PortClass, visit: (source: number, row: Uint32Array) => void, bracket: Bracket = 'certain'): void {
    this.forEachSource([port], (source, rows) => visit(source, rows[0] as Uint32Array), bracket);
  }

  /** Calls `visit` for every step of `sources` that has rows. */
  forEachSource(
    ports: readonly PortClass[],
    visit: (source: number, rows: readonly Uint32Array[]) => void,
    bracket: Bracket = 'certain',
  ): void {
    for (const step of this.sources(ports, bracket)) if (step !== null) visit(step.source, step.rows);
  }

  /**
   * Every source class that is `wanted`, in ascending order, with one row for each of `ports`: the destination classes
   * that it reaches there. The rows are reused: copy what you keep. No step takes long, whatever the size.
   */
  *sources(
    ports: readonly PortClass[],
    bracket: Bracket = 'certain',
    wanted: (source: number) => boolean = () => true,
  ): Generator<SourceStep> {
    const count = this.classes.members.length;
    const rows = ports.map(() => new Uint32Array(this.#words));
    const plain = plainIngress(this.#set);
    if (plain !== null) {
      yield* this.#plainSources(plain, ports, rows, bracket, wanted);
      return;
    }
    const fits = Math.floor(BLOCK_LIMIT / (32 * Math.max(1, this.#words * ports.length)));
    const step = Math.max(1, Math.min(BLOCK_WORDS, fits));
    for (let block = 0; block < this.#words; block += step) {
      const width = Math.min(step, this.#words - block);
      const end = Math.min(count, (block + width) * 32);
      let admitted: readonly Uint32Array[] | null = null;
      for (let source = block * 32; source < end; source++) {
        if (!wanted(source)) continue;
        admitted ??= yield* this.#ingressBlock(ports, block, width, bracket);
        this.#egressRows(source, ports, rows, bracket);
        const offset = (source - block * 32) * this.#words;
        for (let p = 0; p < rows.length; p++) {
          const row = rows[p] as Uint32Array;
          const turned = admitted[p] as Uint32Array;
          for (let word = 0; word < row.length; word++) {
            row[word] = (row[word] as number) & (turned[offset + word] as number);
          }
        }
        yield { source, rows };
      }
    }
  }

  /** The same where ingress rules only allow: rows by gathered peers, one source at a time. */
  *#plainSources(
    entries: readonly ReadyEntry[],
    ports: readonly PortClass[],
    rows: readonly Uint32Array[],
    bracket: Bracket,
    wanted: (source: number) => boolean,
  ): Generator<SourceStep> {
    const admitted: AdmittedRows[] = [];
    for (const port of ports) {
      admitted.push(new AdmittedRows(entries, this.classes, this.#selectors, port, bracket, this.#unenforced));
      yield null;
    }
    const scratch = new Uint32Array(this.#words);
    for (let source = 0; source < this.classes.members.length; source++) {
      if (!wanted(source)) continue;
      this.#egressRows(source, ports, rows, bracket);
      for (const [p, row] of rows.entries()) (admitted[p] as AdmittedRows).keep(source, row, scratch);
      yield { source, rows };
    }
  }

  /** Egress rows of a source, computed once for ports that its rules treat alike. */
  #egressRows(source: number, ports: readonly PortClass[], rows: readonly Uint32Array[], bracket: Bracket): void {
    const variants = this.#variantsOf('egress', source);
    const first = new Map<number, Uint32Array>();
    for (const [p, port] of ports.entries()) {
      const row = rows[p] as Uint32Array;
      const variant = variants.of[port.index] as number;
      const known = first.get(variant);
      if (known !== undefined) row.set(known);
      else {
        this.#direction('egress', source, port, 0, row, bracket);
        // The copy that other ports start from is taken before ingress is applied, since all of `rows` are filled first.
        first.set(variant, row);
      }
    }
  }

  /** For each port and each source of a block of words, the destinations that admit it: ingress rows, turned around. */
  *#ingressBlock(
    ports: readonly PortClass[],
    block: number,
    width: number,
    bracket: Bracket,
  ): Generator<null, readonly Uint32Array[]> {
    const count = this.classes.members.length;
    const turned = ports.map(() => new Uint32Array(width * 32 * this.#words));
    const tile = new Uint32Array(32);
    const stripes = ports.map(() => new Uint32Array(width * 32));
    for (let first = 0; first < count; first += 32) {
      for (const stripe of stripes) stripe.fill(0);
      for (let i = 0; i < 32 && first + i < count; i++) {
        this.#ingressWindows(first + i, ports, stripes, i * width, width, block, bracket);
      }
      for (const [p, stripe] of stripes.entries()) {
        const into = turned[p] as Uint32Array;
        for (let word = 0; word < width; word++) {
          for (let i = 0; i < 32; i++) tile[i] = stripe[i * width + word] as number;
          transpose32(tile);
          const target = word * 32 * this.#words + (first >>> 5);
          for (let i = 0; i < 32; i++) into[target + i * this.#words] = tile[i] as number;
        }
      }
      yield null;
    }
    return turned;
  }

  #ingressWindows(
    subject: number,
    ports: readonly PortClass[],
    stripes: readonly Uint32Array[],
    at: number,
    width: number,
    block: number,
    bracket: Bracket,
  ): void {
    const variants = this.#variantsOf('ingress', subject);
    const windows: (Uint32Array | undefined)[] = [];
    for (const [p, port] of ports.entries()) {
      const variant = variants.of[port.index] as number;
      let window = windows[variant];
      if (window === undefined) {
        windows[variant] = window = new Uint32Array(width);
        this.#direction('ingress', subject, port, block, window, bracket);
      }
      (stripes[p] as Uint32Array).set(window, at);
    }
  }

  #variantsOf(direction: Direction, subject: number): Variants {
    const cached = this.#variantsBySubject[direction][subject];
    if (cached !== undefined) return cached;
    const used = new Set<number>();
    for (const tier of this.#entriesOf(direction, subject)) {
      for (const { ready } of tier) {
        const number = this.#ports.numbers.get(ready.entry.ports);
        if (number !== undefined) used.add(number);
      }
    }
    const specs = [...used].sort((a, b) => a - b);
    const key = specs.join();
    let known = this.#variants.get(key);
    if (known === undefined) this.#variants.set(key, (known = variantsFor(specs, this.#ports.classes)));
    this.#variantsBySubject[direction][subject] = known;
    return known;
  }

  /**
   * Writes one direction's row of a subject class, limited to the window that begins at word `start`, into `out`. Where
   * a pass is open it is followed both ways: certain is what holds either way, possible what holds in one.
   */
  #direction(
    direction: Direction,
    subject: number,
    port: PortClass,
    start: number,
    out: Uint32Array,
    bracket: Bracket,
  ): void {
    if (!this.#oneWay(direction, subject, port, start, out, bracket, false)) return;
    const other = new Uint32Array(out.length);
    this.#oneWay(direction, subject, port, start, other, bracket, true);
    for (let w = 0; w < out.length; w++) {
      const [a, b] = [out[w] as number, other[w] as number];
      out[w] = bracket === 'certain' ? a & b : a | b;
    }
  }

  /** One walk; says whether it met a pass that may or may not match. */
  #oneWay(
    direction: Direction,
    subject: number,
    port: PortClass,
    start: number,
    out: Uint32Array,
    bracket: Bracket,
    followPass: boolean,
  ): boolean {
    this.#openPass = false;
    this.#followPass = followPass;
    const representative = this.classes.representatives[subject] as Endpoint;
    out.fill(0xffffffff);
    const unenforced = this.#unenforced.has(representative.node);
    const { gates } = this.#set;
    const applicable = this.#entriesOf(direction, subject);
    let at = 0;
    for (const gate of gates) {
      // The mesh judges whether or not a policy agent runs on the node.
      if (!unenforced || gate.id === 'mesh') {
        this.#gate(gate.tiers, applicable, at, representative, direction, port, start, out, bracket);
      }
      at += gate.tiers.length;
    }
    return this.#openPass;
  }

  #gate(
    tiers: readonly ReadyTier[],
    applicable: readonly (readonly Applicable[])[],
    at: number,
    subject: Endpoint,
    direction: Direction,
    port: PortClass,
    start: number,
    out: Uint32Array,
    bracket: Bracket,
  ): void {
    const speaking = tiers.filter((_, i) => (applicable[at + i] as readonly Applicable[]).length > 0);
    if (speaking.length === 0) return;
    if (speaking.length === 1) {
      const entries = applicable[at + tiers.indexOf(speaking[0] as ReadyTier)] as readonly Applicable[];
      if (entries.every(isPlainAllow)) {
        this.#allowsOnly(entries, subject, direction, port, start, out, bracket);
        return;
      }
    }
    const open = new Uint32Array(out.length).fill(0xffffffff);
    const allowed = new Uint32Array(out.length);
    const waiting = new Map<number, Uint32Array>();
    for (let i = 0; i < tiers.length; i++) {
      const passed = waiting.get(i);
      if (passed !== undefined)
        for (let w = 0; w < open.length; w++) open[w] = (open[w] as number) | (passed[w] as number);
      const entries = applicable[at + i] as readonly Applicable[];
      if (entries.length === 0) continue;
      const target = passTarget(tiers, i);
      this.#tier(entries, subject, direction, port, start, open, allowed, bracket, (row) => {
        let known = waiting.get(target);
        if (known === undefined) waiting.set(target, (known = new Uint32Array(out.length)));
        for (let w = 0; w < row.length; w++) known[w] = (known[w] as number) | (row[w] as number);
      });
    }
    const end = waiting.get(tiers.length);
    for (let w = 0; w < out.length; w++) {
      out[w] = (out[w] as number) & ((allowed[w] as number) | (open[w] as number) | (end?.[w] ?? 0));
    }
  }

  /** A tier of allows alone, as NetworkPolicy makes: what they admit, or everything when none of them isolates. */
  #allowsOnly(
    entries: readonly Applicable[],
    subject: Endpoint,
    direction: Direction,
    port: PortClass,
    start: number,
    out: Uint32Array,
    bracket: Bracket,
  ): void {
    if (!entries.some(({ ready, certain }) => ready.entry.isolates && (certain || bracket === 'certain'))) return;
    if (this.#scratch.length !== out.length) this.#scratch = new Uint32Array(out.length);
    const admitted = this.#scratch.fill(0);
    for (const { ready, certain } of entries) {
      if (ready.entry.peers.type === 'none') continue;
      const row = this.#entryRow(ready, certain, subject, direction, port, bracket);
      if (row !== null) orInto(admitted, start, row);
    }
    for (let w = 0; w < out.length; w++) out[w] = (out[w] as number) & (admitted[w] as number);
  }

  /** Moves bits from `open` to `allowed`, to a later tier, or away, as the entries of one tier decide. */
  #tier(
    entries: readonly Applicable[],
    subject: Endpoint,
    direction: Direction,
    port: PortClass,
    start: number,
    open: Uint32Array,
    allowed: Uint32Array,
    bracket: Bracket,
    pass: (row: Uint32Array) => void,
  ): void {
    let isolated = false;
    let i = 0;
    while (i < entries.length) {
      const group = (entries[i] as Applicable).group;
      const matched = { allow: null, deny: null, pass: null } as Record<'allow' | 'deny' | 'pass', Uint32Array | null>;
      const tied = (entries[i] as Applicable).ready.entry.tieUndefined;
      let decided: { by: ReadyEntry; row: Uint32Array } | null = null;
      for (; i < entries.length && (entries[i] as Applicable).group === group; i++) {
        const { ready, certain } = entries[i] as Applicable;
        if (ready.entry.isolates && (certain || bracket === 'certain')) isolated = true;
        if (ready.entry.peers.type === 'none') continue;
        const row = this.#entryRow(ready, certain, subject, direction, port, bracket);
        if (row === null) continue;
        const { action } = ready.entry;
        const into = matched[action] ?? (matched[action] = new Uint32Array(open.length));
        if (!tied) {
          orInto(into, start, row);
          continue;
        }
        // Rules of one policy keep their order: what an earlier one matched is not offered to a later one.
        if (decided === null || !samePolicy(decided.by, ready)) {
          decided = { by: ready, row: new Uint32Array(open.length) };
        }
        takeRest(row, start, decided.row, into);
      }
      settle(matched, open, allowed, pass, tied ? bracket : null);
    }
    if (isolated) open.fill(0);
  }

  /** The peers that an entry matches at a port under a bracket, or null for none. */
  #entryRow(
    ready: ReadyEntry,
    certain: boolean,
    subject: Endpoint,
    direction: Direction,
    port: PortClass,
    bracket: Bracket,
  ): BitRow | null {
    const { entry } = ready;
    const flow: Flow = { protocol: port.protocol, port: port.port, family: null };
    if (entry.conditions.some((condition) => matchCondition(condition, flow) === NO)) return null;
    // Conditions on the request alone do not make an allow uncertain: it holds for such requests.
    const open = entry.conditions.some(
      (condition) =>
        matchCondition(condition, flow) === MAYBE && (condition.type === 'unsupported' || entry.action !== 'allow'),
    );
    const rows = this.#selectors.peers(ready, subject);
    const doubtful = !certain || open;
    if (entry.action === 'pass' && (doubtful || rows.yes !== rows.maybe)) this.#openPass = true;
    const generous = { allow: bracket === 'possible', deny: bracket === 'certain', pass: this.#followPass }[
      entry.action
    ];
    if (doubtful && !generous) return null;
    const named = entry.ports.include !== 'any' && entry.ports.include.some((match) => match.type === 'named');
    const exceptNamed = entry.ports.except.some((match) => match.type === 'named');
    const peers = generous ? rows.maybe : rows.yes;
    if (direction === 'ingress' || !(named || exceptNamed)) {
      return matchPorts(entry.ports, flow, subject) === NO ? null : peers;
    }
    return intersectRow(peers, this.#namedRow(ready, flow));
  }

  /** Egress with port names: the destinations at which the entry's ports match this number. */
  #namedRow(ready: ReadyEntry, flow: Flow): BitRow {
    const key = `${JSON.stringify(ready.entry.ports)} ${flow.protocol}/${flow.port}`;
    let row = this.#named.get(key);
    if (row === undefined) {
      const { representatives } = this.classes;
      row = rowOf(
        0,
        representatives.length,
        (id) => matchPorts(ready.entry.ports, flow, representatives[id] as Endpoint) !== NO,
      );
      this.#named.set(key, row);
    }
    return row;
  }

  #entriesOf(direction: Direction, subject: number): readonly (readonly Applicable[])[] {
    let known = this.#applicable[direction][subject];
    if (known === undefined) {
      const endpoint = this.classes.representatives[subject] as Endpoint;
      known = this.#set.gates.flatMap((gate) => gate.tiers.map((tier) => applicableEntries(tier, direction, endpoint)));
      this.#applicable[direction][subject] = known;
    }
    return known;
  }
}

function variantsFor(specs: readonly number[], classes: readonly PortClass[]): Variants {
  const numbers = new Map<string, number>();
  const ports: PortClass[] = [];
  const of = new Uint16Array(classes.length);
  for (const [i, port] of classes.entries()) {
    const key = specs.map((spec) => port.codes[spec]).join();
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, (number = ports.length));
      ports.push(port);
    }
    of[i] = number;
  }
  return { of, ports };
}

const NOTHING: readonly Applicable[] = [];

function isPlainAllow({ ready }: Applicable): boolean {
  return ready.entry.action === 'allow';
}

function applicableEntries(tier: ReadyTier, direction: Direction, subject: Endpoint): readonly Applicable[] {
  const out: Applicable[] = [];
  for (const [group, entries] of tier.groups[direction].groupsFor(subject).entries()) {
    for (const ready of entries) {
      const value = ready.subject(subject, subject);
      if (value !== NO) out.push({ ready, group, certain: value !== MAYBE });
    }
  }
  return out.length === 0 ? NOTHING : out;
}

function passTarget(tiers: readonly ReadyTier[], index: number): number {
  const name = (tiers[index] as ReadyTier).tier.passTo;
  const target = name === '' ? -1 : tiers.findIndex((candidate) => candidate.tier.id === name);
  return target > index ? target : index + 1;
}

/** Adds to `into` what of `row` is not in `taken` yet, and marks it taken. */
function takeRest(row: BitRow, start: number, taken: Uint32Array, into: Uint32Array): void {
  const found = new Uint32Array(taken.length);
  orInto(found, start, row);
  for (let w = 0; w < found.length; w++) {
    const rest = (found[w] as number) & ~(taken[w] as number);
    into[w] = (into[w] as number) | rest;
    taken[w] = (taken[w] as number) | rest;
  }
}

/** Takes out of `row` what is in `other`. */
function subtract(row: Uint32Array | null, other: Uint32Array | null): void {
  if (row === null || other === null) return;
  for (let w = 0; w < row.length; w++) row[w] = (row[w] as number) & ~(other[w] as number);
}

/**
 * One group of equal order: deny beats allow beats pass. Where the order among policies is not defined, `tie` says
 * whether the best or the worst of what they say counts; a pass leads to an allow or a deny, so it lies between them.
 */
function settle(
  matched: Readonly<Record<'allow' | 'deny' | 'pass', Uint32Array | null>>,
  open: Uint32Array,
  allowed: Uint32Array,
  pass: (row: Uint32Array) => void,
  tie: Bracket | null,
): void {
  const { allow, deny } = matched;
  if (tie === 'certain') {
    subtract(allow, matched.pass);
  } else if (tie === 'possible') {
    subtract(matched.pass, allow);
    subtract(deny, allow);
    subtract(deny, matched.pass);
  }
  if (deny !== null) for (let w = 0; w < open.length; w++) open[w] = (open[w] as number) & ~(deny[w] as number);
  if (allow !== null) {
    for (let w = 0; w < open.length; w++) {
      const hit = (open[w] as number) & (allow[w] as number);
      allowed[w] = (allowed[w] as number) | hit;
      open[w] = (open[w] as number) & ~hit;
    }
  }
  if (matched.pass === null) return;
  const leaving = new Uint32Array(open.length);
  for (let w = 0; w < open.length; w++) {
    leaving[w] = (open[w] as number) & (matched.pass[w] as number);
    open[w] = (open[w] as number) & ~(leaving[w] as number);
  }
  pass(leaving);
}

/** The matrix of a snapshot under one reading; of its first policy set where enforcement is in doubt. */
export function reachMatrix(
  snapshot: CompiledSnapshot,
  reading: ReadingName,
  extra: readonly Endpoint[] = [],
): ReachMatrix {
  const { sets, enforcement } = snapshot[reading];
  return new ReachMatrix(sets[0] as PolicySet, [...snapshot.endpoints, ...extra], enforcement.unenforcedNodes);
}
