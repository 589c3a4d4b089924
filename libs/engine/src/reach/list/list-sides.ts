import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { isHost } from '../../compile/endpoint.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { ReachRows } from '../rows/reach-rows.js';
import type { ConnectionListOptions } from './connection-list.js';
import { groupByClass, groupsByNode, groupsByPeer, WHOLE } from './list-groups.js';
import type { GroupsByClass, GroupTraits, ListGroup, PairJudge } from './list-groups.js';
import { listPeerOf, outsidePeers, peerKey, rangesName } from './list-peers.js';
import type { ListedBy, ListPeer, OutsidePeer } from './list-peers.js';

/** The two sides of a list: who is told, in which order, and which endpoints stand for each. */
export interface ListSides {
  readonly peers: readonly ListPeer[];
  readonly sources: GroupsByClass;
  readonly destinations: GroupsByClass;
  /** Destinations with a member on each node, and those of them that are hosts. */
  readonly byNode: ReadonlyMap<string, readonly ListGroup[]>;
  readonly hostsByNode: ReadonlyMap<string, readonly ListGroup[]>;
  readonly groupsOf: ReadonlyMap<number, readonly ListGroup[]>;
  readonly targetsOf: ReadonlyMap<number, readonly ListGroup[]>;
  /** Source peers in order of telling: by the last of their classes. */
  readonly order: readonly number[];
}

/** Distinct peers in order, and the number of each endpoint's. */
interface PeerNumbers {
  readonly peers: readonly ListPeer[];
  readonly of: Uint32Array;
}

/** What every list of a snapshot starts from. */
export interface UsualRows {
  readonly outside: readonly OutsidePeer[];
  readonly rows: ReachRows;
  /** Of lists that name nothing else. */
  readonly numbers: Map<ListedBy, PeerNumbers>;
}

const USUAL = new WeakMap<CompiledSnapshot, Map<ReadingName, UsualRows>>();

/** The rows over a snapshot and its outside, found once. The way there may pause at each null. */
export function* usualRows(snapshot: CompiledSnapshot, reading: ReadingName): Generator<null, UsualRows> {
  const known = USUAL.get(snapshot)?.get(reading);
  if (known !== undefined) return known;
  const outside = yield* outsidePeers(snapshot, reading);
  const endpoints = outside.map(({ endpoint }) => endpoint);
  const made = { outside, rows: yield* ReachRows.open(snapshot, reading, endpoints), numbers: new Map() };
  USUAL.set(snapshot, (USUAL.get(snapshot) ?? new Map<ReadingName, UsualRows>()).set(reading, made));
  return made;
}

