import {
  BlastRadius,
  ask,
  compileSnapshot,
  countPairs,
  evaluatePair,
  normaliseObject,
  pairVerdict,
  portClassOf,
  reachMatrix,
  reachabilityDrift,
  updateSnapshot,
  verdictOf,
} from '#engine';
import type { CompiledSnapshot, CompileOptions, Endpoint, Fact, FlowQuestion, Labels, PeerQuery } from '#engine';
import { boundMs, leastMs, liveBytes, percentile } from './bench-row.js';
import type { BenchReport, Goal } from './bench-row.js';
import type { Cluster } from './clusters.js';

/** Like np-guard, for the comparison of counts: address blocks match outside addresses only. */
export const OUTSIDE_BLOCKS: CompileOptions = { semantics: { cidrMatches: { pods: false, nodes: false } } };
const MIB = 1024 * 1024;
/** Pods of the clusters that targets of single questions and changes are about. */
const LARGE = 100_000;
const FLOW = { protocol: 6, port: 8080, family: 4 } as const;

export function factsOf(cluster: Cluster): readonly Fact[] {
  return cluster.objects.map((object) => normaliseObject(object).fact as Fact);
}

/** Sizes, and the memory that a snapshot with its classes and rows takes beside the facts. */
export function measureSize(cluster: Cluster, report: BenchReport): void {
  const before = liveBytes();
  const facts = factsOf(cluster);
  const loaded = liveBytes();
  const snapshot = compileSnapshot(facts, OUTSIDE_BLOCKS);
  const matrix = reachMatrix(snapshot, 'intended');
  const { inside } = countPairs(matrix);
  const held = liveBytes();
  report.add('allowed pairs of pods', cluster.name, inside, 'pairs');
  report.add('endpoint classes', cluster.name, matrix.classes.count, 'classes');
  report.add('port classes', cluster.name, matrix.ports.length, 'classes');
  report.add('facts in memory', cluster.name, (loaded - before) / MIB, 'MiB');
  const goal = cluster.name === 'tiers-100000' ? { atMost: 64 } : {};
  report.add('engine state', cluster.name, (held - loaded) / MIB, 'MiB', goal);
}

/** Allowed pairs of pods on any port, and on TCP 8080. */
export function countedPairs(snapshot: CompiledSnapshot): { readonly inside: number; readonly on8080: number } {
  const matrix = reachMatrix(snapshot, 'intended');
  const web = portClassOf(matrix, FLOW.protocol, FLOW.port);
  return { inside: countPairs(matrix).inside, on8080: web === undefined ? 0 : countPairs(matrix, [web]).inside };
}

/** How often something is done that takes longer the larger a cluster is. */
const runsFor = (pods: number): number => (pods >= 50_000 ? 4 : pods >= 5000 ? 8 : 30);

export function measureAllPairs(cluster: Cluster, facts: readonly Fact[], report: BenchReport, goal: Goal): void {
  const runs = runsFor(cluster.pods);
  const allPairs = (from: readonly Fact[]): void => {
    countPairs(reachMatrix(compileSnapshot(from, OUTSIDE_BLOCKS), 'intended'));
  };
  report.add(
    'all pairs from loaded inventory',
    cluster.name,
    leastMs(runs, () => allPairs(facts)),
    'ms',
    goal,
  );
  report.add(
    '  of it, compile',
    cluster.name,
    leastMs(runs, () => compileSnapshot(facts, OUTSIDE_BLOCKS)),
    'ms',
  );
  report.add(
    'all pairs from manifests',
    cluster.name,
    leastMs(Math.min(runs, 4), () => allPairs(factsOf(cluster))),
    'ms',
  );
}

/** Questions about pairs of pods that lie far apart: the verdict, then what more there is to know. */
export function measureQuestions(snapshot: CompiledSnapshot, report: BenchReport, name: string): void {
  const { endpoints } = snapshot;
  const at = (i: number, step: number): Endpoint => endpoints[(i * step) % endpoints.length] as Endpoint;
  const query = ({ namespace, name }: Endpoint): PeerQuery => ({ type: 'pod', namespace, name });
  const measure = (row: string, rounds: number, one: (a: Endpoint, b: Endpoint) => unknown, goal: Goal = {}): void => {
    const all = (): void => {
      for (let i = 0; i < rounds; i++) one(at(i, 7919), at(i, 104_729));
    };
    all();
    report.add(row, name, (leastMs(5, all) * 1000) / rounds, 'µs', goal);
  };
  const question = (a: Endpoint, b: Endpoint): FlowQuestion => ({
    source: query(a),
    destination: query(b),
    protocol: FLOW.protocol,
    port: FLOW.port,
  });
  const goal = endpoints.length >= LARGE ? { atMost: 2 } : {};
  measure('one question', 100_000, (a, b) => pairVerdict(snapshot.intended, a, b, FLOW), goal);
  measure('one question, by names', 20_000, (a, b) => verdictOf(snapshot, question(a, b), 'intended'));
  measure('one question, with its rules', 5000, (a, b) => evaluatePair(snapshot, a, b, FLOW, 'intended'));
  measure('one question, with evidence and fix', 1000, (a, b) => ask(snapshot, question(a, b)));
}

