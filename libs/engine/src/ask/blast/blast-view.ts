import { finish, groupBy } from '../../base/index.js';
import { contains, parseCidr } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { compileSelector, YES } from '../../compile/match-selector.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { compromised } from '../../reach/blast/blast-radius.js';
import type { BlastDirection, BlastRadius, BlastReach, LandmarkReach } from '../../reach/blast/blast-radius.js';
import { listPeerOf, peerKey, peerLabel } from '../../reach/list/list-peers.js';
import type { ListPeer } from '../../reach/list/list-peers.js';
import { ConnectionList } from '../../reach/list/connection-list.js';
import type { ListedConnection } from '../../reach/list/connection-list.js';
import { WHOLE } from '../../reach/list/list-groups.js';
import type { NotFound } from '../answer.js';
import { caveatOf } from '../caveat.js';
import { parsePeer } from '../parse-peer.js';
import { parseSelector } from '../parse-selector.js';
import type { PeerQuery } from '../question.js';
import { resolvePeer } from '../resolve-peer.js';
import type { ReadQuestion, UnreadField } from '../list/read-connections-question.js';
import { peerMembers } from '../service-members.js';
import { SEES_ALL, type Sees } from '../visibility.js';

/** How much a sensitive endpoint weighs against any other. */
export const SENSITIVE_WEIGHT = 10;
/** Workloads told one by one. */
const MOST_TARGETS = 1_000;
/** What a caller may not see is a step without a name. */
const HIDDEN_STEP = 'something you may not see';

/** What could something reach if it were taken over, or who could reach it? */
export interface BlastQuestion {
  readonly peer: PeerQuery;
  readonly direction: BlastDirection;
  readonly hops: number;
  readonly reading: ReadingName;
  /** A label selector: pods that weigh `SENSITIVE_WEIGHT`; null for none. */
  readonly sensitive: string | null;
  /** Address ranges of other clusters, to tell whether they are within reach. */
  readonly ranges: readonly string[];
}

/** The same as text. */
export interface BlastText {
  readonly of: string;
  readonly direction: BlastDirection;
  readonly hops: number;
  readonly reading: ReadingName;
  readonly sensitive?: string | undefined;
  readonly range: readonly string[];
}

/** A workload, pod or node within reach. */
export interface BlastTargetView {
  readonly peer: ListPeer;
  /** How many of its endpoints are within reach. */
  readonly endpoints: number;
  /** The fewest connections that it takes. */
  readonly hop: number;
  readonly sensitive: boolean;
  /** Labels along the way, from the start to the target or the other way round, in the direction of the connections. */
  readonly path: readonly string[];
}

export interface BlastLandmarkView {
  /** `internet`, `metadata` (169.254.169.254), `apiServer`, or an address range that was asked about. */
  readonly name: string;
  readonly state: LandmarkReach['state'];
  readonly hop: number | null;
  readonly via: readonly string[];
}

export interface BlastView {
  readonly direction: BlastDirection;
  readonly hops: number;
  /** As resolved: `Deployment shop/web (2 pods)`. */
  readonly start: string;
  /** Endpoints that are taken over. */
  readonly starts: number;
  readonly reached: number;
  /** Endpoints that could be reached at all. */
  readonly of: number;
  readonly weight: number;
  readonly sensitive: number;
  readonly byHop: readonly number[];
  readonly byNamespace: readonly { readonly namespace: string; readonly reached: number; readonly total: number }[];
  readonly landmarks: readonly BlastLandmarkView[];
  /** Nearest first, the heaviest of one hop first; at most 1,000. */
  readonly targets: readonly BlastTargetView[];
  readonly targetsLeftOut: number;
  /** What is not counted because it cannot be told; null for nothing. */
  readonly caveat: string | null;
}

export function readBlastQuestion(text: BlastText): ReadQuestion<BlastQuestion> {
  const errors: UnreadField[] = [];
  const parsed = parsePeer(text.of);
  if ('error' in parsed) errors.push({ pointer: '/of', detail: parsed.error });
  const { sensitive = null } = text;
  const selector = sensitive === null ? null : parseSelector(sensitive, 'pod');
  if (selector !== null && 'error' in selector) errors.push({ pointer: '/sensitive', detail: selector.error });
  for (const range of text.range) {
    if (parseCidr(range) === null) errors.push({ pointer: '/range', detail: `\`${range}\` is not an address range` });
  }
  if (errors.length > 0 || 'error' in parsed) return { errors };
  const { direction, hops, reading, range } = text;
  return { question: { peer: parsed.peer, direction, hops, reading, sensitive, ranges: range } };
}

/** What is taken over when the named thing is. */
export function blastStarts(
  snapshot: CompiledSnapshot,
  query: PeerQuery,
  sees: Sees = SEES_ALL,
): { readonly label: string; readonly starts: readonly Endpoint[] } | { readonly error: NotFound } {
  const peer = resolvePeer(snapshot, query, 'source', sees);
  if (peer.type === 'notFound') return peer;
  const named = peerMembers(snapshot, peer, 'source', sees);
  return 'error' in named ? named : { label: peer.label, starts: compromised(snapshot, named.members) };
}

