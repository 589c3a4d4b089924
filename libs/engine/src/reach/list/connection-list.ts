import type { Protocol } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { NO_CONNECTIONS, PORT_PROTOCOLS, unionConnections } from '../connection-set.js';
import type { ConnectionSet } from '../connection-set.js';
import { connectionsBetween } from '../connections-between.js';
import { otherConnections } from '../other-protocols.js';
import { forEachBit } from '../matrix/bit-row.js';
import type { SourceStep } from '../matrix/row-bucket.js';
import { ReachRows } from '../rows/reach-rows.js';
import type { RowVerdict } from '../rows/reach-rows.js';
import { ConnectionSets, touches } from './connection-sets.js';
import { areApart, Overlaps } from './list-groups.js';
import type { DestinationShare, GroupsByClass, ListGroup } from './list-groups.js';
import type { ListedBy, ListPeer } from './list-peers.js';
import { listSides, usualRows } from './list-sides.js';
import type { ListSides } from './list-sides.js';
import { rowPieces } from './row-pieces.js';
import type { RowPiece } from './row-pieces.js';

/** Which connections to list; everything that is left out does not limit. */
export interface ConnectionListOptions {
  readonly reading: ReadingName;
  readonly verdict?: RowVerdict;
  /** `workload` by default. */
  readonly by?: ListedBy;
  readonly sources?: ReadonlySet<Endpoint> | null;
  /** With what of each counts, as a Service leads to some of its backends' ports; all judge, or none does. */
  readonly destinations?: ReadonlyMap<Endpoint, readonly DestinationShare[]> | null;
  /** The area that a source is in, '' for none that is known; its node where it is left out. */
  readonly areaOf?: (source: Endpoint) => string;
  /** One side at least is among these. */
  readonly focus?: ReadonlySet<Endpoint> | null;
  readonly ports?: ConnectionSet | null;
  /** How to tell endpoints that the snapshot does not hold. */
  readonly names?: ReadonlyMap<Endpoint, ListPeer>;
  /** Addresses outside the cluster count where a side is not limited; true by default. */
  readonly outside?: boolean;
  /** So do nodes; false by default. */
  readonly nodes?: boolean;
  /** Namespaces that may be told. */
  readonly sees?: (namespace: string) => boolean;
}

/** What some endpoint of one peer may open to some other endpoint of another. */
export interface ListedConnection {
  readonly source: ListPeer;
  readonly destination: ListPeer;
  readonly connections: ConnectionSet;
  /** Pairs of endpoints with some connection, and all that were looked at. */
  readonly pairs: number;
  readonly of: number;
  /** Where it is in the list: give it to `rows` to go on behind it. */
  readonly position: readonly [source: number, row: number];
}

/** Rows of one source that are told at once, at most. */
const ROWS_AT_ONCE = 500;

/** What has been found for one source peer, by number of destination peer. */
interface Tally {
  readonly connections: Int32Array;
  readonly pairs: Float64Array;
  /** Those with pairs, each once. */
  readonly found: number[];
}

/**
 * All connections of a snapshot over TCP, UDP, SCTP and other protocols that rules name, by peer, found while they are
 * told: sources in a fixed order, destinations of each by namespace and name. Rows of classes are expanded; no pair is
 * asked about, but for hosts and what runs on their own node. A pair of an endpoint with itself, and of two outside
 * addresses, is none.
 */
export class ConnectionList {
  /** By namespace and name, addresses last. */
  readonly peers: readonly ListPeer[];
  readonly #rows: ReachRows;
  readonly #sets: ConnectionSets;
  readonly #sources: GroupsByClass;
  readonly #destinations: GroupsByClass;
  readonly #byNode: ReadonlyMap<string, readonly ListGroup[]>;
  readonly #hostsByNode: ReadonlyMap<string, readonly ListGroup[]>;
  /** Source peers in order of telling: by the last of their classes. */
  readonly #order: readonly number[];
  readonly #groupsOf: ReadonlyMap<number, readonly ListGroup[]>;
  readonly #targetsOf: ReadonlyMap<number, readonly ListGroup[]>;
  readonly #overlaps = new Overlaps();
  /** Tallies that are free for another source. */
  readonly #free: Tally[] = [];
  readonly #exact = new Map<string, number>();
  /** What judges said, by destination group and source class. */
  readonly #verdicts = new Map<ListGroup, Map<string, number>>();

