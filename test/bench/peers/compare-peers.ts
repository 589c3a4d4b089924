import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { compileSnapshot, countPairs, portClassOf, reachMatrix } from '#engine';
import type { Fact } from '#engine';
import { leastMs } from '../bench-row.js';
import type { BenchReport } from '../bench-row.js';
import type { Cluster } from '../clusters.js';
import { OUTSIDE_BLOCKS } from '../measures.js';
import { countWithCyclonus, cyclonusProgram } from './cyclonus.js';

interface Published {
  readonly listMs: number;
  /** Rows of pod to pod, and those with TCP 8080. */
  readonly inside?: number;
  readonly on8080?: number;
}

/** np-guard's analyser, whole process of its `list` on the same clusters, measured in November 2026 on 2 cores. */
export const PUBLISHED: Readonly<Record<string, Published>> = {
  'tiers-100': { listMs: 460, inside: 1120, on8080: 910 },
  'tiers-500': { listMs: 8100, inside: 11_200, on8080: 10_150 },
  'tiers-1000': { listMs: 38_100, inside: 39_200, on8080: 37_100 },
  'mixed-1002': { listMs: 32_900 },
};
/** Pods up to which cyclonus is asked about every pair. */
const CYCLONUS_PODS = 1000;

/** Compares counts with the figures of peers, stops at a difference, then their times with ours. */
export function comparePeers(
  cluster: Cluster,
  facts: readonly Fact[],
  counted: { readonly inside: number; readonly on8080: number },
  report: BenchReport,
  run: boolean,
): void {
  const { name } = cluster;
  const published = PUBLISHED[name];
  expectSame(name, "allowed pairs, np-guard's figure", counted.inside, published?.inside);
  expectSame(name, "pairs on TCP 8080, np-guard's figure", counted.on8080, published?.on8080);
  if (!run || !name.startsWith('tiers') || cluster.pods > CYCLONUS_PODS) return;
  const program = cyclonusProgram();
  if (program !== null) compareCyclonus(cluster, facts, program, report);
  const binary = process.env['NETPOL_ANALYZER_BIN'];
  if (binary !== undefined) compareNpGuard(cluster, facts, binary, report);
}

function expectSame(name: string, what: string, found: number, expected: number | undefined): void {
  if (expected !== undefined && found !== expected) {
    throw new Error(`${name}: ${what}: ${expected}, here ${found}`);
  }
}

/** cyclonus lets address blocks match pods, as the specification does. */
function compareCyclonus(cluster: Cluster, facts: readonly Fact[], program: string, report: BenchReport): void {
  const peer = countWithCyclonus(program, cluster, 8080);
  let ours = 0;
  const ms = leastMs(10, () => {
    const matrix = reachMatrix(compileSnapshot(facts), 'intended');
    const web = portClassOf(matrix, 6, 8080);
    ours = web === undefined ? 0 : countPairs(matrix, [web]).inside;
  });
  expectSame(cluster.name, 'pairs on TCP 8080, cyclonus', ours, peer.allowed);
  const reference = {
    name: `cyclonus 0.5.6 over the same pairs, ${((peer.ms * 1000) / peer.asked).toFixed(1)} µs each`,
    value: peer.ms,
  };
  report.add('pairs on TCP 8080, compile and count', cluster.name, ms, 'ms', { reference });
}

function compareNpGuard(cluster: Cluster, facts: readonly Fact[], binary: string, report: BenchReport): void {
  const folder = mkdtempSync(join(tmpdir(), 'np-guard-'));
  try {
    const text = cluster.objects.map((object) => JSON.stringify(object)).join('\n---\n');
    writeFileSync(join(folder, 'cluster.yaml'), text);
    let rows = 0;
    const start = performance.now();
    const list = (): void => {
      const out = execFileSync(binary, ['list', '--dirpath', folder], { encoding: 'utf8', maxBuffer: 1 << 28 });
      rows = out.split('\n').filter((line) => line.includes(' => ') && !/\d+\.\d+\.\d+\.\d+/.test(line)).length;
    };
    list();
    const listMs = performance.now() - start;
    let ours = 0;
    const ms = leastMs(10, () => {
      ours = countPairs(reachMatrix(compileSnapshot(facts, OUTSIDE_BLOCKS), 'intended')).inside;
    });
    expectSame(cluster.name, "allowed pairs, np-guard's list", ours, rows);
    report.add('all pairs, beside np-guard', cluster.name, ms, 'ms', {
      reference: { name: "np-guard's list, run here", value: listMs },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