/** Changes of one object, each on top of those before. */
export function measureChanges(facts: readonly Fact[], report: BenchReport, name: string): void {
  const large = name === 'tiers-100000';
  let snapshot = compileSnapshot(facts, OUTSIDE_BLOCKS);
  // Readers of a live snapshot have asked for both readings.
  if (snapshot.enforced.sets.length === 0) throw new Error('a reading without a policy set');
  const times = (rounds: number, list: readonly Fact[], change: (fact: Fact, i: number) => Fact): number[] => {
    const edits = Array.from({ length: rounds }, (_, i) => change(list[(i * 7919) % list.length] as Fact, i));
    return edits.map((fact) =>
      boundMs(() => {
        snapshot = updateSnapshot(snapshot, { upserts: [fact] });
      }),
    );
  };
  const policies = facts.filter(({ type, meta }) => type === 'policy' && meta.kind === 'NetworkPolicy');
  // Long enough that the code is compiled: its compiler's threads count too.
  times(1500, policies, otherPort);
  const policy = times(2500, policies, otherPort);
  report.add('one changed policy, p50', name, percentile(policy, 0.5) * 1000, 'µs', large ? { atMost: 100 } : {});
  report.add('one changed policy, p99', name, percentile(policy, 0.99), 'ms', large ? { atMost: 2 } : {});
  const ofObject = snapshot.endpoints.length >= LARGE ? { atMost: 5 } : {};
  const pods = times(
    200,
    facts.filter(({ type }) => type === 'pod'),
    otherLabel,
  );
  report.add('one changed pod label, p50', name, percentile(pods, 0.5), 'ms');
  report.add('one changed pod label, p99', name, percentile(pods, 0.99), 'ms', ofObject);
  const namespaces = times(
    200,
    facts.filter(({ type }) => type === 'namespace'),
    otherTeam,
  );
  report.add('one relabelled namespace, p50', name, percentile(namespaces, 0.5), 'ms');
  report.add('one relabelled namespace, p99', name, percentile(namespaces, 0.99), 'ms', ofObject);
}

function otherPort(fact: Fact, i: number): Fact {
  if (fact.type !== 'policy') return fact;
  const raw = structuredClone(fact.raw) as { spec: { ingress?: { ports?: { port: number }[] }[] } };
  const port = raw.spec.ingress?.[0]?.ports?.[0];
  if (port !== undefined) port.port = 9000 + (i % 16);
  return { ...fact, raw: raw as unknown as typeof fact.raw };
}

const withLabel = (labels: Labels, key: string, value: string): Labels =>
  Object.assign(Object.create(null) as Record<string, string>, labels, { [key]: value });

function otherLabel(fact: Fact, i: number): Fact {
  if (fact.type !== 'pod') return fact;
  const tier = ['web', 'api', 'db'][i % 3] as string;
  return { ...fact, shape: { ...fact.shape, labels: withLabel(fact.shape.labels, 'tier', tier) } };
}

function otherTeam(fact: Fact, i: number): Fact {
  if (fact.type !== 'namespace') return fact;
  return { ...fact, meta: { ...fact.meta, labels: withLabel(fact.meta.labels, 'team', `team-${i % 10}`) } };
}

/** Two states between which the port of every policy named `api` changes; where there is none, of every ninth. */
export function measureDrift(facts: readonly Fact[], report: BenchReport, name: string, pods: number): void {
  const before = compileSnapshot(facts, OUTSIDE_BLOCKS);
  const policies = facts.filter(({ type }) => type === 'policy');
  const named = policies.filter(({ meta }) => meta.name === 'api');
  const changed = new Set(named.length > 0 ? named : policies.filter((_, i) => i % 9 === 0));
  const after = compileSnapshot(
    facts.map((fact) => (changed.has(fact) ? otherPort(fact, 1) : fact)),
    OUTSIDE_BLOCKS,
  );
  let entries = 0;
  const drift = (): void => {
    entries = reachabilityDrift(before, after, { reading: 'intended' }).length;
  };
  report.add('drift of two states', name, leastMs(runsFor(pods), drift), 'ms', pods === 500 ? { atMost: 15 } : {});
  report.add('  entries of it', name, entries, 'entries');
}

/** The blast radius of one pod of every class, one hop, both ways. */
export function measureBlast(snapshot: CompiledSnapshot, report: BenchReport, name: string): void {
  let blast = new BlastRadius(snapshot, 'intended');
  const ready = leastMs(3, () => {
    blast = new BlastRadius(snapshot, 'intended');
  });
  report.add('blast radius, made ready', name, ready, 'ms');
  const { classes } = reachMatrix(snapshot, 'intended');
  const starts = classes.representatives.filter(({ kind }) => kind === 'pod');
  const most = Math.min(starts.length, 2000);
  const chosen = Array.from({ length: most }, (_, i) => starts[Math.floor((i * starts.length) / most)] as Endpoint);
  const each = chosen.map((endpoint) => leastMs(2, () => blast.of([endpoint])));
  report.add('blast radius of a class, p50', name, percentile(each, 0.5), 'ms', { atMost: 1 });
  report.add('blast radius of a class, p99', name, percentile(each, 0.99), 'ms');
}
