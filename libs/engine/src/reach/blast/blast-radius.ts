import { pushTo } from '../../base/index.js';
import { hasPorts, TCP, UDP } from '../../model/index.js';
import type { Protocol } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { isHost } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { pairFamilies, pairVerdict } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { isEmpty } from '../connection-set.js';
import { connectionsBetween } from '../connections-between.js';
import { forEachBit } from '../matrix/bit-row.js';
import { familyOfPorts } from '../rows/refine-ports.js';
import { hasClass, rowTable } from '../rows/row-table.js';
import type { RowTable } from '../rows/row-table.js';
import { landmarksOf } from './landmarks.js';
import type { Landmark, LandmarkName } from './landmarks.js';
import { NamespaceCounts } from './namespace-counts.js';
import type { NamespaceReach } from './namespace-counts.js';

/** `from`: what the start can reach. `to`: who can reach the start. */
export type BlastDirection = 'from' | 'to';

export interface BlastOptions {
  /** Connections in a row, 1 or more; 1 by default. Infinity goes as far as it can. */
  readonly hops?: number;
  readonly direction?: BlastDirection;
  /** Weight of an endpoint in `weight`; 1 each when left out. */
  readonly weigh?: (endpoint: Endpoint) => number;
}

export interface BlastTarget {
  readonly endpoint: Endpoint;
  /** Connections that it takes, at least 1. */
  readonly hop: number;
}

/** Whether a landmark is within reach: `unknown` when the snapshot does not say where it is. */
export interface LandmarkReach {
  readonly name: LandmarkName;
  readonly state: 'reachable' | 'unreachable' | 'unknown';
  /** What of it is within reach: addresses or ranges. */
  readonly addresses: readonly string[];
  /** The fewest connections that it takes; null when it is not within reach. */
  readonly hop: number | null;
  /** From the start to the last endpoint before the landmark (the other way round for `to`). */
  readonly via: readonly Endpoint[];
}

export interface BlastReach {
  readonly direction: BlastDirection;
  readonly starts: readonly Endpoint[];
  /** Endpoints of the cluster within reach, nearest first, the starts left out. */
  readonly targets: readonly BlastTarget[];
  /** How many are first reached at each hop; the first number is that of hop 1. */
  readonly byHop: readonly number[];
  /** Namespaces of which something is within reach, most first. */
  readonly byNamespace: readonly NamespaceReach[];
  readonly weight: number;
  /** Of `internet`, `metadata` and `apiServer` those that make sense: someone reaches out, and the internet reaches in. */
  readonly landmarks: readonly LandmarkReach[];
  /** From a start to a target, both included; in the direction of the connections. Empty for what is not within reach. */
  pathTo(target: Endpoint): readonly Endpoint[];
}

/** Over what something is reached. */
type Way = 'connection' | 'icmp';

/** Room for what a walk notes of each endpoint, for one walk after another: making it takes longer than most walks. */
interface Room {
  /** By index of endpoint: 0 is not reached, 1 a start, 2 the first hop. All 0 between walks. */
  readonly depth: Uint16Array;
  /** By index of what is reached, what it is reached from; −1 for a start. */
  readonly parent: Int32Array;
}

/** All that one walk finds. */
interface Walk extends Room {
  /** Everything that is reached but for `answering`, in order, the starts first. */
  readonly order: readonly number[];
  /** What only answers over ICMP, nearest first: there is nothing to take over. */
  readonly answering: readonly number[];
}

/**
 * What endpoints of one snapshot can reach over connections in a row, on any port, and who can reach them. Made once
 * for a snapshot and reading; each question is a walk over classes that ends in endpoints. Outside addresses end a path,
 * and so does what only ICMP reaches, where rules name ICMP. Only what is certainly allowed counts.
 */
export class BlastRadius {
  readonly #table: RowTable;
  readonly #landmarks: readonly Landmark[];
  /** The number of the first endpoint outside the snapshot. */
  readonly #outside: number;
  readonly #indexOf: ReadonlyMap<Endpoint, number>;
  readonly #byNode = new Map<string, number[]>();
  /** By way: each of the port classes that count for it, by their places. */
  readonly #ports: Readonly<Record<Way, readonly number[]>>;
  /** By source class, made when asked for. */
  readonly #rows: Readonly<Record<Way, (Uint32Array | undefined)[]>> = { connection: [], icmp: [] };
  readonly #turned: Partial<Record<Way, readonly Uint32Array[]>> = {};
  /** Null while a walk has it. */
  #room: Room | null = null;
  readonly #namespaces: NamespaceCounts;

