import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { fillPattern, type BundleForm } from '#checks';
import { compileSnapshot, type CompiledSnapshot } from '#engine';
import { manifestFacts, readManifests } from '#manifests';

// Opt-in, since Go takes ten minutes for it: build github.com/open-policy-agent/gatekeeper/v3/cmd/gator (v3.23.1) in a
// module of its own with a `tool` line for it, and name the binary by GATOR_BIN.
const { GATOR_BIN = '' } = process.env;
const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample', 'shop-calico');

(GATOR_BIN === '' ? describe.skip : describe)('a guard for Gatekeeper, by its own tool', () => {
  let snapshot: CompiledSnapshot;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'atlas-guard-'));
    snapshot = compileSnapshot(manifestFacts(await readManifests({ dir: SAMPLE })).facts);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const filled = (as: BundleForm): string =>
    file(
      `${as}.yaml`,
      (fillPattern(snapshot, 'default-deny', 'monitoring', { as }) as { readonly manifest: string }).manifest,
    );
  const warnings = async (...files: readonly string[]): Promise<readonly string[]> => {
    const args = ['test', '--output=json', ...files.map((path) => `--filename=${path}`)];
    const run = promisify(execFile)(GATOR_BIN, args);
    // It waits for more on its input.
    run.child.stdin?.end();
    const { stdout } = await run;
    return ((JSON.parse(stdout) as { readonly msg: string }[] | null) ?? []).map(({ msg }) => msg).sort();
  };

  it('warns of its namespace until the policies of the pattern are there, and of no other', async () => {
    const namespaces = ['monitoring', 'shop'].map((name) =>
      stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
    );
    const given = [filled('gatekeeper'), file('namespaces.yaml', namespaces.join('---\n'))];
    expect(await warnings(...given)).toEqual([
      'namespace monitoring has no policy that closes every pod for Egress',
      'namespace monitoring has no policy that closes every pod for Ingress',
    ]);
    expect(await warnings(...given, filled('manifests'))).toEqual([]);
  });
});
