import { objectKey, objectLabel } from '../model/index.js';
import type { CompiledPolicy, ObjectRef, Selector } from '../model/index.js';
import type { CompiledSnapshot, Reading } from '../compile/compile-snapshot.js';
import type { Endpoint } from '../compile/endpoint.js';
import { namespacesOfSubject } from '../compile/subject-index.js';
import { updateSnapshot } from '../compile/update-snapshot.js';
import { compileSelector, NO } from '../compile/match-selector.js';
import { buildPolicySet } from '../compile/policy-set.js';
import { withReading } from '../compile/with-reading.js';
import type { PolicySet } from '../compile/policy-set.js';
import { normaliseObject } from '../normalise/normalise-object.js';
import { BlastRadius } from '../reach/blast/blast-radius.js';
import type { BlastDirection } from '../reach/blast/blast-radius.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import type { Sees } from '../ask/visibility.js';

/** A policy that would change what is within reach, and by how much. */
export interface PolicyLever {
  readonly change: 'remove' | 'add';
  /** The policy that goes, or the default deny that comes. */
  readonly policy: ObjectRef;
  /** As `remove shop/web-egress` or `add a default deny for ingress to shop`. */
  readonly title: string;
  /** Endpoints within reach with the change. */
  readonly reached: number;
  /** Against now: above 0 for more, below 0 for less. */
  readonly difference: number;
}

export interface PolicyLevers {
  /** The largest difference first; changes that make none are left out. */
  readonly levers: readonly PolicyLever[];
  /** Changes that were tried, of all there are. */
  readonly tried: number;
  readonly candidates: number;
}

export interface LeverQuestion {
  readonly starts: readonly Endpoint[];
  readonly direction: BlastDirection;
  readonly hops: number;
  readonly reading: ReadingName;
  /** How many changes are tried at most; as many as are soon done when left out. */
  readonly most?: number;
}

/** How far the trials are. */
export interface LeverTrials {
  readonly tried: number;
  readonly of: number;
}

/** Changes that are tried: each needs all rows of a snapshot anew, so fewer of a large one. */
const MOST_TRIED = 24;
const FEWEST_TRIED = 4;
const MOST_ROWS = 120_000;
const MOST_NAMESPACES = 6;
/** Policies that are weighed before the way there may pause. */
const AT_ONCE = 100;

/**
 * The policies whose removal, and the default denies whose addition, changes most what is within reach. Each is tried;
 * where there are many, those that speak for most of what the change may concern. The way there may pause at each value.
 */
export function* policyLevers(
  snapshot: CompiledSnapshot,
  question: LeverQuestion,
  sees: Sees,
): Generator<LeverTrials | null, PolicyLevers> {
  const count = (state: CompiledSnapshot): { reached: number; targets: readonly Endpoint[] } => {
    const starts = question.starts.map((start) => sameIn(state, start)).filter((found) => found !== undefined);
    const { targets } = new BlastRadius(state, question.reading).of(starts, question);
    const seen = targets.map(({ endpoint }) => endpoint).filter(({ namespace }) => sees(namespace));
    return { reached: seen.length, targets: seen };
  };
  const now = count(snapshot);
  yield null;
  const candidates = [
    ...additions(question, now.targets, sees),
    ...(yield* removals(snapshot, question, new Set(now.targets), sees)),
  ];
  const affordable = Math.floor(MOST_ROWS / (snapshot.endpoints.length + 1));
  const soonDone = Math.min(MOST_TRIED, Math.max(FEWEST_TRIED, affordable));
  const trials = candidates.slice(0, question.most ?? soonDone);
  const levers: PolicyLever[] = [];
  for (const [tried, { make, ...told }] of trials.entries()) {
    yield { tried, of: trials.length };
    const { reached } = count(make(snapshot));
    const difference = reached - now.reached;
    if (difference !== 0) levers.push({ ...told, reached, difference });
  }
  levers.sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference) || (a.title < b.title ? -1 : 1));
  return { levers, tried: trials.length, candidates: candidates.length };
}

interface Candidate extends Pick<PolicyLever, 'change' | 'policy' | 'title'> {
  readonly make: (snapshot: CompiledSnapshot) => CompiledSnapshot;
}

/** An endpoint of another compilation of the same facts. */
function sameIn({ directory, endpoints }: CompiledSnapshot, { kind, namespace, name }: Endpoint): Endpoint | undefined {
  if (kind === 'node') return directory.node(name) ?? undefined;
  const pod = directory.pod(namespace, name);
  return pod ?? endpoints.find((other) => other.namespace === namespace && other.name === name && other.kind === kind);
}

