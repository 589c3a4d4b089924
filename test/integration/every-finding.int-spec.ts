import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from '@jest/globals';

import { loadChecks, runChecks, type Check } from '#checks';
import { compileSnapshot, type CompiledSnapshot, type Fact } from '#engine';
import { KubeSource } from '#kube';
import { manifestFacts, readManifests } from '#manifests';

import { findControlPlane, startControlPlane } from '../support/control-plane/control-plane.js';
import { whatIsWrongWith } from './every-finding/prove-finding.js';

const SAMPLE = join(import.meta.dirname, '..', '..', 'apps', 'standalone', 'sample');
const MISTAKES = join(import.meta.dirname, 'every-finding', 'mistakes.yaml');
const START_MS = 150_000;
const { missing } = findControlPlane();

describe('every finding of an audit', () => {
  let checks: readonly Check[] = [];
  beforeAll(async () => {
    checks = await loadChecks();
  });

  /** Proves each finding, and says how many checks, findings, flows and fixes there were. */
  const prove = (name: string, snapshot: CompiledSnapshot): { readonly found: readonly string[] } => {
    const { results, outcomes } = runChecks(snapshot, checks, { predictions: 0 });
    const proofs = results.flatMap(({ check, findings }) =>
      findings.map((finding) => ({ finding, wrong: whatIsWrongWith(snapshot, check, finding) })),
    );
    const flows = proofs.filter(({ finding }) => finding.counterexample !== null).length;
    const fixes = proofs.filter(({ finding: { fix } }) => fix !== null && fix.action !== 'task').length;
    const counts = { checks: checks.length, ...outcomes, findings: proofs.length, flows, fixes };
    process.stdout.write(`${name}: ${JSON.stringify(counts)}\n`);
    expect(proofs.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(outcomes.error).toBe(0);
    return { found: results.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check.id) };
  };

  it.each(['shop-calico', 'shop-flannel'])('of the sample %s is true', async (cluster) => {
    const { facts } = manifestFacts(await readManifests({ dir: join(SAMPLE, cluster) }));
    prove(cluster, compileSnapshot(facts));
  });

  (missing.length === 0 ? it : it.skip)(
    'of a cluster from a real kube-apiserver is true',
    async () => {
      const plane = await startControlPlane({ nodes: true });
      try {
        await plane.applyCrds();
        await plane.apply(readFileSync(MISTAKES, 'utf8'));
        for (const deployment of [
          'shop/web',
          'shop/db',
          'payments/gateway',
          'payments/ledger',
          'open/batch',
          'kube-system/coredns',
        ]) {
          const [namespace, name] = deployment.split('/') as [string, string];
          await plane.kubectl(['rollout', 'status', '-n', namespace, `deployment/${name}`, '--timeout=90s']);
        }
        const { found } = prove('real kube-apiserver', compileSnapshot(await everythingOf(plane.kubeconfig)));
        const mistakes = [
          'selector-and-or-confusion',
          'namespace-label-absent',
          'service-port-not-pod-port',
          'dns-egress-missing',
          'apiserver-egress-missing',
          'admission-or-apiservice-blocked',
          'declared-dependency-blocked',
          'label-or-policy-writers',
          'host-network-bypass',
          'dangling-policy',
        ];
        expect(mistakes.filter((id) => !found.includes(id))).toEqual([]);
      } finally {
        await plane.stop();
      }
    },
    START_MS,
  );
});

/** What a cluster holds, read as the service reads it. */
async function everythingOf(kubeconfig: string): Promise<readonly Fact[]> {
  const source = new KubeSource({ type: 'text', text: kubeconfig });
  const { kinds } = await source.probe();
  const lists = new Map<string, readonly Fact[]>();
  const reading = new AbortController();
  await source.run((event) => {
    if (event.type === 'list') lists.set(event.kind, event.facts);
    if (kinds.every((kind) => lists.has(kind))) reading.abort();
  }, reading.signal);
  return [...lists.values()].flat();
}