  private constructor(
    readonly snapshot: CompiledSnapshot,
    readonly options: ConnectionListOptions,
    rows: ReachRows,
    sets: ConnectionSets,
    sides: ListSides,
  ) {
    this.#rows = rows;
    this.#sets = sets;
    this.peers = sides.peers;
    this.#sources = sides.sources;
    this.#destinations = sides.destinations;
    this.#byNode = sides.byNode;
    this.#hostsByNode = sides.hostsByNode;
    this.#groupsOf = sides.groupsOf;
    this.#targetsOf = sides.targetsOf;
    this.#order = sides.order;
  }

  /** Makes a list ready. The way there may pause at each null; what it needs of the snapshot alone is kept with it. */
  static *open(snapshot: CompiledSnapshot, options: ConnectionListOptions): Generator<null, ConnectionList> {
    const usual = yield* usualRows(snapshot, options.reading);
    const { sources, destinations, focus } = options;
    const asked = new Set([...(sources ?? []), ...(destinations?.keys() ?? []), ...(focus ?? [])]);
    const held = asked.size === 0 ? asked : new Set(usual.rows.endpoints);
    const extra = [...asked].filter((endpoint) => !held.has(endpoint));
    const outside = usual.outside.map(({ endpoint }) => endpoint);
    const others = otherProtocolsOf(usual.rows, options.ports ?? NO_CONNECTIONS);
    const isUsual = extra.length === 0 && others.length === usual.rows.others.length;
    const rows = isUsual
      ? usual.rows
      : yield* ReachRows.open(snapshot, options.reading, [...outside, ...extra], others);
    const sets = new ConnectionSets(rows.ports, rows.others, options.ports ?? null);
    const sides = yield* listSides(usual, rows, options);
    return new ConnectionList(snapshot, options, rows, sets, sides);
  }