/** Policies by how many endpoints they speak for: the starts above all, then what is not within reach yet. */
function* removals(
  snapshot: CompiledSnapshot,
  { starts, reading }: LeverQuestion,
  reached: ReadonlySet<Endpoint>,
  sees: Sees,
): Generator<null, readonly Candidate[]> {
  const policies = new Map<string, CompiledPolicy>();
  for (const set of snapshot[reading].sets)
    for (const policy of set.policies) policies.set(objectKey(policy.policy), policy);
  const scored: { readonly policy: ObjectRef; readonly score: number }[] = [];
  let weighed = 0;
  for (const { policy, entries } of policies.values()) {
    if (!sees(policy.namespace)) continue;
    const subjects = entries.map(({ subject }) => subject);
    const matchers = subjects.map(compileSelector);
    const speaksFor = (endpoint: Endpoint): boolean => matchers.some((matches) => matches(endpoint, endpoint) !== NO);
    const others = mayConcern(snapshot, subjects).filter((each) => !reached.has(each) && speaksFor(each)).length;
    const score = (starts.some(speaksFor) ? snapshot.endpoints.length : 0) + others;
    if (score > 0) scored.push({ policy, score });
    if (++weighed % AT_ONCE === 0) yield null;
  }
  scored.sort((a, b) => b.score - a.score || (objectKey(a.policy) < objectKey(b.policy) ? -1 : 1));
  return scored.map(({ policy }) => ({
    change: 'remove',
    policy,
    title: `remove ${policy.kind} ${objectLabel(policy)}`,
    make: (state) => without(state, reading, objectKey(policy)),
  }));
}

/** The endpoints among which the subjects are: those of their namespaces, where they name these. */
function mayConcern({ directory, endpoints }: CompiledSnapshot, subjects: readonly Selector[]): readonly Endpoint[] {
  const names = new Set<string>();
  for (const subject of subjects) {
    const named = namespacesOfSubject(subject);
    if (named === null) return endpoints;
    for (const name of named) names.add(name);
  }
  return [...names].flatMap((name) => directory.namespace(name));
}

function without(snapshot: CompiledSnapshot, reading: ReadingName, key: string): CompiledSnapshot {
  const cut = (set: PolicySet): PolicySet =>
    buildPolicySet(
      set.policies.filter(({ policy }) => objectKey(policy) !== key),
      set.gates.flatMap((gate) => gate.tiers.map((ready) => ready.tier)),
      set.semantics,
    );
  const now = snapshot[reading];
  const engines = now.engines.map((engine) => ({ ...engine, variants: engine.variants.map(cut) }));
  const then = { ...now, engines, sets: engines.flatMap(({ variants }) => variants) } as unknown as Reading;
  return withReading(snapshot, reading, then);
}

/** A default deny for what goes out of each namespace of the starts, and for what comes into those most within reach. */
function additions(
  { starts, direction }: LeverQuestion,
  reached: readonly Endpoint[],
  sees: Sees,
): readonly Candidate[] {
  const near = namespacesOf(starts);
  const far = namespacesOf(reached).slice(0, MOST_NAMESPACES);
  const [senders, receivers] = direction === 'from' ? [near, far] : [far, near];
  return [
    ...senders.filter(sees).map((namespace) => defaultDeny(namespace, 'Egress')),
    ...receivers.filter(sees).map((namespace) => defaultDeny(namespace, 'Ingress')),
  ];
}

/** Namespaces with the most endpoints first. */
function namespacesOf(endpoints: readonly Endpoint[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { namespace } of endpoints) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  return [...counts]
    .filter(([namespace]) => namespace !== '')
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([namespace]) => namespace);
}

function defaultDeny(namespace: string, type: 'Ingress' | 'Egress'): Candidate {
  const policy = {
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
    namespace,
    name: `default-deny-${type.toLowerCase()}`,
  };
  const raw = {
    apiVersion: 'networking.k8s.io/v1',
    kind: policy.kind,
    metadata: { namespace, name: policy.name },
    spec: { podSelector: {}, policyTypes: [type] },
  };
  const { fact } = normaliseObject(raw);
  return {
    change: 'add',
    policy,
    title: `add a default deny for ${type.toLowerCase()} ${type === 'Egress' ? 'from' : 'to'} ${namespace}`,
    make: (state) => (fact === null ? state : updateSnapshot(state, { upserts: [fact] })),
  };
}
