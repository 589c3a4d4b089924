import { protocolName } from '../../model/index.js';
import type { ConnectionSet } from '../../reach/connection-set.js';
import { formatConnections } from '../../reach/connection-set.js';
import type { ListedConnection } from '../../reach/list/connection-list.js';
import { peerKey } from '../../reach/list/list-peers.js';
import type { ListPeer } from '../../reach/list/list-peers.js';

/** A row of the list of connections, as every door tells it. */
export interface ConnectionView {
  readonly source: ListPeer;
  readonly destination: ListPeer;
  /** `all`, or as `TCP 80, 443; UDP 53`. */
  readonly connections: string;
  readonly protocols: readonly ProtocolPorts[];
  /** Pairs of endpoints with some connection, and all that were looked at. */
  readonly pairs: number;
  readonly of: number;
}

/** Ports of one protocol, types of ICMP, ICMPv6 and IGMP, 0 where there are neither; ranges are inclusive, ascending, disjoint. */
export interface ProtocolPorts {
  readonly protocol: string;
  readonly ports: readonly { readonly from: number; readonly to: number }[];
}

const VIEWS = new WeakMap<ConnectionSet, Pick<ConnectionView, 'connections' | 'protocols'>>();

export function connectionView({ source, destination, connections, pairs, of }: ListedConnection): ConnectionView {
  let words = VIEWS.get(connections);
  if (words === undefined) {
    words = { connections: formatConnections(connections), protocols: protocolPorts(connections) };
    VIEWS.set(connections, words);
  }
  return { source, destination, connections: words.connections, protocols: words.protocols, pairs, of };
}

export function protocolPorts(set: ConnectionSet): readonly ProtocolPorts[] {
  return [...set]
    .filter(([, ranges]) => ranges.length > 0)
    .map(([protocol, ranges]) => ({
      protocol: protocolName(protocol),
      ports: ranges.map(([from, to]) => ({ from, to })),
    }));
}

/** Peers against peers. Cells with nothing in them are left out. */
export interface ConnectionMatrix {
  /** Everything that is in some cell, in order. */
  readonly peers: readonly ListPeer[];
  /** In order of source, then destination; both are places in `peers`. */
  readonly cells: readonly (Omit<ConnectionView, 'source' | 'destination'> & {
    readonly source: number;
    readonly destination: number;
  })[];
}

export function connectionMatrix(rows: readonly ConnectionView[]): ConnectionMatrix {
  const byKey = new Map(rows.flatMap(({ source, destination }) => [source, destination]).map((p) => [peerKey(p), p]));
  const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  const place = new Map(sorted.map(([key], index) => [key, index]));
  const at = (peer: ListPeer): number => place.get(peerKey(peer)) as number;
  const cells = rows.map((row) => ({ ...row, source: at(row.source), destination: at(row.destination) }));
  return {
    peers: sorted.map(([, peer]) => peer),
    cells: cells.sort((a, b) => a.source - b.source || a.destination - b.destination),
  };
}