/** Answers from a radius, which is made once for a snapshot and reading. What the caller does not see is left out. */
export function blastView(
  radius: BlastRadius,
  question: BlastQuestion,
  start: { readonly label: string; readonly starts: readonly Endpoint[] },
  sees: Sees = SEES_ALL,
): BlastView {
  const { snapshot } = radius;
  const isSensitive = sensitiveTest(question.sensitive);
  const reach = radius.of(start.starts, { hops: question.hops, direction: question.direction });
  const seen = reach.targets.filter(({ endpoint }) => sees(endpoint.namespace));
  const sensitive = seen.filter(({ endpoint }) => isSensitive(endpoint)).length;
  const targets = targetViews(reach, seen, isSensitive, sees);
  const total = snapshot.endpoints.filter(({ namespace }) => sees(namespace)).length;
  return {
    direction: question.direction,
    hops: question.hops,
    start: start.label,
    starts: reach.starts.length,
    reached: seen.length,
    of: total - reach.starts.length,
    weight: seen.length + sensitive * (SENSITIVE_WEIGHT - 1),
    sensitive,
    byHop: countByHop(seen.map(({ hop }) => hop)),
    byNamespace: reach.byNamespace.filter(({ namespace }) => sees(namespace)),
    landmarks: [
      ...reach.landmarks.map(({ name, state, hop, via }) => ({ name, state, hop, via: pathText(via, sees) })),
      ...question.ranges.map((range) => rangeReach(radius, reach, range, question, sees)),
    ],
    targets: targets.slice(0, MOST_TARGETS),
    targetsLeftOut: Math.max(0, targets.length - MOST_TARGETS),
    caveat: caveatOf(snapshot, question.reading, sees),
  };
}

function sensitiveTest(selector: string | null): (endpoint: Endpoint) => boolean {
  const parsed = selector === null ? null : parseSelector(selector, 'pod');
  if (parsed === null || 'error' in parsed) return () => false;
  const matches = compileSelector(parsed.selector);
  return (endpoint) => matches(endpoint, endpoint) === YES;
}

/** Hops come in ascending order. */
function countByHop(hops: readonly number[]): readonly number[] {
  const counts = new Array<number>(hops.at(-1) ?? 0).fill(0);
  for (const hop of hops) counts[hop - 1] = (counts[hop - 1] ?? 0) + 1;
  return counts;
}

function targetViews(
  reach: BlastReach,
  targets: BlastReach['targets'],
  isSensitive: (endpoint: Endpoint) => boolean,
  sees: Sees,
): readonly BlastTargetView[] {
  const found = new Map<
    string,
    { peer: ListPeer; endpoints: number; hop: number; sensitive: boolean; first: Endpoint }
  >();
  for (const { endpoint, hop } of targets) {
    const peer = listPeerOf(endpoint, 'workload');
    const key = peerKey(peer);
    const known = found.get(key) ?? { peer, endpoints: 0, hop, sensitive: false, first: endpoint };
    known.endpoints++;
    known.sensitive ||= isSensitive(endpoint);
    found.set(key, known);
  }
  return [...found]
    .sort(([a, x], [b, y]) => x.hop - y.hop || Number(y.sensitive) - Number(x.sensitive) || (a < b ? -1 : 1))
    .map(([, { first, ...target }]) => ({ ...target, path: pathText(reach.pathTo(first), sees) }));
}

function pathText(path: readonly Endpoint[], sees: Sees): readonly string[] {
  return path.map((endpoint) => (sees(endpoint.namespace) ? peerLabel(listPeerOf(endpoint, 'pod')) : HIDDEN_STEP));
}

/** Whether some reached endpoint, or a start, may connect to addresses outside that lie in a range. */
function rangeReach(
  { snapshot, reading }: BlastRadius,
  reach: BlastReach,
  range: string,
  question: BlastQuestion,
  sees: Sees,
): BlastLandmarkView {
  const block = parseCidr(range);
  const unreached = { name: range, state: 'unreachable', hop: null, via: [] } as const;
  if (block === null || question.direction === 'to') return unreached;
  const peer = resolvePeer(snapshot, { type: 'block', cidr: range }, 'destination');
  if (peer.type !== 'endpoints') return unreached;
  const outside = peer.endpoints.filter(({ ips }) => ips.every((ip) => contains(block, ip)));
  const near = [
    ...reach.starts,
    ...reach.targets.filter(({ hop }) => hop < question.hops).map(({ endpoint }) => endpoint),
  ];
  const destinations = new Map(outside.map((endpoint) => [endpoint, WHOLE]));
  for (const [depth, endpoints] of byDepth(reach, near)) {
    const sources = new Set(endpoints);
    const list = finish(ConnectionList.open(snapshot, { reading, by: 'pod', sources, destinations }));
    const row = firstRow(list);
    if (row === null) continue;
    const last = endpoints.find((endpoint) => peerKey(listPeerOf(endpoint, 'pod')) === peerKey(row.source));
    const way = last === undefined ? [] : depth === 0 ? [last] : reach.pathTo(last);
    return { name: range, state: 'reachable', hop: depth + 1, via: pathText(way, sees) };
  }
  return unreached;
}

function byDepth(reach: BlastReach, near: readonly Endpoint[]): readonly (readonly [number, readonly Endpoint[]])[] {
  const hops = new Map(reach.targets.map(({ endpoint, hop }) => [endpoint, hop]));
  return [...groupBy(near, (endpoint) => hops.get(endpoint) ?? 0)].sort(([a], [b]) => a - b);
}

function firstRow(list: ConnectionList): ListedConnection | null {
  for (const rows of list.rows()) if (rows !== null) return rows[0] ?? null;
  return null;
}
