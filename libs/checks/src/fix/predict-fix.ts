import {
  addressPeers,
  buildClasses,
  connectionsBetween,
  formatConnections,
  isEmpty,
  isHost,
  NO,
  NO_CONNECTIONS,
  SEES_ALL,
  subtractConnections,
  unionConnections,
  workloadPeers,
} from '#engine';
import type {
  CompiledSnapshot,
  CompileOptions,
  ConnectionSet,
  Direction,
  Endpoint,
  PolicySet,
  Sees,
  TablePeer,
} from '#engine';

import { newPod } from '../context/made-up-endpoint.js';
import { applyFix } from './apply-fix.js';
import type { Fix, PredictedChange, Prediction } from './fix.js';

/** Changes told one by one; the others are counted. */
const MOST_CHANGES = 50;

/**
 * What a fix would open and close, by compiling the snapshot with it and comparing what the two states allow; null for
 * work that no manifest does. A policy speaks for the pods of its own namespace, so pairs without an end there are not
 * looked at. A pod that does not exist yet stands for the future of each namespace that is touched. Only what the caller
 * sees is told.
 */
export function predictFix(
  snapshot: CompiledSnapshot,
  fix: Fix,
  options: CompileOptions & { readonly sees?: Sees } = {},
): Prediction | null {
  const { sees = SEES_ALL, ...compiling } = options;
  if (fix.action === 'task') return null;
  const touched = namespacesOf(fix);
  const after = applyFix(snapshot, fix, compiling);
  const peers = peersOf([snapshot, after], touched, sees);
  const table = new ChangeTable(snapshot, after, touched, peers);
  const changes: PredictedChange[] = [];
  let [opened, closed] = [0, 0];
  for (const [source, destination] of pairsTouched(peers, touched)) {
    const { opens, closes } = table.between(source, destination);
    if (isEmpty(opens) && isEmpty(closes)) continue;
    if (!isEmpty(opens)) opened++;
    if (!isEmpty(closes)) closed++;
    if (changes.length === MOST_CHANGES) continue;
    const words = { opens: formatConnections(opens), closes: formatConnections(closes) };
    changes.push({ source: source.key, destination: destination.key, ...words });
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

function peersOf(
  states: readonly [CompiledSnapshot, CompiledSnapshot],
  touched: ReadonlySet<string>,
  sees: Sees,
): readonly TablePeer[] {
  const [snapshot] = states;
  const future = [...touched].filter(Boolean).map((namespace): TablePeer => ({
    type: 'workload',
    key: `${namespace}/(a new pod)`,
    namespace,
    name: '',
    endpoints: [newPod(snapshot, namespace)],
  }));
  // Where addresses part is told by every policy there is, so who may not see them all hears of none.
  const outside = sees('') ? ([4, 6] as const).flatMap((family) => addressPeers(states, 'intended', family)) : [];
  const workloads = workloadPeers(snapshot).filter((peer) => peer.type !== 'workload' || sees(peer.namespace));
  return [...workloads, ...future, ...outside];
}

/** Every ordered pair of peers with at least one end in a touched namespace. */
function* pairsTouched(
  peers: readonly TablePeer[],
  touched: ReadonlySet<string>,
): Generator<readonly [TablePeer, TablePeer]> {
  const isInside = (peer: TablePeer): boolean =>
    peer.type === 'workload' && (touched.has('') || touched.has(peer.namespace));
  for (const one of peers.filter(isInside)) {
    for (const other of peers) {
      if (one === other) continue;
      yield [one, other];
      if (!isInside(other)) yield [other, one];
    }
  }
}

interface Change {
  readonly opens: ConnectionSet;
  readonly closes: ConnectionSet;
}

const NO_CHANGE: Change = { opens: NO_CONNECTIONS, closes: NO_CONNECTIONS };

/**
 * Differences between two states, asked of the endpoints of the first: a fix changes policies and no endpoint. Endpoints
 * that neither set tells apart are one class and asked about once; pairs whose rules are the same in both are not.
 */
class ChangeTable {
  readonly #classOf = new Map<Endpoint, string>();
  readonly #known = new Map<string, Change>();
  readonly #changed = new Map<string, boolean>();

  constructor(
    readonly before: CompiledSnapshot,
    readonly after: CompiledSnapshot,
    readonly touched: ReadonlySet<string>,
    peers: readonly TablePeer[],
  ) {
    const endpoints = [...new Set(peers.flatMap((peer) => peer.endpoints))];
    const { classOf } = buildClasses(endpoints, [setOf(before), setOf(after)]);
    for (const [index, endpoint] of endpoints.entries()) this.#classOf.set(endpoint, String(classOf[index]));
  }

  /** What any endpoint of `source` may open to any endpoint of `destination` in one state only. */
  between(source: TablePeer, destination: TablePeer): Change {
    const [senders, receivers] = [this.#distinct(source.endpoints), this.#distinct(destination.endpoints)];
    const changed =
      senders.some((endpoint) => this.#isChanged(endpoint, 'egress')) ||
      receivers.some((endpoint) => this.#isChanged(endpoint, 'ingress'));
    if (!changed) return NO_CHANGE;
    let { opens, closes } = NO_CHANGE;
    for (const from of senders) {
      for (const to of receivers) {
        if (from === to) continue;
        const change = this.#changeOf(from, to);
        opens = unionConnections(opens, change.opens);
        closes = unionConnections(closes, change.closes);
      }
    }
    return { opens, closes };
  }

  /** One endpoint of each class. */
  #distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    if (endpoints.length < 2) return endpoints;
    const byClass = new Map(endpoints.map((endpoint) => [this.#key(endpoint), endpoint]));
    return [...byClass.values()];
  }

  /** Where hosts are concerned it matters on which node an endpoint is. */
  #key(endpoint: Endpoint): string {
    return `${this.#classOf.get(endpoint) ?? ''} ${isHost(endpoint) ? endpoint.node : ''}`;
  }

  #changeOf(from: Endpoint, to: Endpoint): Change {
    const nodes = isHost(from) || isHost(to) ? ` ${from.node} ${to.node}` : '';
    const key = `${this.#key(from)}>${this.#key(to)}${nodes}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const before = connectionsBetween(this.before, from, to, 'intended').allowed;
      const after = connectionsBetween(this.after, from, to, 'intended').allowed;
      known = { opens: subtractConnections(after, before), closes: subtractConnections(before, after) };
      this.#known.set(key, known);
    }
    return known;
  }

  /** Whether other rules speak for an endpoint in one state than in the other. */
  #isChanged(endpoint: Endpoint, direction: Direction): boolean {
    if (!this.touched.has('') && !this.touched.has(endpoint.namespace)) return false;
    const key = `${direction} ${this.#key(endpoint)}`;
    let known = this.#changed.get(key);
    if (known === undefined) {
      const [before, after] = [this.before, this.after].map((state) => rulesText(setOf(state), endpoint, direction));
      known = before !== after;
      this.#changed.set(key, known);
    }
    return known;
  }
}

function setOf(state: CompiledSnapshot): PolicySet {
  return state.intended.sets[0] as PolicySet;
}

function rulesText(set: PolicySet, endpoint: Endpoint, direction: Direction): string {
  const entries = set.gates.flatMap(({ tiers }) =>
    tiers.flatMap((tier) =>
      tier.groups[direction]
        .groupsFor(endpoint)
        .flat()
        .filter((ready) => ready.subject(endpoint, endpoint) !== NO)
        .map((ready) => ready.entry),
    ),
  );
  return JSON.stringify(entries);
}