  constructor(
    readonly snapshot: CompiledSnapshot,
    readonly reading: ReadingName = 'enforced',
  ) {
    this.#landmarks = landmarksOf(snapshot, reading);
    const inside = new Set(snapshot.endpoints);
    const extra = [...new Set(this.#landmarks.map(({ endpoint }) => endpoint))].filter((each) => !inside.has(each));
    this.#outside = snapshot.endpoints.length;
    this.#table = rowTable(snapshot, reading, extra);
    this.#namespaces = new NamespaceCounts(this.#table, this.#outside);
    const isIcmp = this.#table.ports.map((port) => familyOfPorts(port) !== null);
    const places = [...isIcmp.keys()];
    this.#ports = { connection: places.filter((port) => !isIcmp[port]), icmp: places.filter((port) => isIcmp[port]) };
    this.#indexOf = new Map(this.#table.endpoints.map((endpoint, index) => [endpoint, index]));
    for (const [index, { node }] of snapshot.endpoints.entries()) {
      if (node !== '') pushTo(this.#byNode, node, index);
    }
  }

  /** Walks from `starts`, which are endpoints of the snapshot; others are left out. */
  of(starts: readonly Endpoint[], { hops = 1, direction = 'from', weigh }: BlastOptions = {}): BlastReach {
    const { endpoints } = this.#table;
    const first = starts.map((start) => this.#indexOf.get(start) ?? -1).filter((index) => index >= 0);
    const walk = this.#walk(first, hops, direction);
    const found = nearestFirst(walk);
    const reached = found.filter((index) => (walk.depth[index] as number) > 1 && index < this.#outside);
    const targets: BlastTarget[] = [];
    const byHop: number[] = [];
    let weight = 0;
    for (const index of reached) {
      const hop = (walk.depth[index] as number) - 1;
      const endpoint = endpoints[index] as Endpoint;
      targets.push({ endpoint, hop });
      byHop[hop - 1] = (byHop[hop - 1] ?? 0) + 1;
      weight += weigh === undefined ? 1 : weigh(endpoint);
    }
    const reach = {
      direction,
      starts: first.map((index) => endpoints[index] as Endpoint),
      targets,
      byHop,
      byNamespace: this.#namespaces.of(reached),
      weight,
      landmarks: this.#landmarkReach(walk, hops, direction),
      pathTo: this.#paths(found, walk, direction),
    };
    for (const index of found) walk.depth[index] = 0;
    this.#room = { depth: walk.depth, parent: walk.parent };
    return reach;
  }

  /** What `pathTo` needs once the room is another walk's. */
  #paths(found: readonly number[], { parent }: Room, direction: BlastDirection): BlastReach['pathTo'] {
    const parents = new Int32Array(found.length);
    for (let i = 0; i < found.length; i++) parents[i] = parent[found[i] as number] as number;
    let places: ReadonlyMap<number, number> | null = null;
    return (target) => {
      places ??= new Map(found.map((index, place) => [index, place]));
      const path: number[] = [];
      for (let index = this.#indexOf.get(target) ?? -1; index >= 0;) {
        const place = places.get(index);
        if (place === undefined) return [];
        path.push(index);
        index = parents[place] as number;
      }
      return this.#pathOf(path, direction);
    };
  }

  #walk(starts: readonly number[], hops: number, direction: BlastDirection): Walk {
    const { classOf, count, words } = this.#table;
    const { depth, parent } = this.#takeRoom();
    const order: number[] = [];
    const reach = (index: number, from: number, at: number): void => {
      if (depth[index] !== 0) return;
      depth[index] = at;
      parent[index] = from;
      order.push(index);
    };
    for (const start of starts) reach(start, -1, 1);
    const walked = new Uint8Array(count);
    const done = new Uint32Array(words);
    const fresh = new Uint32Array(words);
    const reachAll = (row: Uint32Array, from: number, at: number): void => {
      for (let w = 0; w < words; w++) {
        fresh[w] = (row[w] as number) & ~(done[w] as number);
        done[w] = (done[w] as number) | (row[w] as number);
      }
      forEachBit(fresh, (target) => {
        for (const member of this.#table.members(target)) reach(member, from, at);
      });
    };
    // The list grows while it is walked: what is reached is walked from in its turn.
    for (const index of order) {
      const at = (depth[index] as number) + 1;
      if (at - 1 > hops) break;
      if (index >= this.#outside) continue;
      const id = classOf[index] as number;
      if (walked[id] === 0) {
        walked[id] = 1;
        reachAll(direction === 'from' ? this.#row(id) : this.#reversed(id), index, at);
        // Only the last hop may be ICMP, and that is the one into a start.
        if (direction === 'to' && at === 2 && this.#ports.icmp.length > 0) {
          reachAll(this.#reversed(id, 'icmp'), index, at);
        }
      }
      for (const near of this.#ownNode(index, depth, direction)) reach(near, index, at);
    }
    const answering = direction === 'from' ? this.#answering({ depth, parent, order }, hops) : [];
    return { depth, parent, order, answering };
  }

  #takeRoom(): Room {
    const { length } = this.#table.endpoints;
    const room = this.#room ?? { depth: new Uint16Array(length), parent: new Int32Array(length) };
    this.#room = null;
    return room;
  }

  /** Notes what only ICMP reaches, each by the nearest of what a walk found. */
  #answering({ depth, parent, order }: Omit<Walk, 'answering'>, hops: number): readonly number[] {
    const found: number[] = [];
    if (this.#ports.icmp.length === 0) return found;
    const walked = new Set<number>();
    for (const index of order) {
      const at = (depth[index] as number) + 1;
      if (at - 1 > hops) break;
      const id = this.#table.classOf[index] as number;
      if (index >= this.#outside || walked.has(id)) continue;
      walked.add(id);
      forEachBit(this.#row(id, 'icmp'), (target) => {
        for (const member of this.#table.members(target)) {
          if (depth[member] !== 0) continue;
          depth[member] = at;
          parent[member] = index;
          found.push(member);
        }
      });
    }
    return found;
  }

  /** Endpoints of the same node that only the own-node exemption opens. */
  #ownNode(index: number, depth: Uint16Array, direction: BlastDirection): readonly number[] {
    const endpoint = this.#table.endpoints[index] as Endpoint;
    if (endpoint.node === '') return [];
    const host = isHost(endpoint);
    return (this.#byNode.get(endpoint.node) ?? []).filter((other) => {
      if (depth[other] !== 0) return false;
      const peer = this.#table.endpoints[other] as Endpoint;
      if (!host && !isHost(peer)) return false;
      return direction === 'from' ? this.#connects(endpoint, peer) : this.#connects(peer, endpoint);
    });
  }

  #connects(source: Endpoint, destination: Endpoint): boolean {
    const families = pairFamilies(source, destination);
    const usual = (protocol: Protocol, port: number): boolean =>
      families.some(
        (family) =>
          pairVerdict(this.snapshot[this.reading], source, destination, { protocol, port, family }) === 'allow',
      );
    if (usual(TCP, 443) || usual(UDP, 53)) return true;
    return !isEmpty(connectionsBetween(this.snapshot, source, destination, this.reading).allowed);
  }

  /** The classes that a source class reaches one way or the other, over all ports. */
  #row(source: number, way: Way = 'connection'): Uint32Array {
    return (this.#rows[way][source] ??= this.#union(this.#table.rowsOf(source), way));
  }

  /** The classes that reach a destination class. */
  #reversed(destination: number, way: Way = 'connection'): Uint32Array {
    let turned = this.#turned[way];
    if (turned === undefined) {
      const { count, words } = this.#table;
      const rows = Array.from({ length: count }, () => new Uint32Array(words));
      this.#table.forEachSource((source, found) => {
        const [word, bit] = [source >>> 5, 1 << (source & 31)];
        forEachBit(this.#union(found, way), (target) => {
          const into = rows[target] as Uint32Array;
          into[word] = (into[word] as number) | bit;
        });
      });
      this.#turned[way] = turned = rows;
    }
    return turned[destination] as Uint32Array;
  }

