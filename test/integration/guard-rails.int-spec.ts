import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { fillPattern, type BundleForm } from '#checks';
import { compileSnapshot, type CompiledSnapshot } from '#engine';
import { manifestFacts, readManifests } from '#manifests';

// Opt-in, since Go takes ten minutes and more for each. Gatekeeper's tool is github.com/open-policy-agent/gatekeeper/v3/cmd/gator
// (v3.23.1), Kyverno's github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno (v1.19.1). Build each in a module of its own with
// a `tool` line for it and the `replace` lines of its go.mod, and name the binaries by GATOR_BIN and KYVERNO_BIN.
const { GATOR_BIN = '', KYVERNO_BIN = '' } = process.env;
const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample', 'shop-calico');

const container = { name: 'c', image: 'i' };
const podOf = (name: string, spec: object, namespace = 'shop'): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [container], ...spec },
});

/** Some that are refused, and some that are not. */
const ASKED = [
  podOf('host', { hostNetwork: true }),
  podOf('port', { containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 80 }] }] }),
  podOf('privileged', { containers: [{ ...container, securityContext: { privileged: true } }] }),
  podOf('plain', {}),
  podOf('elsewhere', { hostNetwork: true }, 'other'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'taken', namespace: 'shop' },
    spec: { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] },
  },
  ...[{ from: [{ namespaceSelector: {} }, { podSelector: {} }] }, { ports: [{ port: 80 }] }].map((rule, at) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `rule-${String(at)}`, namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [rule] },
  })),
];
const REFUSED = [
  'empty-podselector-scope',
  'external-ips',
  'host-network-bypass',
  'host-port',
  'net-admin-or-raw',
  'selector-and-or-confusion',
];

interface Policy {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: unknown;
}

describe('guard rails, by the tools that read them', () => {
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
  const manifest = (as: BundleForm): string =>
    (fillPattern(snapshot, 'default-deny', 'monitoring', { as }) as { readonly manifest: string }).manifest;
  const namespaces = (): string[] =>
    ['monitoring', 'shop'].map((name) =>
      file(`namespace-${name}.yaml`, stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    );
  const policies = (yaml: string): Policy[] =>
    parseAllDocuments(yaml).flatMap((document) => {
      const object = document.toJS() as Policy | null;
      return object === null
        ? []
        : [{ metadata: { name: object.metadata.name, namespace: object.metadata.namespace }, spec: object.spec }];
    });
  const run = async (tool: string, args: readonly string[]): Promise<string> => {
    const running = promisify(execFile)(tool, args);
    // Both wait for more on their input.
    running.child.stdin?.end();
    return (await running).stdout;
  };

  (GATOR_BIN === '' ? it.skip : it)('Gatekeeper warns of a namespace until its policies are there', async () => {
    const warnings = async (...files: readonly string[]): Promise<readonly string[]> => {
      const out = await run(GATOR_BIN, ['test', '--output=json', ...files.map((path) => `--filename=${path}`)]);
      return ((JSON.parse(out) as { readonly msg: string }[] | null) ?? []).map(({ msg }) => msg).sort();
    };
    const given = [file('guard.yaml', manifest('gatekeeper')), ...namespaces()];
    expect(await warnings(...given)).toEqual([
      'namespace monitoring has no policy that closes every pod for Egress',
      'namespace monitoring has no policy that closes every pod for Ingress',
    ]);
    expect(await warnings(...given, file('policies.yaml', manifest('manifests')))).toEqual([]);
  });

  (KYVERNO_BIN === '' ? it.skip : it).each(['kyverno', 'kyverno-generating'] as const)(
    'Kyverno makes the policies of the pattern, in its namespace alone, as %s',
    async (as) => {
      const made = join(folder, `made-${as}`);
      const resources = namespaces().map((path) => `--resource=${path}`);
      await run(KYVERNO_BIN, ['apply', file('policy.yaml', manifest(as)), ...resources, `--output=${made}`]);
      const generated = readdirSync(made).map((name) => readFileSync(join(made, name), 'utf8'));
      expect(generated.flatMap(policies)).toEqual(policies(manifest('manifests')));
    },
  );

  const guards = (as: BundleForm): string =>
    file(`guards-${as}.yaml`, (fillPattern(snapshot, 'guard-rails', 'shop', { as }) as { manifest: string }).manifest);
  const asked = (): string => file('asked.yaml', ASKED.map((object) => stringify(object)).join('---\n'));

  (KYVERNO_BIN === '' ? it.skip : it)('Kyverno refuses what the guard rails are for', async () => {
    const out = await run(KYVERNO_BIN, ['apply', guards('kyverno'), `--resource=${asked()}`]).catch(
      (error: unknown) => (error as { readonly stdout: string }).stdout,
    );
    expect([...out.matchAll(/\(([a-z-]+)\)$/gm)].map(([, check]) => check).sort()).toEqual(REFUSED);
  });

  (GATOR_BIN === '' ? it.skip : it)('Gatekeeper refuses what the guard rails are for', async () => {
    const files = [guards('gatekeeper'), asked(), ...namespaces()].map((path) => `--filename=${path}`);
    const out = await run(GATOR_BIN, ['test', '--output=json', ...files]).catch(
      (error: unknown) => (error as { readonly stdout: string }).stdout,
    );
    const messages = (JSON.parse(out) as { readonly msg: string }[]).map(({ msg }) => msg);
    expect(messages.map((msg) => /\(([a-z-]+)\)$/.exec(msg)?.[1]).sort()).toEqual(REFUSED);
  });
});
