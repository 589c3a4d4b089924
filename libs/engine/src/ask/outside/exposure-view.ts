import { objectKey } from '../../model/index.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { buildPolicySet } from '../../compile/policy-set.js';
import type { PolicySet } from '../../compile/policy-set.js';
import { withReading } from '../../compile/with-reading.js';
import { pairFamilies } from '../../eval/evaluate-pair.js';
import type { ReadingName } from '../../eval/evaluate-pair.js';
import { formatConnections, isEmpty } from '../../reach/connection-set.js';
import { connectionsBetween } from '../../reach/connections-between.js';
import { landmarksOf } from '../../reach/blast/landmarks.js';
import { exposureOf } from '../../reach/exposure/exposure.js';
import type { CertainConnections } from '../../reach/exposure/hypothetical-peer.js';
import { buildClasses } from '../../reach/matrix/class-table.js';
import { listPeerOf, peerKey } from '../../reach/list/list-peers.js';
import type { ListPeer } from '../../reach/list/list-peers.js';
import { SEES_ALL, type Sees } from '../visibility.js';
import { selectorText } from './selector-text.js';

/** What one workload is open to. */
export interface ExposureView {
  readonly peer: ListPeer;
  readonly endpoints: number;
  /** Whether some policy selects it in the direction. */
  readonly protected: { readonly ingress: boolean; readonly egress: boolean };
  /** What any address of the internet may open at it: `none`, `all`, or ports. Policy alone: see the ways in for routes. */
  readonly fromInternet: string;
  /** What any pod of any namespace may open at it, present or future. */
  readonly fromAnyPod: string;
  /** What pods that rules choose by label may open besides, also when there are none yet. */
  readonly fromSelected: readonly { readonly selector: string; readonly connections: string }[];
  /** What it may open on any address of the internet, and at any pod. */
  readonly toInternet: string;
  readonly toAnyPod: string;
}

/**
 * The exposure of every workload that `within` admits, in order of namespace and name. Replicas that no policy tells
 * apart are asked about once. Null where the walk may pause.
 */
export function* exposures(
  snapshot: CompiledSnapshot,
  reading: ReadingName,
  within: (endpoint: Endpoint) => boolean,
  sees: Sees = SEES_ALL,
  skip = 0,
): Generator<ExposureView | null> {
  const known = knownOf(snapshot, reading);
  const asked = known.workloads
    .filter(({ peer }) => sees(peer.namespace))
    .map((group) => ({
      ...group,
      members: group.members.filter(({ endpoint }) => within(endpoint)),
    }));
  for (const { peer, members } of asked.filter((group) => group.members.length > 0).slice(skip)) {
    yield { peer, endpoints: members.length, ...known.of(members[0] as Member) };
    yield null;
  }
}

/** An endpoint with the class of those that no policy tells apart from it. */
interface Member {
  readonly id: number;
  readonly endpoint: Endpoint;
}

interface Workload {
  readonly peer: ListPeer;
  readonly members: readonly Member[];
}

type Exposed = Omit<ExposureView, 'peer' | 'endpoints'>;

/** What is kept with a snapshot, of which many pages are told: its workloads, and what classes are open to. */
class KnownExposures {
  /** In order of namespace and name. */
  readonly workloads: readonly Workload[];
  readonly #snapshot: CompiledSnapshot;
  readonly #reading: ReadingName;
  readonly #internet: readonly Endpoint[];
  readonly #sets: readonly KeyedSet[];
  readonly #ofClass = new Map<number, Exposed>();
  /** The last namespace that was asked about, with the snapshot as that sees it. */
  #last: readonly [namespace: string, narrowed: CompiledSnapshot] | null = null;

  constructor(snapshot: CompiledSnapshot, reading: ReadingName) {
    this.#snapshot = snapshot;
    this.#reading = reading;
    this.workloads = workloadsOf(snapshot, reading);
    this.#internet = landmarksOf(snapshot, reading)
      .filter(({ name }) => name === 'internet')
      .map(({ endpoint }) => endpoint);
    this.#sets = snapshot[reading].sets.map((set) => ({
      set,
      keys: set.policies.map(({ policy }) => objectKey(policy)),
    }));
  }

  of({ id, endpoint }: Member): Exposed {
    const known = this.#ofClass.get(id);
    if (known !== undefined) return known;
    const found = exposureView(this.#snapshot, this.#narrowedTo(endpoint), endpoint, this.#reading, this.#internet);
    this.#ofClass.set(id, found);
    return found;
  }

  #narrowedTo(endpoint: Endpoint): CompiledSnapshot {
    if (this.#last?.[0] !== endpoint.namespace) {
      const sets = this.#sets.map((set) => ofNamespace(set, endpoint));
      const narrowed = { ...this.#snapshot[this.#reading], sets };
      this.#last = [endpoint.namespace, withReading(this.#snapshot, this.#reading, narrowed)];
    }
    return this.#last[1];
  }
}

