import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { BenchReport } from './bench-row.js';
import type { Cluster } from './clusters.js';

const ROOT = resolve(import.meta.dirname, '../..');
const GOALS: Readonly<Record<string, { readonly ms?: number; readonly mib?: number }>> = {
  'tiers-1000': { ms: 350 },
  'tiers-10000': { mib: 300 },
};

/** All pairs in a process of its own, from the file with the manifests to the count: what a command pays. */
export function measureColdProcess(cluster: Cluster, report: BenchReport): void {
  const goal = GOALS[cluster.name];
  if (goal === undefined) return;
  if (!existsSync(join(ROOT, 'dist/libs/engine/src/index.js'))) {
    process.stderr.write('cold process: left out, run `npm run build` first\n');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
  try {
    const file = join(folder, 'cluster.json');
    writeFileSync(file, JSON.stringify(cluster.objects));
    const program = join(import.meta.dirname, 'count-pairs.mjs');
    const runs = Array.from({ length: 5 }, () =>
      execFileSync(process.execPath, [program, file], { encoding: 'utf8' }).split(' ').map(Number),
    );
    const ms = Math.min(...runs.map((told) => told[1] as number));
    const peak = Math.max(...runs.map((told) => told[2] as number));
    report.add('all pairs, cold process', cluster.name, ms, 'ms', goal.ms === undefined ? {} : { atMost: goal.ms });
    report.add('  its peak memory', cluster.name, peak, 'MiB', goal.mib === undefined ? {} : { atMost: goal.mib });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
