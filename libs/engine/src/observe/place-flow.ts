import { objectLabel, type Labels, type Protocol } from '../model/index.js';
import { formatIp } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { stableLabels } from '../compile/stable-labels.js';
import { parsePeer } from '../ask/parse-peer.js';
import type { PeerQuery } from '../ask/question.js';
import { resolvePeer, type ResolvedPeer } from '../ask/resolve-peer.js';
import { SEES_ALL, type Sees } from '../ask/visibility.js';
import { seenPeerName, type ObservedFlow, type SeenFlow, type SeenPeer, type SeenVerdict } from './seen-flow.js';

/** One side of a flow, found in a snapshot. */
export interface PlacedPeer {
  readonly query: PeerQuery;
  readonly resolved: ResolvedPeer;
  /** The workload where it has one: `shop/web`, `node n1`, `node n1 at 203.0.113.8`, `203.0.113.9`. */
  readonly name: string;
  /** Names that an address outside the cluster was looked up by. */
  readonly hostNames: readonly string[];
}

/** What was seen of flows that are taken for one. */
export interface Sightings {
  readonly protocol: Protocol;
  readonly port: number | null;
  readonly verdict: SeenVerdict;
  /** Whether it was seen where it ends, or by who knows both ends: not just as it left. */
  readonly arrived: boolean;
  readonly reasons: readonly string[];
  readonly policies: readonly string[];
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** Flows between the same two peers that came to the same, as one. A peer is null when the snapshot does not have it. */
export interface PlacedFlow extends Sightings {
  readonly source: PlacedPeer | null;
  readonly destination: PlacedPeer | null;
  readonly sourceName: string;
  readonly destinationName: string;
}

type Side = 'source' | 'destination';

/**
 * Finds the peers of flows in a snapshot and adds up those that are alike, in the order in which they were first met. What
 * the caller does not see is not there.
 */
export function placeFlows(
  snapshot: CompiledSnapshot,
  flows: Iterable<SeenFlow>,
  sees: Sees = SEES_ALL,
): readonly PlacedFlow[] {
  const known = new Map<string, PlacedPeer | null>();
  const place = (peer: SeenPeer, side: Side): PlacedPeer | null => {
    const key = `${side} ${JSON.stringify(peer)}`;
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = placePeer(snapshot, peer, side, sees)));
    return found;
  };
  const out = new Map<string, PlacedFlow>();
  for (const flow of flows) {
    const placed = placedFlow(flow, place(flow.source, 'source'), place(flow.destination, 'destination'));
    const key = flowKey(placed);
    const earlier = out.get(key);
    out.set(key, earlier === undefined ? placed : addUp(withNamesOf(placed, earlier), placed));
  }
  return [...out.values()];
}

/** A flow with the names that its destination was looked up by when `other` was seen: a source does not tell them each time. */
function withNamesOf({ destination: other }: PlacedFlow, flow: PlacedFlow): PlacedFlow {
  const { destination } = flow;
  const names = other?.hostNames.filter((name) => destination?.hostNames.includes(name) === false) ?? [];
  if (destination === null || names.length === 0) return flow;
  const hostNames = [...destination.hostNames, ...names];
  return Object.assign({}, flow, { destination: Object.assign({}, destination, { hostNames }) });
}

/** A flow as a question names its peers, for what takes those; null where its source tells too little for that. */
export function observedFlow({ source, destination, protocol, port }: SeenFlow): ObservedFlow | null {
  const [src, dst] = [peerText(source), peerText(destination)];
  return src === null || dst === null ? null : { src, dst, protocol, port };
}

function placedFlow(flow: SeenFlow, source: PlacedPeer | null, destination: PlacedPeer | null): PlacedFlow {
  const { protocol, port, verdict, direction, reason, policies, count, firstSeen, lastSeen } = flow;
  return {
    source,
    destination,
    sourceName: source?.name ?? seenPeerName(flow.source),
    destinationName: destination?.name ?? seenPeerName(flow.destination),
    protocol,
    port,
    verdict,
    arrived: direction !== 'egress' || isOutside(destination),
    reasons: reason === '' ? [] : [reason],
    policies,
    count,
    firstSeen,
    lastSeen,
  };
}

/** Pods of a workload are one peer as long as they have the same labels. */
function flowKey({ source, destination, sourceName, destinationName, protocol, port, verdict }: PlacedFlow): string {
  const ends = [source, destination].map((peer) => (peer === null ? [] : kindsOf(peer)));
  return JSON.stringify([sourceName, destinationName, protocol, port, verdict, ends]);
}

function kindsOf({ resolved }: PlacedPeer): readonly string[] {
  if (resolved.type === 'service') return [];
  return [...new Set(resolved.endpoints.map(({ kind, labels }) => JSON.stringify([kind, labels])))];
}

/** The first of two with the sightings of both. */
export function addUp<T extends Sightings>(a: T, b: T): T {
  const times = [a.firstSeen, b.firstSeen].filter(Boolean).sort();
  return {
    ...a,
    arrived: a.arrived || b.arrived,
    reasons: [...new Set([...a.reasons, ...b.reasons])],
    policies: [...new Set([...a.policies, ...b.policies])],
    count: a.count + b.count,
    firstSeen: times[0] ?? '',
    lastSeen: [a.lastSeen, b.lastSeen].sort().at(-1) ?? '',
  };
}