const KNOWN = new WeakMap<CompiledSnapshot, Map<ReadingName, KnownExposures>>();

function knownOf(snapshot: CompiledSnapshot, reading: ReadingName): KnownExposures {
  const readings = KNOWN.get(snapshot) ?? new Map<ReadingName, KnownExposures>();
  KNOWN.set(snapshot, readings);
  const known = readings.get(reading) ?? new KnownExposures(snapshot, reading);
  readings.set(reading, known);
  return known;
}

function workloadsOf(snapshot: CompiledSnapshot, reading: ReadingName): readonly Workload[] {
  const { classOf } = buildClasses(snapshot.endpoints, snapshot[reading].sets);
  const groups = new Map<string, { readonly peer: ListPeer; readonly members: Member[] }>();
  for (const [index, endpoint] of snapshot.endpoints.entries()) {
    if (endpoint.kind === 'node') continue;
    const peer = listPeerOf(endpoint, 'workload');
    const group = groups.get(peerKey(peer)) ?? { peer, members: [] };
    groups.set(peerKey(peer), group);
    group.members.push({ id: classOf[index] as number, endpoint });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function exposureView(
  snapshot: CompiledSnapshot,
  own: CompiledSnapshot,
  endpoint: Endpoint,
  reading: ReadingName,
  internet: readonly Endpoint[],
): Exposed {
  const ingress = exposureOf(own, endpoint, 'ingress', reading);
  const egress = exposureOf(own, endpoint, 'egress', reading);
  const over = (pair: (outside: Endpoint) => readonly [Endpoint, Endpoint]): string => {
    const reachable = internet.filter((outside) => pairFamilies(outside, endpoint).length > 0);
    const sets = reachable.map((outside) => connectionsBetween(snapshot, ...pair(outside), reading).allowed);
    const some = [...new Set(sets.filter((set) => !isEmpty(set)).map(formatConnections))];
    if (some.length === 0) return 'none';
    const isAll = some.length === 1 && sets.every((set) => !isEmpty(set));
    return isAll ? (some[0] as string) : `${some.join(' or ')} (some addresses)`;
  };
  return {
    protected: { ingress: ingress.protected, egress: egress.protected },
    fromInternet: over((outside) => [outside, endpoint]),
    fromAnyPod: certainText(ingress.entireCluster),
    fromSelected: ingress.selected.map(({ selector, connections }) => ({
      selector: selectorText(selector),
      connections: certainText(connections),
    })),
    toInternet: over((outside) => [endpoint, outside]),
    toAnyPod: certainText(egress.entireCluster),
  };
}

/** Policies with the key of the object of each. */
interface KeyedSet {
  readonly set: PolicySet;
  readonly keys: readonly string[];
}

/** The policies alone that may speak for the pods of one namespace: nothing else matters to them. */
function ofNamespace({ set, keys }: KeyedSet, endpoint: Endpoint): PolicySet {
  const tiers = set.gates.flatMap(({ tiers: all }) => all);
  const spoken = tiers.flatMap(({ groups }) =>
    (['ingress', 'egress'] as const).flatMap((direction) => groups[direction].groupsFor(endpoint).flat()),
  );
  const wanted = new Set(spoken.map(({ entry }) => objectKey(entry.source.policy)));
  const policies = set.policies.filter((_, place) => wanted.has(keys[place] as string));
  return buildPolicySet(
    policies,
    tiers.map(({ tier }) => tier),
    set.semantics,
  );
}

function certainText({ allowed, names }: CertainConnections): string {
  const named = names.map(({ name }) => `port ${name}`);
  const numbers = isEmpty(allowed) ? [] : [formatConnections(allowed)];
  return [...numbers, ...named].join('; ') || 'none';
}
