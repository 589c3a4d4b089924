import {
  addressPeers,
  byWorkload,
  ConnectionTable,
  equalConnections,
  isEmpty,
  NO_CONNECTIONS,
  workloadPeers,
  type CompiledSnapshot,
  type ConnectionSet,
  type PeerNaming,
  type TablePeer,
} from '#engine';

import { CONTROLLER_PEER, controllerConnections } from './ingress-controller.js';

/** A pair of peers whose allowed connections differ between two states. */
export interface ConnectivityChange {
  /** `added`: nothing was allowed before. `removed`: nothing is allowed after. */
  readonly type: 'changed' | 'added' | 'removed';
  readonly source: TablePeer;
  readonly destination: TablePeer;
  readonly before: ConnectionSet;
  readonly after: ConnectionSet;
  /** Keys of the workloads of the pair that exist in one state only. */
  readonly workloads: readonly { readonly key: string; readonly change: 'added' | 'removed' }[];
}

interface DiffOptions {
  readonly families: readonly (4 | 6)[];
  /** How pods are grouped and matched between the states, each state by its own; by workload when it is left out. */
  readonly naming?: (snapshot: CompiledSnapshot) => PeerNaming;
}

interface Side {
  readonly table: ConnectionTable;
  readonly workloads: ReadonlyMap<string, TablePeer>;
}

/**
 * The pairs whose connections two states allow differently by their policies as written, in order of source and
 * destination. Workloads are matched by name; the address space is cut where the policies of either state cut it.
 */
export function connectivityDiff(
  before: CompiledSnapshot,
  after: CompiledSnapshot,
  { families, naming = () => byWorkload }: DiffOptions,
): readonly ConnectivityChange[] {
  const sides = [before, after].map((snapshot): Side => ({
    table: new ConnectionTable(snapshot, { reading: 'intended' }),
    workloads: new Map(workloadPeers(snapshot, naming(snapshot)).map((peer) => [peer.key, peer])),
  })) as [Side, Side];
  const keys = [...new Set(sides.flatMap((side) => [...side.workloads.keys()]))].sort();
  const outside = families.flatMap((family) => addressPeers([before, after], 'intended', family));
  const known = new Map([...outside, CONTROLLER_PEER].map((peer) => [peer.key, peer]));
  const changes: ConnectivityChange[] = [];
  for (const source of [...keys, ...known.keys()]) {
    for (const destination of [...keys, ...known.keys()]) {
      if (source === destination || (known.has(source) && known.has(destination))) continue;
      const change = changeOf(sides, known, source, destination);
      if (change !== null) changes.push(change);
    }
  }
  return changes;
}

function changeOf(
  sides: readonly [Side, Side],
  outside: ReadonlyMap<string, TablePeer>,
  source: string,
  destination: string,
): ConnectivityChange | null {
  const peers = sides.map((side) => [peerOf(side, outside, source), peerOf(side, outside, destination)] as const);
  const [before, after] = sides.map(({ table }, index): ConnectionSet => {
    const [from, to] = peers[index] as readonly [TablePeer | null, TablePeer | null];
    if (from === null || to === null) return NO_CONNECTIONS;
    if (from === CONTROLLER_PEER) return controllerConnections(table.snapshot, to);
    return table.between(from, to).allowed;
  }) as [ConnectionSet, ConnectionSet];
  if (equalConnections(before, after)) return null;
  const pick = (side: 0 | 1): TablePeer => (peers[0]?.[side] ?? peers[1]?.[side]) as TablePeer;
  return {
    type: isEmpty(before) ? 'added' : isEmpty(after) ? 'removed' : 'changed',
    source: pick(0),
    destination: pick(1),
    before,
    after,
    workloads: [source, destination].flatMap((key) => cameOrWent(sides, outside, key)),
  };
}

function peerOf(side: Side, outside: ReadonlyMap<string, TablePeer>, key: string): TablePeer | null {
  return side.workloads.get(key) ?? outside.get(key) ?? null;
}

function cameOrWent(
  [before, after]: readonly [Side, Side],
  outside: ReadonlyMap<string, TablePeer>,
  key: string,
): { key: string; change: 'added' | 'removed' }[] {
  if (outside.has(key) || before.workloads.has(key) === after.workloads.has(key)) return [];
  return [{ key, change: before.workloads.has(key) ? 'removed' : 'added' }];
}
