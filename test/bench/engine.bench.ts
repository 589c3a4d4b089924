import { ask, compileSnapshot, countPairs, flowVerdict, normaliseObject, portClassOf, reachMatrix } from '#engine';
import type { CompiledSnapshot, Fact, PolicySet } from '#engine';
import { BenchReport, liveBytes, medianMs } from './bench-row.js';
import { mixedShape, tiersShape } from './clusters.js';
import type { Cluster } from './clusters.js';

/**
 * Speed and size of the engine on synthetic clusters. Counts of allowed pairs are compared first, where a peer has
 * published them for the same cluster; a figure for a wrong answer would be worth nothing.
 *
 *   npm run -s bench -- [--json FILE] [--only NAME]
 */

/** np-guard's analyser, whole process of its `list` on the same clusters, measured in November 2026 on 2 cores. */
const PUBLISHED: Readonly<
  Record<string, { readonly listMs: number; readonly inside: number; readonly on8080?: number }>
> = {
  'tiers-100': { listMs: 460, inside: 1120, on8080: 910 },
  'tiers-500': { listMs: 8100, inside: 11_200, on8080: 10_150 },
  'tiers-1000': { listMs: 38_100, inside: 39_200, on8080: 37_100 },
};
const PEER = 'np-guard list, published figure';

/** Like np-guard, for the comparison of counts: address blocks match outside addresses only. */
const OUTSIDE_BLOCKS = { semantics: { cidrMatches: { pods: false, nodes: false } } } as const;
const MIB = 1024 * 1024;

function main(): void {
  const args = process.argv.slice(2);
  const option = (name: string): string | null => {
    const at = args.indexOf(name);
    return at < 0 ? null : (args[at + 1] ?? null);
  };
  const only = option('--only');
  const report = new BenchReport();
  const fixtures: readonly (readonly [string, () => Cluster])[] = [
    ['tiers-100', () => tiersShape(5)],
    ['tiers-500', () => tiersShape(25)],
    ['tiers-1000', () => tiersShape(50)],
    ['mixed-1002', () => mixedShape(50, 20, 1, 5, 5)],
    ['tiers-10000', () => tiersShape(500)],
    ['tiers-100000', () => tiersShape(5000)],
  ];
  for (const [name, make] of fixtures) if (only === null || only === name) measure(make(), report);
  report.write(option('--json'));
}

function measure(cluster: Cluster, report: BenchReport): void {
  const { name } = cluster;
  const large = cluster.pods >= 10_000;
  const runs = large ? 3 : 7;
  const before = liveBytes();
  const facts = cluster.objects.map((object) => normaliseObject(object).fact as Fact);
  const loaded = liveBytes();
  const peer = PUBLISHED[name];
  const snapshot = compileSnapshot(facts, OUTSIDE_BLOCKS);
  const matrix = reachMatrix(snapshot, 'intended');
  const counts = countPairs(matrix);
  if (peer !== undefined && counts.inside !== peer.inside) {
    throw new Error(`${name}: ${counts.inside} allowed pairs of pods, a peer counts ${peer.inside}`);
  }
  const web = portClassOf(matrix, 6, 8080);
  if (peer?.on8080 !== undefined && web !== undefined && countPairs(matrix, [web]).inside !== peer.on8080) {
    throw new Error(`${name}: pairs on TCP 8080 differ from a peer's ${peer.on8080}`);
  }
  report.add('allowed pairs of pods', name, counts.inside, 'pairs');
  report.add('endpoint classes', name, matrix.classes.count, 'classes');
  report.add('port classes', name, matrix.ports.length, 'classes');
  report.add('facts in memory', name, (loaded - before) / MIB, 'MiB');
  const state = liveBytes();
  report.add('engine state', name, (state - loaded) / MIB, 'MiB', cluster.pods === 100_000 ? { atMost: 64 } : {});
  measureAllPairs(facts, report, name, runs, cluster.pods, peer?.listMs);
  measureQuestions(snapshot, report, name);
}

function measureAllPairs(
  facts: readonly Fact[],
  report: BenchReport,
  name: string,
  runs: number,
  pods: number,
  listMs: number | undefined,
): void {
  const warm = medianMs(runs, () => {
    countPairs(reachMatrix(compileSnapshot(facts, OUTSIDE_BLOCKS), 'intended'));
  });
  const limit = pods <= 1100 ? 50 : pods <= 10_000 ? 300 : 500;
  const reference = listMs === undefined ? {} : { reference: { name: PEER, value: listMs } };
  const ratio = name === 'tiers-1000' ? { ratioAtLeast: 1000 } : {};
  report.add('all pairs from loaded inventory, warm', name, warm, 'ms', { atMost: limit, ...reference, ...ratio });
  report.add(
    '  of it, compile',
    name,
    medianMs(runs, () => compileSnapshot(facts, OUTSIDE_BLOCKS)),
    'ms',
  );
}

function measureQuestions(snapshot: CompiledSnapshot, report: BenchReport, name: string): void {
  const set = snapshot.intended.sets[0] as PolicySet;
  const { endpoints } = snapshot;
  const rounds = 100_000;
  const flow = { protocol: 6, port: 8080, family: 4 } as const;
  const pick = (i: number, step: number): (typeof endpoints)[number] =>
    endpoints[(i * step) % endpoints.length] as (typeof endpoints)[number];
  const all = (): void => {
    for (let i = 0; i < rounds; i++) flowVerdict(set, pick(i, 7919), pick(i, 104_729), flow);
  };
  all();
  report.add('one question, verdict alone', name, (medianMs(3, all) * 1000) / rounds, 'µs', { atMost: 2 });
  const few = 2000;
  const explained = (): void => {
    for (let i = 0; i < few; i++) {
      const [a, b] = [pick(i, 7919), pick(i, 104_729)];
      ask(snapshot, {
        source: { type: 'pod', namespace: a.namespace, name: a.name },
        destination: { type: 'pod', namespace: b.namespace, name: b.name },
        protocol: 6,
        port: 8080,
      });
    }
  };
  explained();
  report.add('one question, with steps, near misses and fix', name, (medianMs(3, explained) * 1000) / few, 'µs');
}

main();
