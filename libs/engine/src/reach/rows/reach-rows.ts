import type { Protocol } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import type { BitRow } from '../matrix/bit-row.js';
import { buildClasses } from '../matrix/class-table.js';
import type { ClassTable } from '../matrix/class-table.js';
import { otherProtocols } from '../matrix/port-classes.js';
import type { PortClass } from '../matrix/port-classes.js';
import { ReachMatrix } from '../matrix/reach-matrix.js';
import type { Bracket, SourceRows, SourceStep } from '../matrix/row-bucket.js';
import { RowJoins } from '../matrix/row-joins.js';
import { familyMasks } from './family-masks.js';
import type { FamilyMasks } from './family-masks.js';
import { familyViews } from './family-views.js';
import { familyOfPorts, refinePorts } from './refine-ports.js';
import type { PortPieces } from './refine-ports.js';

/** `allow`: what certainly passes. `unknown`: what may pass and may not. */
export type RowVerdict = 'allow' | 'unknown';

export interface WalkOptions {
  readonly verdict?: RowVerdict;
  /** Numbers of the port classes to give rows for; all when absent. */
  readonly ports?: readonly number[];
  readonly wanted?: (source: number) => boolean;
  /** What rows say of other destinations than these means nothing; null for all. */
  readonly among?: BitRow | null;
}

/** A port class with its class in each matrix. */
interface SharedPorts extends PortPieces {
  readonly of: ReadonlyMap<ReachMatrix, PortClass>;
}

/**
 * The rows of one reading of a snapshot, made one source class at a time: nothing is kept, so that all connections of a
 * large cluster can be told while they are found. Where several engines or variants of policy are in play they share
 * one table of classes; a flow is certain when all of them let it pass, possible when each engine may.
 *
 * A pair that shares both address families is judged in each, and what one of them admits counts. The own-node exemption
 * and traffic of an endpoint to itself concern single endpoints and are not in the rows.
 */
export class ReachRows {
  readonly words: number;
  readonly ports: readonly PortPieces[];
  readonly #shared: readonly SharedPorts[];
  readonly #maskOf: FamilyMasks;

  private constructor(
    readonly endpoints: readonly Endpoint[],
    readonly classes: ClassTable,
    private readonly views: readonly View[],
    /** The protocols beyond TCP, UDP and SCTP that there are rows of. */
    readonly others: readonly Protocol[],
  ) {
    this.words = (classes.count + 31) >>> 5;
    this.ports = this.#shared = sharedPorts(views.flatMap(({ matrices }) => matrices.flat()));
    this.#maskOf = familyMasks(classes.representatives, this.words);
  }

  /**
   * The rows over all endpoints of a snapshot and some more, at TCP, UDP, SCTP and what else its policies name or `others`
   * says. The way there may pause at each null.
   */
  static *open(
    snapshot: CompiledSnapshot,
    reading: ReadingName,
    extra: readonly Endpoint[] = [],
    others: readonly Protocol[] = otherProtocols(snapshot[reading].sets),
  ): Generator<null, ReachRows> {
    const { engines, sets } = snapshot[reading];
    const endpoints = extra.length === 0 ? snapshot.endpoints : [...snapshot.endpoints, ...extra];
    const unenforced = new Set(engines.flatMap(({ enforcement }) => [...enforcement.unenforcedNodes]));
    const classes = buildClasses(endpoints, sets, unenforced);
    yield null;
    const views: View[] = [];
    for (const { family, classes: seen } of familyViews(classes, sets)) {
      const matrices: ReachMatrix[][] = [];
      for (const { variants, enforcement } of engines) {
        const ofEngine: ReachMatrix[] = [];
        for (const set of variants) {
          ofEngine.push(new ReachMatrix(set, endpoints, enforcement.unenforcedNodes, seen, others));
          yield null;
        }
        matrices.push(ofEngine);
      }
      views.push({ family, matrices, deciding: decidingOf(matrices.flat()) });
    }
    return new ReachRows(endpoints, classes, views, others);
  }

