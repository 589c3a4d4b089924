import {
  addressPeers,
  ConnectionTable,
  formatConnections,
  isEmpty,
  NO_CONNECTIONS,
  subtractConnections,
  workloadPeers,
} from '#engine';
import type { CompiledSnapshot, CompileOptions, ConnectionSet, TablePeer } from '#engine';

import { newPod } from '../context/made-up-endpoint.js';
import { applyFix } from './apply-fix.js';
import type { Fix, PredictedChange, Prediction } from './fix.js';

/** Changes told one by one; the others are counted. */
const MOST_CHANGES = 50;

/** One state of the cluster with its peers by key. */
interface Side {
  readonly table: ConnectionTable;
  readonly peers: ReadonlyMap<string, TablePeer>;
}

/**
 * What a fix would open and close, by compiling the snapshot with it and comparing what the two allow; null for work
 * that no manifest does. A policy speaks for the pods of its own namespace, so pairs without an end there are not looked
 * at. A pod that does not exist yet stands for the future of each namespace that is touched.
 */
export function predictFix(snapshot: CompiledSnapshot, fix: Fix, options: CompileOptions = {}): Prediction | null {
  if (fix.action === 'task') return null;
  const states = [snapshot, applyFix(snapshot, fix, options)] as const;
  const touched = namespacesOf(fix);
  const outside = ([4, 6] as const).flatMap((family) => addressPeers(states, 'intended', family));
  const sides = states.map((state) => sideOf(state, touched, outside)) as [Side, Side];
  const changes: PredictedChange[] = [];
  let [opened, closed] = [0, 0];
  for (const [source, destination] of pairsTouched(sides[0].peers, touched)) {
    const [before, after] = sides.map((side) => connections(side, source, destination)) as [
      ConnectionSet,
      ConnectionSet,
    ];
    const opens = subtractConnections(after, before);
    const closes = subtractConnections(before, after);
    if (isEmpty(opens) && isEmpty(closes)) continue;
    if (!isEmpty(opens)) opened++;
    if (!isEmpty(closes)) closed++;
    if (changes.length < MOST_CHANGES) {
      changes.push({ source, destination, opens: formatConnections(opens), closes: formatConnections(closes) });
    }
  }
  return { changes, opened, closed };
}

/** '' when something without a namespace is touched: then every namespace is. */
function namespacesOf(fix: Fix): ReadonlySet<string> {
  const ofObject = ({ metadata }: Fix['objects'][number]): string => {
    const namespace = (metadata as { readonly namespace?: unknown } | undefined)?.namespace;
    return typeof namespace === 'string' ? namespace : '';
  };
  return new Set([...fix.objects.map(ofObject), ...fix.removes.map((ref) => ref.namespace)]);
}

function sideOf(snapshot: CompiledSnapshot, touched: ReadonlySet<string>, outside: readonly TablePeer[]): Side {
  const future = [...touched].filter(Boolean).map((namespace): TablePeer => ({
    type: 'workload',
    key: `${namespace}/(a new pod)`,
    namespace,
    name: '',
    endpoints: [newPod(snapshot, namespace)],
  }));
  const peers = [...workloadPeers(snapshot), ...future, ...outside];
  const table = new ConnectionTable(snapshot, { reading: 'intended' });
  return { table, peers: new Map(peers.map((peer) => [peer.key, peer])) };
}

/** Every ordered pair of peers with at least one end in a touched namespace. */
function* pairsTouched(
  peers: ReadonlyMap<string, TablePeer>,
  touched: ReadonlySet<string>,
): Generator<readonly [string, string]> {
  const isInside = (peer: TablePeer): boolean =>
    peer.type === 'workload' && (touched.has('') || touched.has(peer.namespace));
  const inside = new Set([...peers.values()].filter(isInside).map((peer) => peer.key));
  for (const one of inside) {
    for (const other of peers.keys()) {
      if (one === other) continue;
      yield [one, other];
      if (!inside.has(other)) yield [other, one];
    }
  }
}

function connections({ table, peers }: Side, source: string, destination: string): ConnectionSet {
  const [from, to] = [peers.get(source), peers.get(destination)];
  if (from === undefined || to === undefined) return NO_CONNECTIONS;
  return table.between(from, to).allowed;
}
