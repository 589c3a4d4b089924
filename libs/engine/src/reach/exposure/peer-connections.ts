import { formatIp, formatRange } from '../../net/index.js';
import type { IpRange } from '../../net/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { externalEndpoint } from '../../compile/endpoint-directory.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { NO_CONNECTIONS, unionConnections } from '../connection-set.js';
import { connectionsBetween } from '../connections-between.js';
import type { Connections } from '../connections-between.js';
import { addressAtoms, addressBlocks, addressClasses } from './address-atoms.js';

/** Every pod of one owner, or a pod of its own, or a range of addresses outside the cluster: a row's side. */
export type TablePeer =
  | {
      readonly type: 'workload';
      /** `namespace/name[Kind]`; the kind of a pod without an owner is `Pod`. */
      readonly key: string;
      readonly namespace: string;
      readonly name: string;
      readonly endpoints: readonly Endpoint[];
    }
  | {
      readonly type: 'addresses';
      readonly key: string;
      readonly range: IpRange;
      readonly endpoints: readonly Endpoint[];
    };

/** What all endpoints of two peers may say to each other, for one client port or for all of them. */
export interface PeerConnectionOptions {
  readonly reading: ReadingName;
  /** Decides rules that look at the client's port; without it such rules make ports unknown. */
  readonly sourcePort?: number;
}

/** What a table calls the peer that an endpoint belongs to. Endpoints of one name are one peer. */
export type PeerNaming = (endpoint: Endpoint) => {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
};

/** A pod by its workload, or by itself when it has none. */
export const byWorkload: PeerNaming = ({ namespace, name, workload }) => ({
  namespace,
  name: workload?.name ?? name,
  kind: workload?.kind ?? 'Pod',
});

/** Every pod by itself; a template without pods by its workload. */
export const byPod: PeerNaming = (endpoint) =>
  endpoint.hypothetical ? byWorkload(endpoint) : { namespace: endpoint.namespace, name: endpoint.name, kind: 'Pod' };

/** The pods of a snapshot as peers, in order of key; pods on the host network and templates without pods included. */
export function workloadPeers(snapshot: CompiledSnapshot, naming: PeerNaming = byWorkload): readonly TablePeer[] {
  const groups = new Map<string, { namespace: string; name: string; endpoints: Endpoint[] }>();
  for (const endpoint of snapshot.endpoints) {
    if (endpoint.kind !== 'pod' && endpoint.kind !== 'hostpod') continue;
    const { namespace, name, kind } = naming(endpoint);
    const key = `${namespace}/${name}[${kind}]`;
    const group = groups.get(key) ?? { namespace, name, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpoint);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, group]) => ({ type: 'workload', key, ...group }));
}

/**
 * One peer per piece of the address space that the policies of all `snapshots` or `cuts` tell apart. Pieces that no
 * policy tells apart share their endpoint.
 */
export function addressPeers(
  snapshots: readonly CompiledSnapshot[],
  reading: ReadingName,
  family: 4 | 6,
  cuts: readonly IpRange[] = [],
): readonly TablePeer[] {
  const blocks = addressBlocks(snapshots.map((snapshot) => snapshot[reading]));
  const atoms = addressAtoms(blocks, family, cuts);
  const speakers = new Map<number, readonly Endpoint[]>();
  return addressClasses(blocks, atoms).map((speaker, index): TablePeer => {
    const range = atoms[index] as IpRange;
    const first = { family, value: range.from };
    if (speaker === index) speakers.set(index, [externalEndpoint(first)]);
    return {
      type: 'addresses',
      key: formatRange(range),
      range,
      endpoints: speakers.get(speaker) ?? [externalEndpoint(first)],
    };
  });
}

/** The connections between peers of one snapshot; each pair of endpoints is asked once. */
export class ConnectionTable {
  readonly #known = new Map<Endpoint, Map<Endpoint, Connections>>();

  constructor(
    readonly snapshot: CompiledSnapshot,
    readonly options: PeerConnectionOptions,
  ) {}

  /** The connections that some endpoint of `source` may open to some endpoint of `destination`. */
  between(source: TablePeer, destination: TablePeer): Connections {
    let allowed = NO_CONNECTIONS;
    let unknown = NO_CONNECTIONS;
    for (const from of distinct(source.endpoints)) {
      for (const to of distinct(destination.endpoints)) {
        if (from === to) continue;
        const one = this.#ask(from, to);
        allowed = unionConnections(allowed, one.allowed);
        unknown = unionConnections(unknown, one.unknown);
      }
    }
    return { allowed, unknown };
  }

  #ask(from: Endpoint, to: Endpoint): Connections {
    const known = this.#known.get(from) ?? new Map<Endpoint, Connections>();
    this.#known.set(from, known);
    let connections = known.get(to);
    if (connections === undefined) {
      const { reading, sourcePort } = this.options;
      connections = connectionsBetween(this.snapshot, from, to, reading, sourcePort);
      known.set(to, connections);
    }
    return connections;
  }
}

/** Replicas that no policy can tell apart are asked once. */
function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.length < 2) return endpoints;
  const byShape = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const { kind, labels, serviceAccount, ports, node } = endpoint;
    const ips = endpoint.ips.map(formatIp);
    const key = JSON.stringify([kind, labels, serviceAccount, ports, node, ips]);
    if (!byShape.has(key)) byShape.set(key, endpoint);
  }
  return [...byShape.values()];
}
