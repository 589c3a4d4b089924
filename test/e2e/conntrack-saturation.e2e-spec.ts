import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nodeExporterArgs, prometheusArgs, prometheusConfig } from '../support/monitoring/monitoring.js';

const ROOT = join(import.meta.dirname, '../..');
const NAMESPACE = `atlas-conntrack-${String(process.pid)}`;
const inside = (command: string, ...args: string[]): string[] => ['netns', 'exec', NAMESPACE, command, ...args];
const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
/** Making a network namespace needs root. */
const isRoot = process.getuid?.() === 0;

/** The whole way, in a network namespace of its own: kernel, node_exporter, Prometheus, and the command that a person runs. */
(isRoot ? describe : describe.skip)('conntrack saturation, seen by the runbook', () => {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-conntrack-'));
  const servers: ChildProcess[] = [];

  beforeAll(() => {
    ip('netns', 'add', NAMESPACE);
    ip(...inside('ip', 'link', 'set', 'lo', 'up'));
    // Without a rule that asks for the state of connections, the kernel does not track them here.
    const rules = 'table ip t {\n chain c {\n type filter hook output priority 0\n ct state new accept\n }\n}\n';
    writeFileSync(join(folder, 'rules.nft'), rules);
    ip(...inside('nft', '-f', join(folder, 'rules.nft')));
    const config = join(folder, 'prometheus.yml');
    writeFileSync(config, prometheusConfig('127.0.0.1:9100'));
    servers.push(spawn('ip', inside('prometheus-node-exporter', ...nodeExporterArgs(9100)), { stdio: 'ignore' }));
    servers.push(spawn('ip', inside('prometheus', ...prometheusArgs(config, folder, 9090)), { stdio: 'ignore' }));
  });
  afterAll(async () => {
    for (const server of servers) {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    }
    ip('netns', 'del', NAMESPACE);
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (): { code: number | null; out: string } => {
    const manifests = join(ROOT, 'apps/standalone/sample/shop-calico');
    const args = [
      'runbook',
      'run',
      'conntrack-saturation',
      '--dir',
      manifests,
      '--prometheus',
      'http://127.0.0.1:9090',
    ];
    const { status, stdout } = spawnSync('ip', inside('node', join(ROOT, 'bin/atlas.mjs'), ...args), {
      encoding: 'utf8',
    });
    return { code: status, out: stdout };
  };
  const until = async (isDone: (out: string) => boolean): Promise<{ code: number | null; out: string }> => {
    const deadline = Date.now() + 40_000;
    for (;;) {
      const result = run();
      if (isDone(result.out) || Date.now() > deadline) return result;
      await sleep(500);
    }
  };

  it('is not there before, and found with the node and what to do after the table was filled', async () => {
    const before = await until((out) => out.startsWith('NOT THE CAUSE'));
    expect(before.out).toMatch(/0\.\d % at most, on 127\.0\.0\.1:9100/);
    expect(before.code).toBe(0);

    const limit = Number(ip(...inside('cat', '/proc/sys/net/netfilter/nf_conntrack_max')));
    // An entry that runs out before the last one is made would never let it fill.
    ip(...inside('sh', '-c', 'echo 300 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout'));
    const fill = join(ROOT, 'test/support/monitoring/fill-conntrack.mjs');
    ip(...inside('node', fill, String(Math.ceil(limit * 0.95))));
    const after = await until((out) => /is 9\d\.\d % full/.test(out));
    expect(after.out.split('\n')[0]).toMatch(
      /^CAUSE FOUND {2}the connection table of 127\.0\.0\.1:9100 is 9\d\.\d % full: new connections are dropped when it is full$/,
    );
    expect(after.out).toContain('raise net.netfilter.nf_conntrack_max');
    expect(after.code).toBe(1);
  }, 120_000);
});
