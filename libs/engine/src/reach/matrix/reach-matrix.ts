import { finish } from '../../base/index.js';
import type { Direction, Protocol } from '../../model/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { PolicySet } from '../../compile/policy-set.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { hasBit } from './bit-row.js';
import type { BitRow } from './bit-row.js';
import { buildClasses } from './class-table.js';
import type { ClassTable } from './class-table.js';
import { ClassWalk } from './class-walk.js';
import { isPlain, PlainRows } from './plain-rows.js';
import { otherProtocols, portTable } from './port-classes.js';
import type { PortClass } from './port-classes.js';
import { profilesOf } from './profiles.js';
import type { ProfileTable } from './profiles.js';
import type { Bracket, RowBucket, SourceStep } from './row-bucket.js';
import { RulePorts } from './rule-ports.js';
import { SelectorRows } from './selector-rows.js';
import { WalkedRows } from './walked-rows.js';

/**
 * All pairs of a snapshot at once, by class. A row holds the destination classes that a source class reaches; rows are
 * made by OR and AND of the rows of interned selectors, never by asking about a pair.
 *
 * The own-node exemption and a pod's traffic to itself concern single endpoints, not classes: callers that expand
 * classes to endpoints account for them.
 */
export class ReachMatrix {
  readonly classes: ClassTable;
  readonly endpoints: readonly Endpoint[];
  readonly #set: PolicySet;
  readonly #unenforced: ReadonlySet<string>;
  readonly #ports: RulePorts;
  readonly #selectors: SelectorRows;
  readonly #plain = new Map<Bracket, PlainRows>();
  readonly #isPlain: boolean;
  #profiles: Readonly<Record<Direction, ProfileTable>> | null = null;

  constructor(
    set: PolicySet,
    endpoints: readonly Endpoint[],
    unenforced: ReadonlySet<string> = new Set(),
    /** Classes that are at least as fine as those of `set`, for tables of several sets. */
    classes: ClassTable = buildClasses(endpoints, [set], unenforced),
    /** Protocols beyond TCP, UDP and SCTP to make rows for: what `set` names, and tables beside this one. */
    others: readonly Protocol[] = otherProtocols([set]),
  ) {
    this.endpoints = endpoints;
    this.#set = set;
    this.#unenforced = unenforced;
    this.classes = classes;
    this.#ports = new RulePorts(portTable(set, classes.representatives, others), classes);
    this.#selectors = new SelectorRows(classes);
    this.#isPlain = isPlain(set);
  }

  /** Words of a whole row. */
  get words(): number {
    return (this.classes.count + 31) >>> 5;
  }

  get ports(): readonly PortClass[] {
    return this.#ports.ports;
  }

  /** Without rules every row is full. */
  get hasRules(): boolean {
    return this.#set.rules.length > 0;
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
   * that it reaches there. Rows that are equal may be one array, and all are reused: copy what you keep. No step takes
   * long, whatever the size. With `among`, what rows say of other destinations than these means nothing.
   */
  *sources(
    ports: readonly PortClass[],
    bracket: Bracket = 'certain',
    wanted: (source: number) => boolean = () => true,
    among: BitRow | null = null,
  ): Generator<SourceStep> {
    if (this.#isPlain && among !== null) {
      const rows = yield* this.#makingRowsAmong(among, wanted, bracket);
      yield* rows.sources(ports, wanted);
      return;
    }
    yield* this.#preparing();
    if (this.#isPlain) {
      yield* this.#plainRows(bracket).sources(ports, wanted);
      return;
    }
    const walk = new ClassWalk(this.#set, this.classes, this.#ports, this.#selectors, this.profiles);
    yield* new WalkedRows(walk, this.classes, this.#ports, bracket).sources(ports, wanted);
  }

  /** All sources by buckets that share most of their rows, for those who count and need no order. */
  forEachBucket(ports: readonly PortClass[], visit: (bucket: RowBucket) => void, bracket: Bracket = 'certain'): void {
    if (this.#isPlain) {
      this.#plainRows(bracket).forEachBucket(ports, visit);
      return;
    }
    const of = Uint32Array.from(ports, (_, i) => i);
    this.forEachSource(ports, (source, rows) => visit({ sources: [source], rows, of, show: () => [0, 0] }), bracket);
  }

  /** The rows of one source class; null where they cannot be made one by one. Copy what you keep. */
  rowsOf(source: number, ports: readonly PortClass[], bracket: Bracket = 'certain'): readonly Uint32Array[] | null {
    return this.#isPlain ? this.#plainRows(bracket).rowsOf(source, ports) : null;
  }

  /** What selects each class, by direction. */
  get profiles(): Readonly<Record<Direction, ProfileTable>> {
    return finish(this.#preparing());
  }

  *#preparing(): Generator<null, Readonly<Record<Direction, ProfileTable>>> {
    if (this.#profiles !== null) return this.#profiles;
    const ingress = profilesOf(this.#set, this.classes, 'ingress', this.#unenforced);
    yield null;
    const egress = profilesOf(this.#set, this.classes, 'egress', this.#unenforced);
    yield null;
    return (this.#profiles = { ingress, egress });
  }

  #plainRows(bracket: Bracket): PlainRows {
    let known = this.#plain.get(bracket);
    if (known === undefined) {
      const { egress, ingress } = this.profiles;
      known = new PlainRows(this.classes, this.#ports, this.#selectors, egress, ingress, bracket);
      this.#plain.set(bracket, known);
    }
    return known;
  }

  /** Rows of some sources to some destinations: others are not looked at. */
  *#makingRowsAmong(among: BitRow, wanted: (source: number) => boolean, bracket: Bracket): Generator<null, PlainRows> {
    const ingress = profilesOf(this.#set, this.classes, 'ingress', this.#unenforced, (id) => hasBit(among, id));
    yield null;
    const egress = profilesOf(this.#set, this.classes, 'egress', this.#unenforced, wanted);
    yield null;
    return new PlainRows(this.classes, this.#ports, this.#selectors, egress, ingress, bracket, among);
  }
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
