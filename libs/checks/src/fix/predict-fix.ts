import {
  addressPeers,
  buildClasses,
  connectionsBetween,
  formatConnections,
  isEmpty,
  isHost,
  isolationOf,
  NO,
  NO_CONNECTIONS,
  SEES_ALL,
  subtractConnections,
  unionConnections,
  workloadPeers,
} from '#engine';
import type {
  CompiledSnapshot,
  ConnectionSet,
  Direction,
  Endpoint,
  PolicySet,
  ReadyEntry,
  Sees,
  TablePeer,
} from '#engine';

import { newPod } from '../context/made-up-endpoint.js';
import { applyFix } from './apply-fix.js';
import type { Fix, PredictedChange, Prediction } from './fix.js';

/** Changes told one by one; the others are counted. */
const MOST_CHANGES = 50;

/**
 * What a fix would open and close, by comparing what the snapshot and the one with it allow; null for work that no
 * manifest does. A policy speaks for the pods of its own namespace, so pairs without an end there are not looked at. A
 * pod that does not exist yet stands for the future of each namespace that is touched. Only what the caller sees is told.
 */
export function predictFix(
  snapshot: CompiledSnapshot,
  fix: Fix,
  { sees = SEES_ALL }: { readonly sees?: Sees } = {},
): Prediction | null {
  if (fix.action === 'task') return null;
  const touched = namespacesOf(fix);
  const after = applyFix(snapshot, fix);
  const peers = peersOf([snapshot, after], touched, sees);
  const table = new ChangeTable(snapshot, after, touched, peers);
  const changes: PredictedChange[] = [];
  let [opened, closed] = [0, 0];
  for (const [source, destination, { opens, closes }] of table.changes()) {
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

interface Change {
  readonly opens: ConnectionSet;
  readonly closes: ConnectionSet;
}

const NO_CHANGE: Change = { opens: NO_CONNECTIONS, closes: NO_CONNECTIONS };

/** Peers that neither state tells apart: what one may say to another peer, each may. */
interface Group {
  /** The group's place among all. */
  readonly index: number;
  /** Whether they are in a namespace that the fix touches. */
  readonly inside: boolean;
  readonly peers: TablePeer[];
}

/** Endpoints that speak for all of a peer. */
interface StandIns {
  /** One of each class. */
  readonly each: readonly Endpoint[];
  /**
   * The same, and of those that are on several nodes one on another. A host always speaks with the pods of its node: of
   * two that are not on one node, one is elsewhere for every host.
   */
  readonly onNodes: readonly Endpoint[];
  readonly hasHost: boolean;
}

/** What changes between the peers of one group and those of every group, by the index of the other. */
interface GroupChanges {
  readonly to: readonly (Change | null)[];
  readonly from: readonly (Change | null)[];
  readonly none: boolean;
}

/**
 * Differences between two states, asked of the endpoints of the first: a fix changes policies and no endpoint. Endpoints
 * that neither set tells apart are one class and asked about once; pairs whose rules are the same in both are not.
 */
class ChangeTable {
  readonly #classOf = new Map<Endpoint, number>();
  readonly #known = new Map<string, Change>();
  readonly #changed = new Map<string, RulesApart>();
  readonly #standIns = new Map<TablePeer, StandIns>();
  readonly #groups: Group[] = [];
  readonly #groupOf: readonly Group[];

  constructor(
    readonly before: CompiledSnapshot,
    readonly after: CompiledSnapshot,
    readonly touched: ReadonlySet<string>,
    readonly peers: readonly TablePeer[],
  ) {
    const endpoints = [...new Set(peers.flatMap((peer) => peer.endpoints))];
    const { classOf } = buildClasses(endpoints, [setOf(before), setOf(after)]);
    for (const [index, endpoint] of endpoints.entries()) this.#classOf.set(endpoint, classOf[index] as number);
    const hasHosts = endpoints.some(isHost);
    const byKey = new Map<string, Group>();
    this.#groupOf = peers.map((peer) => {
      const inside = peer.type === 'workload' && this.#isTouched(peer.namespace);
      const byClass = this.#byClass(peer);
      const each = byClass.map(([one]) => one);
      this.#standIns.set(peer, { each, onNodes: byClass.flat() as Endpoint[], hasHost: each.some(isHost) });
      const places = byClass.map(
        ([one, other]) => `${this.#classOf.get(one)} ${hasHosts && other === undefined ? one.node : ''}`,
      );
      const key = `${inside} ${places.sort().join(',')}`;
      let group = byKey.get(key);
      if (group === undefined) {
        group = { index: this.#groups.length, inside, peers: [] };
        byKey.set(key, group);
        this.#groups.push(group);
      }
      group.peers.push(peer);
      return group;
    });
  }

  /** Every ordered pair of peers with at least one end in a touched namespace that may say other things after. */
  *changes(): Generator<readonly [TablePeer, TablePeer, Change]> {
    const known = this.#groups.map((group) => (group.inside ? this.#changesOf(group) : null));
    for (const [index, one] of this.peers.entries()) {
      const changes = known[(this.#groupOf[index] as Group).index] ?? null;
      if (changes === null || changes.none) continue;
      for (const [place, other] of this.peers.entries()) {
        if (one === other) continue;
        const group = this.#groupOf[place] as Group;
        const to = changes.to[group.index] ?? null;
        if (to !== null) yield [one, other, to];
        const from = group.inside ? null : (changes.from[group.index] ?? null);
        if (from !== null) yield [other, one, from];
      }
    }
  }

  #changesOf(group: Group): GroupChanges {
    const between = (source: Group, destination: Group): Change | null => {
      const from = source.peers[0] as TablePeer;
      const to = source === destination ? source.peers[1] : destination.peers[0];
      const change = to === undefined ? NO_CHANGE : this.#between(from, to);
      return isEmpty(change.opens) && isEmpty(change.closes) ? null : change;
    };
    const to = this.#groups.map((other) => between(group, other));
    const from = this.#groups.map((other) => between(other, group));
    return { to, from, none: [...to, ...from].every((change) => change === null) };
  }

  /** What any endpoint of `source` may open to any endpoint of `destination` in one state only. */
  #between(source: TablePeer, destination: TablePeer): Change {
    const [from, to] = [this.#standIns.get(source) as StandIns, this.#standIns.get(destination) as StandIns];
    const senders = to.hasHost ? from.onNodes : from.each;
    const receivers = from.hasHost ? to.onNodes : to.each;
    let { opens, closes } = NO_CHANGE;
    for (const one of senders) {
      for (const other of receivers) {
        if (one === other || !(this.#isChanged(one, other, 'egress') || this.#isChanged(other, one, 'ingress')))
          continue;
        const change = this.#changeOf(one, other);
        opens = unionConnections(opens, change.opens);
        closes = unionConnections(closes, change.closes);
      }
    }
    return { opens, closes };
  }

  /** Of each class, one endpoint of a peer, and one that is on another node if there is one. */
  #byClass({ endpoints }: TablePeer): readonly (readonly [Endpoint, Endpoint?])[] {
    const found = new Map<number, readonly [Endpoint, Endpoint?]>();
    for (const endpoint of endpoints) {
      const id = this.#classOf.get(endpoint) as number;
      const [one, other] = found.get(id) ?? [];
      if (one === undefined) found.set(id, [endpoint]);
      else if (other === undefined && one.node !== endpoint.node) found.set(id, [one, endpoint]);
    }
    return [...found.values()];
  }

  #changeOf(from: Endpoint, to: Endpoint): Change {
    const isOwnNode = from.node === to.node && (isHost(from) || isHost(to));
    const key = `${this.#classOf.get(from)}>${this.#classOf.get(to)}${isOwnNode ? ' on its node' : ''}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      const before = connectionsBetween(this.before, from, to, 'intended').allowed;
      const after = connectionsBetween(this.after, from, to, 'intended').allowed;
      known = { opens: subtractConnections(after, before), closes: subtractConnections(before, after) };
      this.#known.set(key, known);
    }
    return known;
  }

  /** Whether other rules speak for an endpoint about a peer in one state than in the other. */
  #isChanged(subject: Endpoint, peer: Endpoint, direction: Direction): boolean {
    if (!this.#isTouched(subject.namespace)) return false;
    const key = `${direction} ${this.#classOf.get(subject)}`;
    let known = this.#changed.get(key);
    if (known === undefined) {
      known = rulesApart(this.before, this.after, subject, direction);
      this.#changed.set(key, known);
    }
    return known === 'all' || known.some((rule) => mayConcern(rule, subject, peer));
  }

  #isTouched(namespace: string): boolean {
    return this.touched.has('') || this.touched.has(namespace);
  }
}

function setOf(state: CompiledSnapshot): PolicySet {
  return state.intended.sets[0] as PolicySet;
}

type RulesApart = 'all' | readonly ReadyEntry[];

/** The rules that may be for an endpoint. */
function rulesFor(set: PolicySet, endpoint: Endpoint, direction: Direction): readonly ReadyEntry[] {
  return set.gates.flatMap(({ tiers }) =>
    tiers.flatMap((tier) =>
      tier.groups[direction]
        .groupsFor(endpoint)
        .flat()
        .filter((ready) => ready.subject(endpoint, endpoint) !== NO),
    ),
  );
}

/** The rules of one of two states alone; `all` where an endpoint is not isolated likewise in both. */
function rulesApart(
  before: CompiledSnapshot,
  after: CompiledSnapshot,
  endpoint: Endpoint,
  direction: Direction,
): RulesApart {
  const [was, is] = [before, after].map(({ intended }) => isolationOf(intended, endpoint, direction));
  if (was !== is) return 'all';
  const apart = new Map(rulesFor(setOf(before), endpoint, direction).map((rule) => [JSON.stringify(rule.entry), rule]));
  for (const rule of rulesFor(setOf(after), endpoint, direction)) {
    const text = JSON.stringify(rule.entry);
    if (!apart.delete(text)) apart.set(text, rule);
  }
  return [...apart.values()];
}

function mayConcern({ peers }: ReadyEntry, subject: Endpoint, peer: Endpoint): boolean {
  return peers === 'any' || peers.some((matches) => matches(peer, subject) !== NO);
}