  /** Every row behind a position, or from the start, some of one source at a time; null where the walk may pause. */
  *rows(after: ListedConnection['position'] = [0, 0]): Generator<readonly ListedConnection[] | null> {
    const [first, skip] = after;
    const place = new Map(this.#order.map((peer, index) => [peer, index]));
    const isLeft = (group: ListGroup): boolean => (place.get(group.peer) as number) >= first;
    const wanted = (id: number): boolean => this.#sources[id]?.some(isLeft) === true;
    const tallies = new Map<number, Tally>();
    const waiting = new Map([...this.#groupsOf].map(([peer, groups]) => [peer, groups.length]));
    const ports = this.#askedPorts();
    const verdict = this.options.verdict ?? 'allow';
    const judged = this.#judged();
    const steps = judged.length > 0 ? this.#judgedSources(wanted) : this.#rows.sources({ verdict, ports, wanted });
    for (const step of steps) {
      if (step === null) {
        yield null;
        continue;
      }
      const pieces = rowPieces(step.rows);
      for (const group of (this.#sources[step.source] as readonly ListGroup[]).filter(isLeft)) {
        const tally = tallies.get(group.peer) ?? this.#free.pop() ?? emptyTally(this.peers.length);
        tallies.set(group.peer, tally);
        if (judged.length > 0) this.#judge(group, judged, tally);
        else this.#count(group, pieces, ports, tally);
        const left = (waiting.get(group.peer) as number) - 1;
        waiting.set(group.peer, left);
        if (left > 0) continue;
        tallies.delete(group.peer);
        const at = place.get(group.peer) as number;
        yield* this.#told(group.peer, tally, at, at === first ? skip : 0);
        clear(tally);
        this.#free.push(tally);
        yield null;
      }
    }
  }

  /** Numbers of the port classes that have anything of what is asked. */
  #askedPorts(): readonly number[] {
    const { ports = null } = this.options;
    const all = [...this.#rows.ports.keys()];
    return ports === null ? all : all.filter((index) => touches(this.#rows.ports[index] as never, ports));
  }

  #judged(): readonly ListGroup[] {
    return this.#destinations.flatMap((groups) => groups ?? []).filter(({ judge }) => judge !== null);
  }

  /** Source classes in order, with no rows. */
  *#judgedSources(wanted: (source: number) => boolean): Generator<SourceStep> {
    for (const source of this.#sources.keys()) if (wanted(source)) yield { source, rows: [], shared: null };
  }

  #judge(group: ListGroup, targets: readonly ListGroup[], tally: Tally): void {
    for (const target of targets) {
      if (areApart(group, target)) continue;
      const pairs = this.#pairs(group, target);
      if (pairs > 0) this.#add(tally, target, this.#asJudged(group, target), pairs);
    }
  }

  /** What two groups have as the judge says, asked about once for two classes at their places. */
  #asJudged(source: ListGroup, target: ListGroup): number {
    const ofTarget = this.#verdicts.get(target) ?? new Map<string, number>();
    this.#verdicts.set(target, ofTarget);
    const key = `${source.id} ${source.place ?? ''}`;
    let known = ofTarget.get(key);
    if (known === undefined) {
      const { endpoints } = this.#rows;
      const [from, to] = distinctPair(source.members, target.members);
      const found = target.judge?.(endpoints[from] as Endpoint, endpoints[to] as Endpoint) ?? NO_CONNECTIONS;
      ofTarget.set(key, (known = this.#sets.counted(found)));
    }
    return known;
  }

  #count(group: ListGroup, pieces: readonly RowPiece[], ports: readonly number[], tally: Tally): void {
    for (const piece of pieces) {
      const connections = this.#sets.ofPorts(piece.ports.map((index) => ports[index] as number));
      forEachBit(piece.destinations, (id) => {
        for (const target of this.#destinations[id] ?? []) {
          if (areApart(group, target)) continue;
          const pairs = this.#pairs(group, target) - this.#nearPairs(group, target);
          if (pairs > 0) this.#add(tally, target, connections, pairs);
        }
      });
    }
    for (const target of this.#nearGroups(group)) {
      if (areApart(group, target)) continue;
      const pairs = this.#nearPairs(group, target);
      if (pairs > 0) this.#add(tally, target, this.#exactly(group, target), pairs);
    }
  }

  #add(tally: Tally, target: ListGroup, counted: number, pairs: number): void {
    if (counted === 0) return;
    const before = tally.pairs[target.peer] as number;
    if (before === 0) tally.found.push(target.peer);
    tally.connections[target.peer] = this.#sets.union(tally.connections[target.peer] as number, counted);
    tally.pairs[target.peer] = before + pairs;
  }

  /** Pairs of different endpoints that are asked about. */
  #pairs(source: ListGroup, target: ListGroup): number {
    if (!source.inFocus && !target.inFocus) return 0;
    if (source.isOutside && target.isOutside) return 0;
    return source.members.length * target.members.length - this.#overlaps.of(source, target);
  }

  /** Of those, the ones inside a node of which one side is a host: the rows do not speak of them. */
  #nearPairs(source: ListGroup, target: ListGroup): number {
    if (!source.isHost && !target.isHost) return 0;
    const { endpoints } = this.#rows;
    const [host, others] = source.isHost ? [source, target] : [target, source];
    const { node } = endpoints[host.members[0] as number] as Endpoint;
    if (node === '' || this.#pairs(source, target) === 0) return 0;
    if (others.isHost) {
      return (endpoints[others.members[0] as number] as Endpoint).node === node ? this.#pairs(source, target) : 0;
    }
    return host.members.length * others.members.filter((index) => (endpoints[index] as Endpoint).node === node).length;
  }

  #nearGroups(source: ListGroup): readonly ListGroup[] {
    const { endpoints } = this.#rows;
    const byNode = source.isHost ? this.#byNode : this.#hostsByNode;
    const nodes = new Set(source.members.map((index) => (endpoints[index] as Endpoint).node));
    return [...new Set([...nodes].flatMap((node) => byNode.get(node) ?? []))];
  }

  /** What a pair inside one node has: asked about once for two classes. */
  #exactly(source: ListGroup, target: ListGroup): number {
    const key = `${source.id}/${target.id}`;
    let known = this.#exact.get(key);
    if (known === undefined) {
      const { endpoints } = this.#rows;
      const [from, to] = nearPair(endpoints, source.members, target.members);
      const { reading, verdict } = this.options;
      const found = [
        connectionsBetween(this.snapshot, from, to, reading),
        otherConnections(this.snapshot, from, to, reading, this.#rows.others),
      ];
      const sets = found.map(({ allowed, unknown }) => (verdict === 'unknown' ? unknown : allowed));
      known = this.#sets.counted(sets.reduce(unionConnections));
      this.#exact.set(key, known);
    }
    return known;
  }

  *#told(peer: number, tally: Tally, place: number, skip: number): Generator<readonly ListedConnection[]> {
    const source = this.peers[peer] as ListPeer;
    const groups = this.#groupsOf.get(peer) ?? [];
    let rows: ListedConnection[] = [];
    let row = 0;
    for (const other of Uint32Array.from(tally.found).sort()) {
      row++;
      if (row <= skip) continue;
      rows.push({
        source,
        destination: this.peers[other] as ListPeer,
        connections: this.#sets.at(tally.connections[other] as number),
        pairs: tally.pairs[other] as number,
        of: this.#considered(groups, other),
        position: [place, row],
      });
      if (rows.length < ROWS_AT_ONCE) continue;
      yield rows;
      rows = [];
    }
    if (rows.length > 0) yield rows;
  }