  #union(rows: readonly Uint32Array[], way: Way): Uint32Array {
    const of = this.#ports[way].map((port) => rows[port] as Uint32Array);
    return unionOf(of, this.#table.words);
  }

  #landmarkReach(walk: Walk, hops: number, direction: BlastDirection): LandmarkReach[] {
    const names: readonly LandmarkName[] = direction === 'from' ? ['internet', 'metadata', 'apiServer'] : ['internet'];
    return names.map((name) => {
      const places = this.#landmarks.filter((landmark) => landmark.name === name);
      const addresses = new Set<string>();
      let nearest = -1;
      for (const place of places) {
        const last = this.#lastBefore(walk, place, hops, direction);
        if (last < 0) continue;
        addresses.add(place.address);
        if (nearest < 0 || (walk.depth[last] as number) < (walk.depth[nearest] as number)) nearest = last;
      }
      const state = nearest >= 0 ? 'reachable' : places.length === 0 ? 'unknown' : 'unreachable';
      return {
        name,
        state,
        addresses: [...addresses],
        hop: nearest < 0 ? null : (walk.depth[nearest] as number),
        via: this.#path(walk, nearest, direction),
      };
    });
  }

  /** The first endpoint of the walk from which one more connection ends at the landmark, at its own port; −1 for none. */
  #lastBefore(walk: Walk, { endpoint, port }: Landmark, hops: number, direction: BlastDirection): number {
    const { classOf, ports, endpoints } = this.#table;
    const at = this.#indexOf.get(endpoint) as number;
    const target = classOf[at] as number;
    const asked =
      port === null
        ? -1
        : ports.findIndex(({ pieces }) =>
            pieces.some(([p, from, to]) => p === port[0] && from <= port[1] && port[1] <= to),
          );
    const seen = new Map<number, boolean>();
    for (const index of walk.order) {
      if ((walk.depth[index] as number) > hops) return -1;
      if (index === at || index >= this.#outside) continue;
      const source = classOf[index] as number;
      let hit = seen.get(source);
      if (hit === undefined) {
        const row = asked < 0 ? this.#row(source) : this.#table.rowsOf(source)[asked];
        hit = direction === 'from' ? hasClass(row, target) : hasClass(this.#row(target), source);
        seen.set(source, hit);
      }
      if (hit) return index;
      const from = endpoints[index] as Endpoint;
      if (port === null || from.node === '' || from.node !== endpoint.node || !hasPorts(port[0])) continue;
      if (this.#connects(from, endpoint)) return index;
    }
    return -1;
  }

  /** The path of a walk to an endpoint that it found; empty for −1. */
  #path({ parent }: Room, target: number, direction: BlastDirection): readonly Endpoint[] {
    const path: number[] = [];
    for (let index = target; index >= 0; index = parent[index] as number) path.push(index);
    return this.#pathOf(path, direction);
  }

  /** In the direction of the connections, of a path that begins at its end. */
  #pathOf(path: readonly number[], direction: BlastDirection): readonly Endpoint[] {
    const out = path.map((index) => this.#table.endpoints[index] as Endpoint);
    return direction === 'from' ? out.reverse() : out;
  }
}

function nearestFirst({ order, answering, depth }: Walk): readonly number[] {
  if (answering.length === 0) return order;
  return [...order, ...answering].sort((a, b) => (depth[a] as number) - (depth[b] as number));
}

function unionOf(rows: readonly Uint32Array[], words: number): Uint32Array {
  const out = new Uint32Array(words);
  for (const row of new Set(rows)) for (let w = 0; w < words; w++) out[w] = (out[w] as number) | (row[w] as number);
  return out;
}

/** What is lost when the named thing is: a node with everything that runs on it, anything else by itself. */
export function compromised(snapshot: CompiledSnapshot, endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const nodes = new Set(endpoints.filter(({ kind }) => kind === 'node').map(({ name }) => name));
  if (nodes.size === 0) return endpoints;
  return [...new Set([...endpoints, ...snapshot.endpoints.filter(({ node }) => nodes.has(node))])];
}
