import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Cluster } from '../clusters.js';

const VERSION = '0.5.6';
const MODULE = ['module cyclonus-pairs', 'go 1.26.0', `require github.com/mattfenwick/cyclonus v${VERSION}`, ''];

/** What cyclonus' matcher says of all ordered pairs of different pods on one TCP port, and how long it takes. */
export interface CyclonusCount {
  readonly allowed: number;
  readonly asked: number;
  readonly ms: number;
}

/**
 * Path of a program of ours around cyclonus' matcher, built once into the cache; null where Go or its modules are not to
 * be had.
 */
export function cyclonusProgram(): string | null {
  const { env } = process;
  const cache = env['NETPOL_ATLAS_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'netpol-atlas');
  const program = join(cache, 'peers', `cyclonus-${VERSION}`);
  if (existsSync(program)) return program;
  const work = mkdtempSync(join(tmpdir(), 'cyclonus-'));
  try {
    mkdirSync(join(cache, 'peers'), { recursive: true });
    writeFileSync(join(work, 'go.mod'), MODULE.join('\n'));
    copyFileSync(join(import.meta.dirname, 'cyclonus', 'main.go'), join(work, 'main.go'));
    process.stderr.write(`building cyclonus ${VERSION}, once …\n`);
    const go = (...args: readonly string[]): void => {
      execFileSync('go', args, { cwd: work, stdio: ['ignore', 'ignore', 'pipe'], timeout: 600_000 });
    };
    go('mod', 'tidy');
    go('build', '-trimpath', '-o', program, '.');
    return program;
  } catch (error) {
    process.stderr.write(`cyclonus is left out: ${error instanceof Error ? error.message.split('\n')[0] : ''}\n`);
    return null;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

export function countWithCyclonus(program: string, cluster: Cluster, port: number): CyclonusCount {
  const input = JSON.stringify(cluster.objects);
  const out = execFileSync(program, [String(port)], { input, encoding: 'utf8', maxBuffer: 1 << 20, timeout: 600_000 });
  return JSON.parse(out) as CyclonusCount;
}