  /**
   * Every wanted source class in ascending order, null where the walk may pause. Rows that are equal may be one array,
   * and all are reused: copy what you keep.
   */
  *sources(options: WalkOptions = {}): Generator<SourceStep> {
    const { verdict = 'allow', ports, wanted = () => true, among = null } = options;
    const chosen = ports === undefined ? this.#shared : ports.map((index) => this.#shared[index] as SharedPorts);
    const [view] = this.views as readonly [View];
    const only = this.views.length === 1 ? onlyOf(view) : null;
    if (only === null || verdict !== 'allow') {
      yield* this.#joined(chosen, verdict, wanted);
      return;
    }
    const joins = new RowJoins(this.words);
    const spoken = familiesOf(chosen);
    for (const step of only.sources(portsIn(only, chosen), 'certain', wanted, among)) {
      yield step === null ? null : this.#maskedStep(step, spoken, joins);
    }
  }

  /** What certainly passes from one source class, by port class; null where rows cannot be made one by one. */
  rowsOf(source: number): readonly Uint32Array[] | null {
    const found: (readonly Uint32Array[])[] = [];
    for (const view of this.views) {
      const only = onlyOf(view);
      const rows = only?.rowsOf(source, portsIn(only, this.#shared)) ?? null;
      if (rows === null) return null;
      found.push(rows);
    }
    const joins = new RowJoins(this.words);
    if (this.views.length === 1) {
      return this.#masked(source, found[0] as readonly Uint32Array[], familiesOf(this.#shared), joins);
    }
    return this.#shared.map((ports, port) =>
      this.#either(source, ports, joins, (view) => found[view]?.[port] as Uint32Array),
    );
  }

  /** What is admitted in one of the families that a source shares with a destination and a port belongs to. */
  #either(source: number, ports: PortPieces, joins: RowJoins, rowIn: (view: number) => Uint32Array): Uint32Array {
    const endpoint = this.classes.representatives[source] as Endpoint;
    const spoken = familyOfPorts(ports);
    let out: Uint32Array | null = null;
    for (const [view, { family }] of this.views.entries()) {
      if (spoken !== null && family !== null && family !== spoken) continue;
      const mask = this.#maskOf(endpoint, family ?? spoken);
      const row = mask === null ? rowIn(view) : joins.of('and', rowIn(view), mask);
      out = out === null ? row : joins.of('or', out, row);
    }
    return out as Uint32Array;
  }

