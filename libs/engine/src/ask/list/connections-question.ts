import { SCTP, TCP, UDP } from '../../model/index.js';
import type { Protocol } from '../../model/index.js';
import type { Ranges } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { ConnectionList } from '../../reach/list/connection-list.js';
import { WHOLE } from '../../reach/list/list-groups.js';
import type { DestinationShare } from '../../reach/list/list-groups.js';
import type { ListedBy, ListPeer } from '../../reach/list/list-peers.js';
import { wholeOf } from '../../reach/connection-set.js';
import type { ConnectionSet } from '../../reach/connection-set.js';
import type { RowVerdict } from '../../reach/rows/reach-rows.js';
import type { NotFound } from '../answer.js';
import type { PeerQuery } from '../question.js';
import { resolvePeer } from '../resolve-peer.js';
import { peerMembers } from '../service-members.js';
import { serviceBehind } from '../translate-service.js';
import { SEES_ALL, type Sees } from '../visibility.js';
import { serviceShares } from './service-shares.js';
import type { ServiceShares } from './service-shares.js';

/** Which connections of a snapshot to tell; a side that is null is not limited. */
export interface ConnectionsQuestion {
  readonly by: ListedBy;
  readonly reading: ReadingName;
  readonly verdict: RowVerdict;
  readonly source: PeerQuery | null;
  readonly destination: PeerQuery | null;
  /** One side at least is among these; none given does not limit. */
  readonly focus: readonly PeerQuery[];
  /** null: any of TCP, UDP and SCTP, and where no port is asked about any that policies name. */
  readonly protocol: Protocol | null;
  /** null: any. For a Service as destination these are its own ports, before translation. */
  readonly ports: Ranges | null;
  readonly outside: boolean;
  readonly nodes: boolean;
}

type Found<T> = { readonly found: T } | { readonly error: NotFound };

/**
 * Makes the list that answers a question, or tells what it names in vain. Only what `sees` admits is found. The way
 * there may pause at each null.
 */
export function* openConnections(
  snapshot: CompiledSnapshot,
  question: ConnectionsQuestion,
  sees: Sees = SEES_ALL,
): Generator<null, Found<ConnectionList>> {
  const source = sourcesOf(snapshot, question.source, sees);
  if ('error' in source) return source;
  const destination = destinationsOf(snapshot, question, sees);
  if ('error' in destination) return destination;
  const focus = question.focus.map((query) => sourcesOf(snapshot, query, sees));
  const missing = focus.find((side) => 'error' in side);
  if (missing !== undefined) return { error: { ...missing.error, side: 'focus' } };
  const chosen = new Set(focus.flatMap((side) => ('found' in side ? [...(side.found ?? [])] : [])));
  const isService = destination.found.translated;
  const list = yield* ConnectionList.open(snapshot, {
    by: question.by,
    reading: question.reading,
    verdict: question.verdict,
    sources: source.found,
    destinations: destination.found.endpoints,
    ...(destination.found.areaOf === undefined ? {} : { areaOf: destination.found.areaOf }),
    focus: question.focus.length === 0 ? null : chosen,
    ports: portsOf(question.protocol, isService ? null : question.ports),
    names: madeUpNames(snapshot, [...(source.found ?? []), ...(destination.found.endpoints?.keys() ?? []), ...chosen]),
    outside: question.outside,
    nodes: question.nodes,
    sees,
  });
  return { found: list };
}

/** Pods that are not in the snapshot are told by what the question says of them. */
function madeUpNames(snapshot: CompiledSnapshot, asked: readonly Endpoint[]): ReadonlyMap<Endpoint, ListPeer> {
  const held = new Set(snapshot.endpoints);
  const madeUp = asked.filter((endpoint) => endpoint.hypothetical && !held.has(endpoint));
  return new Map(madeUp.map((endpoint): [Endpoint, ListPeer] => [endpoint, madeUpPeer(endpoint)]));
}

function madeUpPeer({ namespace, labels }: Endpoint): ListPeer {
  const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return { kind: 'Pod', namespace, name: text.length === 0 ? '(no labels)' : `(${text.join(',')})` };
}

function sourcesOf(
  snapshot: CompiledSnapshot,
  query: PeerQuery | null,
  sees: Sees,
): Found<ReadonlySet<Endpoint> | null> {
  if (query === null) return { found: null };
  const peer = resolvePeer(snapshot, query, 'source', sees);
  if (peer.type === 'notFound') return peer;
  const found = peerMembers(snapshot, peer, 'source', sees);
  return 'error' in found ? found : { found: new Set(found.members) };
}

interface Destinations extends Pick<ServiceShares, 'areaOf'> {
  readonly endpoints: ReadonlyMap<Endpoint, readonly DestinationShare[]> | null;
  /** The ports asked about are those of a Service, and `endpoints` says what they lead to. */
  readonly translated: boolean;
}

function destinationsOf(snapshot: CompiledSnapshot, question: ConnectionsQuestion, sees: Sees): Found<Destinations> {
  if (question.destination === null) return { found: { endpoints: null, translated: false } };
  const peer = resolvePeer(snapshot, question.destination, 'destination', sees);
  if (peer.type === 'notFound') return peer;
  if (peer.type === 'endpoints') {
    const endpoints = new Map(peer.endpoints.map((endpoint) => [endpoint, WHOLE] as const));
    return { found: { endpoints, translated: false } };
  }
  const service = serviceBehind(snapshot, peer.service, sees);
  if ('error' in service) return service;
  const shares = serviceShares(snapshot, service, question, (port) => isAsked(question.ports, port));
  return { found: { translated: true, ...shares } };
}

function isAsked(ports: Ranges | null, port: number): boolean {
  return ports === null || ports.some(([from, to]) => from <= port && port <= to);
}

function portsOf(protocol: Protocol | null, ports: Ranges | null): ConnectionSet | null {
  if (protocol === null && ports === null) return null;
  const protocols = protocol === null ? [TCP, UDP, SCTP] : [protocol];
  return new Map(protocols.map((each) => [each, ports ?? wholeOf(each)]));
}