  /** Pairs of two peers that were looked at. */
  #considered(sources: readonly ListGroup[], other: number): number {
    let pairs = 0;
    for (const target of this.#targetsOf.get(other) ?? [])
      for (const source of sources) if (!areApart(source, target)) pairs += this.#pairs(source, target);
    return pairs;
  }
}

/** The protocols beyond TCP, UDP and SCTP that rows or a question speak of. */
function otherProtocolsOf(rows: ReachRows, ports: ConnectionSet): readonly Protocol[] {
  const asked = [...ports.keys()].filter((protocol) => !PORT_PROTOCOLS.includes(protocol));
  return [...new Set([...rows.others, ...asked])].sort((a, b) => a - b);
}

function emptyTally(peers: number): Tally {
  return { connections: new Int32Array(peers), pairs: new Float64Array(peers), found: [] };
}

function clear({ connections, pairs, found }: Tally): void {
  for (const other of found) connections[other] = pairs[other] = 0;
  found.length = 0;
}

/** Two different endpoints of two groups, where there are two. */
function distinctPair(sources: readonly number[], targets: readonly number[]): readonly [number, number] {
  const from = sources[0] as number;
  const to = targets.find((index) => index !== from);
  if (to !== undefined) return [from, to];
  return [sources.find((index) => index !== from) ?? from, from];
}

function nearPair(
  endpoints: readonly Endpoint[],
  sources: readonly number[],
  targets: readonly number[],
): readonly [Endpoint, Endpoint] {
  for (const source of sources) {
    for (const target of targets) {
      const [from, to] = [endpoints[source] as Endpoint, endpoints[target] as Endpoint];
      if (source !== target && from.node === to.node) return [from, to];
    }
  }
  return [endpoints[sources[0] as number] as Endpoint, endpoints[targets[0] as number] as Endpoint];
}
