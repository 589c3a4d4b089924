import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { buildSync } from 'esbuild';
import { stringify } from 'yaml';

import type { BenchReport } from './bench-row.js';
import type { Cluster, Raw } from './clusters.js';

const ROOT = resolve(import.meta.dirname, '../..');
const GOALS: Readonly<Record<string, { readonly ms?: number; readonly mib?: number }>> = {
  'tiers-1000': { ms: 350 },
  'mixed-1002': { ms: 350 },
  'tiers-10000': { mib: 300 },
};

/** All pairs in a process of its own, from the file with the manifests to the count: what a command pays. */
export function measureColdProcess(cluster: Cluster, report: BenchReport): void {
  const goal = GOALS[cluster.name];
  if (goal === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'atlas-bench-'));
  try {
    const file = join(folder, 'cluster.json');
    writeFileSync(file, JSON.stringify(cluster.objects));
    const program = bundled(join(import.meta.dirname, 'count-pairs.mjs'), folder);
    const runs = Array.from({ length: 5 }, () =>
      execFileSync(process.execPath, [program, file], { encoding: 'utf8' }).split(' ').map(Number),
    );
    const ms = Math.min(...runs.map((told) => told[1] as number));
    const peak = Math.max(...runs.map((told) => told[2] as number));
    report.add('all pairs, cold process', cluster.name, ms, 'ms', goal.ms === undefined ? {} : { atMost: goal.ms });
    report.add('  its peak memory', cluster.name, peak, 'MiB', goal.mib === undefined ? {} : { atMost: goal.mib });
    writeYaml(join(folder, 'yaml'), cluster);
    const listed = Math.min(...Array.from({ length: 5 }, () => listMs(join(folder, 'yaml'))));
    report.add(
      '`atlas list` of YAML, cold process',
      cluster.name,
      listed,
      'ms',
      goal.ms === undefined ? {} : { atMost: goal.ms },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In one file with what it imports, as the apps are shipped. */
function bundled(program: string, folder: string): string {
  const outfile = join(folder, 'count-pairs.mjs');
  buildSync({ entryPoints: [program], outfile, bundle: true, platform: 'node', format: 'esm' });
  return outfile;
}

/** A file for each namespace, as people keep them. */
function writeYaml(folder: string, { objects }: Cluster): void {
  const files = new Map<string, string[]>();
  for (const object of objects as readonly Raw[]) {
    const { namespace, name } = object['metadata'] as { readonly namespace?: string; readonly name: string };
    const text = stringify(object, { indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false });
    const known = files.get(namespace ?? name);
    if (known === undefined) files.set(namespace ?? name, [text]);
    else known.push(text);
  }
  mkdirSync(folder);
  for (const [name, texts] of files) writeFileSync(join(folder, `${name}.yaml`), texts.join('---\n'));
}

/** Tells the processor time of a process as the last line of its stderr. */
const TELL_TIME =
  'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write(`\n${(user+system)/1000}`)})';

function listMs(folder: string): number {
  const command = ['--import', TELL_TIME, join(ROOT, 'bin/atlas.mjs'), 'list', '--dir', folder];
  const { stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return Number(stderr.split('\n').at(-1));
}