function placePeer(snapshot: CompiledSnapshot, peer: SeenPeer, side: Side, sees: Sees): PlacedPeer | null {
  for (const query of candidates(snapshot, peer)) {
    const resolved = resolvePeer(snapshot, query, side, sees);
    if (resolved.type === 'notFound') continue;
    if (resolved.type === 'service') {
      return { query, resolved, name: `service ${objectLabel(resolved.service.meta)}`, hostNames: [] };
    }
    const [first] = resolved.endpoints;
    if (first === undefined || !sees(first.kind === 'external' ? '' : first.namespace)) continue;
    return {
      query,
      resolved,
      name: endpointsName(snapshot, first),
      hostNames: first.kind === 'external' ? peer.hostNames : [],
    };
  }
  return null;
}

/** What policy says of an address outside is said where a flow leaves. */
function isOutside(peer: PlacedPeer | null): boolean {
  return peer?.resolved.type === 'endpoints' && peer.resolved.endpoints.every(({ kind }) => kind === 'external');
}

function endpointsName({ directory }: CompiledSnapshot, endpoint: Endpoint): string {
  const { kind, namespace, name, workload, hostName, ips } = endpoint;
  if (kind === 'node') {
    // Policy may tell the addresses of a node apart.
    const isOneOfSeveral = ips.length < (directory.node(name)?.ips.length ?? 0);
    return isOneOfSeveral ? `node ${name} at ${ips.map(formatIp).join()}` : `node ${name}`;
  }
  return kind === 'external' ? hostName || name : objectLabel({ namespace, name: workload?.name ?? name });
}

/** What a peer may be, the surest first. The address of a pod says nothing once the pod has gone: another may have it. */
function candidates(snapshot: CompiledSnapshot, peer: SeenPeer): readonly PeerQuery[] {
  const { asked, namespace, pod, workload, labels, node, service, address, hostNames } = peer;
  if (asked !== '') {
    const parsed = parsePeer(asked);
    return 'peer' in parsed ? [parsed.peer] : [];
  }
  if (namespace !== '') {
    const owners = [workload, ...ownersOf(pod)].filter(Boolean);
    return [
      ...(pod === '' || pod.endsWith('*') ? [] : [{ type: 'pod', namespace, name: pod } as const]),
      ...owners.map((name): PeerQuery => ({ type: 'workload', namespace, kind: '', name })),
      ...selection(snapshot, namespace, labels),
      ...serviceQuery(service),
    ];
  }
  return [
    ...(node === '' ? [] : [{ type: 'node', name: node } as const]),
    ...serviceQuery(service),
    ...(address === '' ? [] : [{ type: 'address', address } as const]),
    ...hostNames.map((name): PeerQuery => ({ type: 'hostName', name })),
  ];
}

function serviceQuery(service: string): readonly PeerQuery[] {
  const [namespace = '', name = ''] = service.split('/');
  return name === '' ? [] : [{ type: 'service', namespace, name }];
}

/** Pods of a namespace that carry what the labels of a pod say for good. */
function selection({ directory }: CompiledSnapshot, namespace: string, labels: Labels): readonly PeerQuery[] {
  const stable = Object.entries(stableLabels(labels));
  const carries = (endpoint: Endpoint): boolean => stable.every(([key, value]) => endpoint.labels[key] === value);
  if (stable.length === 0 || !directory.namespace(namespace).some(carries)) return [];
  return [{ type: 'selection', namespaces: namespace, pods: stable.map(([key, value]) => `${key}=${value}`).join() }];
}

/** Random parts of names are made of these, so that they spell no word; the others are ordinals and times. */
const MADE_UP = /-(?:[bcdfghjklmnpqrstvwxz2456789]+|\d+)$/;

/** Workloads that a pod of this name may be of: the name without what controllers add to it, the longest first. */
function ownersOf(pod: string): readonly string[] {
  const out = [pod.replace(/-?\*$/, '')];
  for (let name = out[0] as string; out.length < 4 && MADE_UP.test(name); out.push(name))
    name = name.replace(MADE_UP, '');
  return out;
}

function peerText({
  asked,
  namespace,
  pod,
  workload,
  labels,
  node,
  service,
  address,
  hostNames,
}: SeenPeer): string | null {
  if (asked !== '') return asked;
  if (namespace !== '') {
    if (workload !== '') return `workload:${namespace}/${workload}`;
    if (pod !== '')
      return pod.endsWith('*') ? `workload:${namespace}/${ownersOf(pod).at(-1) ?? ''}` : `pod:${namespace}/${pod}`;
    const pairs = Object.entries(stableLabels(labels)).map(([key, value]) => `${key}=${value}`);
    return pairs.length === 0 ? null : `pods:${namespace}//${pairs.join()}`;
  }
  if (node !== '') return `node:${node}`;
  if (service !== '') return `service:${service}`;
  if (address !== '') return `ip:${address}`;
  return hostNames[0] === undefined ? null : `host:${hostNames[0]}`;
}