/** Finds the sides of a list. The way there may pause at each null. */
export function* listSides(
  usual: UsualRows,
  rows: ReachRows,
  options: ConnectionListOptions,
): Generator<null, ListSides> {
  const {
    sources: from = null,
    destinations: to = null,
    focus = null,
    sees = () => true,
    areaOf = nodeOfEndpoint,
  } = options;
  const { endpoints, classes } = rows;
  const numbers = yield* peerNumbers(usual, rows, options);
  const members = usualMembers(usual, options);
  const indices = (wanted: (endpoint: Endpoint) => boolean): number[] =>
    [...endpoints.keys()].filter((index) => {
      const endpoint = endpoints[index] as Endpoint;
      return wanted(endpoint) && sees(endpoint.namespace);
    });
  const inFocus = (index: number): boolean => focus === null || focus.has(endpoints[index] as Endpoint);
  const traits = (index: number, area: string | null, judge: PairJudge | null, place: string | null): GroupTraits => ({
    peer: numbers.of[index] as number,
    isHost: isHost(endpoints[index] as Endpoint),
    isOutside: numbers.peers[numbers.of[index] as number]?.kind === 'Addresses',
    inFocus: inFocus(index),
    area,
    judge,
    place,
  });
  const either = (endpoint: Endpoint): boolean => members.has(endpoint) || focus?.has(endpoint) === true;
  const shares = [...(to?.values() ?? [])].flat();
  const isKept = shares.some(({ area }) => area !== null);
  const nodeOf = (index: number): string => (endpoints[index] as Endpoint).node;
  // Judges look at two endpoints for all that are alike: on one node, where that may count.
  const isJudged = shares.some(({ judge }) => judge !== null);
  const isByNode = isJudged && [...(to?.keys() ?? [])].some(isHost);
  const sources = groupByClass(
    indices((each) => from?.has(each) ?? either(each)),
    classes.classOf,
    (index) => [
      traits(index, isKept ? areaOf(endpoints[index] as Endpoint) : null, null, isByNode ? nodeOf(index) : null),
    ],
  );
  yield null;
  // Where neither side is limited they are the same.
  const isSame = from === null && to === null;
  const destinations = isSame
    ? sources
    : groupByClass(
        indices((each) => to?.has(each) ?? either(each)),
        classes.classOf,
        (index) =>
          (to?.get(endpoints[index] as Endpoint) ?? WHOLE).map(({ area, judge }) =>
            traits(index, area, judge, judge === null ? null : nodeOf(index)),
          ),
      );
  yield null;
  const byNode = groupsByNode(destinations, endpoints);
  const hostsByNode = new Map([...byNode].map(([node, groups]) => [node, groups.filter((group) => group.isHost)]));
  yield null;
  const groupsOf = groupsByPeer(sources);
  const targetsOf = isSame ? groupsOf : groupsByPeer(destinations);
  yield null;
  const { peers } = numbers;
  return { peers, sources, destinations, byNode, hostsByNode, groupsOf, targetsOf, order: orderOf(groupsOf) };
}

const nodeOfEndpoint = ({ node }: Endpoint): string => node;

function orderOf(groupsOf: ListSides['groupsOf']): readonly number[] {
  return [...groupsOf]
    .map(([peer, groups]) => [peer, Math.max(...groups.map(({ id }) => id))] as const)
    .sort((a, b) => a[1] - b[1] || a[0] - b[0])
    .map(([peer]) => peer);
}

/** What counts on a side that nothing limits. */
function usualMembers({ rows, outside }: UsualRows, options: ConnectionListOptions): ReadonlySet<Endpoint> {
  const { outside: tellsOutside = true, nodes = false } = options;
  const addresses = new Set(outside.map(({ endpoint }) => endpoint));
  return new Set(
    rows.endpoints.filter((each) => (nodes || each.kind !== 'node') && (tellsOutside || !addresses.has(each))),
  );
}

/** The numbers of peers; those of a list that names nothing beside the snapshot are kept with it. */
function* peerNumbers(
  usual: UsualRows,
  rows: ReachRows,
  { by = 'workload', names }: ConnectionListOptions,
): Generator<null, PeerNumbers> {
  const isUsual = rows === usual.rows && (names?.size ?? 0) === 0;
  const known = isUsual ? usual.numbers.get(by) : undefined;
  if (known !== undefined) return known;
  const told = new Map([
    ...usual.outside.map(({ endpoint, ranges }) => [endpoint, outsideName(ranges)] as const),
    ...(names ?? []),
  ]);
  const made = yield* numberPeers(rows.endpoints.map((endpoint) => told.get(endpoint) ?? listPeerOf(endpoint, by)));
  if (isUsual) usual.numbers.set(by, made);
  return made;
}

function outsideName(ranges: OutsidePeer['ranges']): ListPeer {
  return { kind: 'Addresses', namespace: '', name: rangesName(ranges) };
}

function* numberPeers(told: readonly ListPeer[]): Generator<null, PeerNumbers> {
  const keys = told.map(peerKey);
  const distinct = new Map(keys.map((key, index) => [key, told[index] as ListPeer]));
  yield null;
  const sorted = [...distinct.keys()].sort();
  yield null;
  const numbers = new Map(sorted.map((key, number) => [key, number]));
  const peers = sorted.map((key) => distinct.get(key) as ListPeer);
  yield null;
  return {
    peers: peers.map(({ kind, namespace, name }) => ({ kind, namespace, name })),
    of: Uint32Array.from(keys, (key) => numbers.get(key) as number),
  };
}