  #maskedStep(step: SourceRows, spoken: SpokenFamilies, joins: RowJoins): SourceRows {
    const rows = this.#masked(step.source, step.rows, spoken, joins);
    return rows === step.rows ? step : { source: step.source, rows, shared: null };
  }

  /** Rows without the destinations that share no address family with the source, in arrays that are given out again. */
  #masked(
    source: number,
    rows: readonly Uint32Array[],
    spoken: SpokenFamilies,
    joins: RowJoins,
  ): readonly Uint32Array[] {
    const endpoint = this.classes.representatives[source] as Endpoint;
    const masks = new Map(spoken.all.map((family) => [family, this.#maskOf(endpoint, family)]));
    if ([...masks.values()].every((mask) => mask === null)) return rows;
    joins.reuse();
    return rows.map((row, port) => {
      const mask = masks.get(spoken.of[port] as SpokenFamily) as Uint32Array | null;
      return mask === null ? row : joins.of('and', row, mask);
    });
  }

  /** The same over several matrices, walked side by side. */
  *#joined(
    chosen: readonly SharedPorts[],
    verdict: RowVerdict,
    wanted: (source: number) => boolean,
  ): Generator<SourceStep> {
    const certain = this.views.map(({ deciding }) => new Readings([deciding], chosen, 'certain', wanted));
    const possible =
      verdict === 'unknown'
        ? this.views.map(({ matrices }) => new Readings(matrices, chosen, 'possible', wanted))
        : null;
    const joins = new RowJoins(this.words);
    for (let source = 0; source < this.classes.count; source++) {
      if (!wanted(source)) continue;
      for (const each of [...certain, ...(possible ?? [])]) yield* each.advance();
      joins.reuse();
      const rows = chosen.map((ports, port) => {
        const admitted = (readings: readonly Readings[]): Uint32Array =>
          this.#either(source, ports, joins, (view) => (readings[view] as Readings).rowAt(port, joins));
        return possible === null ? admitted(certain) : joins.of('without', admitted(possible), admitted(certain));
      });
      yield { source, rows, shared: null };
    }
  }
}

/** The matrices of one view of the families, by engine and variant. */
interface View {
  readonly family: SpokenFamily;
  readonly matrices: readonly (readonly ReachMatrix[])[];
  /** Those that decide what is certain: every variant must admit it, and one without rules admits all. */
  readonly deciding: readonly ReachMatrix[];
}

function decidingOf(all: readonly ReachMatrix[]): readonly ReachMatrix[] {
  const withRules = all.filter(({ hasRules }) => hasRules);
  return withRules.length === 0 ? all.slice(0, 1) : withRules;
}

/** The matrix that alone decides what is certain. */
function onlyOf({ deciding }: View): ReachMatrix | null {
  return deciding.length === 1 ? (deciding[0] as ReachMatrix) : null;
}

/** The address family that ports belong to; null for any. */
type SpokenFamily = 4 | 6 | null;

interface SpokenFamilies {
  /** By place of the ports. */
  readonly of: readonly SpokenFamily[];
  readonly all: readonly SpokenFamily[];
}

function familiesOf(ports: readonly PortPieces[]): SpokenFamilies {
  const of = ports.map(familyOfPorts);
  return { of, all: [...new Set(of)] };
}

/** The coarsest classes of ports on which every matrix is constant. */
function sharedPorts([first, ...others]: readonly ReachMatrix[]): readonly SharedPorts[] {
  const alone = (first as ReachMatrix).ports.map((port) => ({
    pieces: port.pieces,
    of: new Map([[first as ReachMatrix, port]]),
  }));
  return others.reduce<readonly SharedPorts[]>(
    (known, matrix) =>
      refinePorts(known, matrix.ports).map(({ pieces, a, b }) => ({
        pieces,
        of: new Map([...(known[a] as SharedPorts).of, [matrix, matrix.ports[b] as PortClass]]),
      })),
    alone,
  );
}

function portsIn(matrix: ReachMatrix, shared: readonly SharedPorts[]): readonly PortClass[] {
  return shared.map(({ of }) => of.get(matrix) as PortClass);
}

/** One matrix on its way through the sources. */
interface MatrixWalk {
  readonly walk: Iterator<SourceStep>;
  /** Which of its rows holds each chosen port. */
  readonly rowOf: readonly number[];
  rows: readonly Uint32Array[];
}

/** All matrices, walked side by side under one bracket. */
class Readings {
  /** By engine and variant. */
  readonly #engines: readonly (readonly MatrixWalk[])[];

  constructor(
    engines: readonly (readonly ReachMatrix[])[],
    chosen: readonly SharedPorts[],
    readonly bracket: Bracket,
    wanted: (source: number) => boolean,
  ) {
    this.#engines = engines.map((variants) =>
      variants.map((matrix) => {
        const ports = portsIn(matrix, chosen);
        const asked = [...new Set(ports)];
        const rowOf = ports.map((port) => asked.indexOf(port));
        return { walk: matrix.sources(asked, bracket, wanted), rowOf, rows: [] };
      }),
    );
  }

  /** Moves every walk to its next source. */
  *advance(): Generator<null> {
    for (const each of this.#engines.flat()) {
      for (let step = each.walk.next(); step.done !== true; step = each.walk.next()) {
        if (step.value !== null) {
          each.rows = step.value.rows;
          break;
        }
        yield null;
      }
    }
  }

  /** What passes at a chosen port: every engine, and of its variants all (certain) or one (possible). */
  rowAt(port: number, joins: RowJoins): Uint32Array {
    const join = this.bracket === 'certain' ? 'and' : 'or';
    let out: Uint32Array | null = null;
    for (const variants of this.#engines) {
      let passes: Uint32Array | null = null;
      for (const { rows, rowOf } of variants) {
        const row = rows[rowOf[port] as number] as Uint32Array;
        passes = passes === null ? row : joins.of(join, passes, row);
      }
      out = out === null ? passes : joins.of('and', out, passes as Uint32Array);
    }
    return out as Uint32Array;
  }
}
