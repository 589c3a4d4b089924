import { groupBy, pushTo } from '../../base/index.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ConnectionSet } from '../connection-set.js';

/** What one endpoint has of another, of connections that rows do not speak of, as those through a Service. */
export type PairJudge = (source: Endpoint, destination: Endpoint) => ConnectionSet;

/** What of a destination counts, null for all of it, and for whom: those in an area, '' for one that is not known; null for all. */
export interface DestinationShare {
  readonly judge: PairJudge | null;
  readonly area: string | null;
}

/** All of a destination, for everybody. */
export const WHOLE: readonly DestinationShare[] = [{ judge: null, area: null }];

/** Endpoints of one class that belong to one peer and are asked about alike. */
export interface ListGroup {
  readonly peer: number;
  readonly id: number;
  /** Indices into the endpoints of the rows. */
  readonly members: number[];
  readonly isHost: boolean;
  readonly isOutside: boolean;
  readonly inFocus: boolean;
  /** Where sources are, or where the clients are that destinations count for; null for any. */
  readonly area: string | null;
  /** What counts at these endpoints as destinations; null for what rows say. */
  readonly judge: PairJudge | null;
  /** The node that all members are on, where that may count; else null. */
  readonly place: string | null;
}

/** Groups by class number. */
export type GroupsByClass = readonly (readonly ListGroup[] | undefined)[];

export type GroupTraits = Omit<ListGroup, 'id' | 'members'>;

/** Puts endpoints that agree on class and traits together; one with several traits is in several groups. */
export function groupByClass(
  indices: Iterable<number>,
  classOf: Uint32Array,
  traitsOf: (index: number) => readonly GroupTraits[],
): GroupsByClass {
  const groups: ListGroup[][] = [];
  /** By class and peer. */
  const known: Map<number, ListGroup[]>[] = [];
  for (const index of indices) {
    const id = classOf[index] as number;
    const ofClass = (known[id] ??= new Map());
    for (const traits of traitsOf(index)) {
      const alike = ofClass.get(traits.peer) ?? [];
      const same = alike.find((group) => areAlike(group, traits));
      if (same !== undefined) {
        same.members.push(index);
        continue;
      }
      const group = { id, members: [index], ...traits };
      (groups[id] ??= []).push(group);
      alike.push(group);
      ofClass.set(traits.peer, alike);
    }
  }
  return groups;
}

function areAlike(group: ListGroup, { inFocus, area, judge, place }: GroupTraits): boolean {
  return group.inFocus === inFocus && group.area === area && group.judge === judge && group.place === place;
}

/** Whether a Service keeps the clients of one group from the other, as they are elsewhere. */
export function areApart(source: ListGroup, target: ListGroup): boolean {
  return source.area !== null && target.area !== null && source.area !== target.area;
}

export function groupsByPeer(groups: GroupsByClass): ReadonlyMap<number, readonly ListGroup[]> {
  const all = groups.flatMap((list) => list ?? []);
  return groupBy(all, ({ peer }) => peer);
}

/** The groups that have a member on each node. */
export function groupsByNode(
  groups: GroupsByClass,
  endpoints: readonly Endpoint[],
): ReadonlyMap<string, readonly ListGroup[]> {
  const byNode = new Map<string, ListGroup[]>();
  for (const group of groups.flatMap((list) => list ?? [])) {
    for (const node of new Set(group.members.map((index) => (endpoints[index] as Endpoint).node))) {
      if (node !== '') pushTo(byNode, node, group);
    }
  }
  return byNode;
}

/** How many endpoints are in both groups; found once for each pair of groups. */
export class Overlaps {
  readonly #known = new Map<ListGroup, Map<ListGroup, number>>();

  of(a: ListGroup, b: ListGroup): number {
    if (a.id !== b.id || a.peer !== b.peer) return 0;
    const known = this.#known.get(a) ?? new Map<ListGroup, number>();
    this.#known.set(a, known);
    let count = known.get(b);
    if (count === undefined) {
      const there = new Set(b.members);
      known.set(b, (count = a.members.filter((index) => there.has(index)).length));
    }
    return count;
  }
}
