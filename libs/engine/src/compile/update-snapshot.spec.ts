import { describe, expect, it } from '@jest/globals';

import { objectKey } from '../model/index.js';
import type { Fact } from '../model/index.js';
import { normaliseObject } from '../normalise/normalise-object.js';
import { rawNetworkPolicy } from '../testing/index.js';
import { compileSnapshot } from './compile-snapshot.js';
import type { CompileOptions } from './compile-snapshot.js';
import { updateSnapshot, updatingSnapshot } from './update-snapshot.js';
import type { SnapshotChanges } from './update-snapshot.js';

const namespace = (labels: object): unknown => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'a', labels },
});
const inNamespace = (kind: string, name: string, spec: object): unknown => ({
  apiVersion: 'v1',
  kind,
  metadata: { namespace: 'a', name },
  spec,
});
const factOf = (manifest: unknown): Fact => normaliseObject(manifest).fact as Fact;

/** What rules say after each change, of the snapshot that is updated and of a fresh one. */
function rulesAfter(options: CompileOptions, first: readonly unknown[], ...changes: readonly SnapshotChanges[]) {
  const facts = new Map(first.map(factOf).map((fact) => [objectKey(fact.meta), fact]));
  let snapshot = compileSnapshot(facts.values(), options);
  // Made now, and once more only at the end: what is kept for it in between has to follow all changes.
  expect(snapshot.enforced.sets).not.toEqual([]);
  for (const change of changes) {
    snapshot = updateSnapshot(snapshot, change);
    for (const fact of change.upserts ?? []) facts.set(objectKey(fact.meta), fact);
    for (const ref of change.removes ?? []) facts.delete(objectKey(ref));
  }
  return [snapshot, compileSnapshot(facts.values(), options)].map(({ enforced }) => enforced.sets[0]?.rules);
}

describe('policies of a snapshot that is updated', () => {
  const pod = inNamespace('Pod', 'p', { containers: [] });

  const cilium = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: 'kube-system', name: 'cilium' },
    spec: { template: { spec: { containers: [{ name: 'c', image: 'quay.io/cilium/cilium:v1.18.0' }] } } },
  };

  it('are taken apart when their namespace joins an ambient mesh, whatever changed before', () => {
    const policy = rawNetworkPolicy('a/p', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] });
    const mesh = {
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { namespace: 'a', name: 'x' },
      spec: { mtls: { mode: 'STRICT' } },
    };
    const [updated, fresh] = rulesAfter(
      {},
      [namespace({}), pod, policy, mesh, cilium],
      { removes: [factOf(mesh).meta] },
      { upserts: [factOf(namespace({ 'istio.io/dataplane-mode': 'ambient' }))] },
    );
    expect(updated).toEqual(fresh);
  });

  it('mean hosts where the namespace that they name comes to stand for them', () => {
    const policy = rawNetworkPolicy('a/p', {
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: {} }] }],
    });
    const [updated, fresh] = rulesAfter(
      { semantics: { combination: 'ovn', networkPolicyOf: 'ovn' } },
      [namespace({}), pod, policy],
      { upserts: [factOf(namespace({ 'policy-group.network.openshift.io/host-network': '' }))] },
    );
    expect(updated).toEqual(fresh);
  });
});

describe('the way to an updated snapshot', () => {
  it('may pause between the pods of a namespace that is labelled anew', () => {
    const pods = Array.from({ length: 20_000 }, (_, i) => inNamespace('Pod', `p-${String(i)}`, { containers: [] }));
    const snapshot = compileSnapshot([namespace({}), ...pods].map(factOf));
    const pauses = [...updatingSnapshot(snapshot, { upserts: [factOf(namespace({ team: 'b' }))] })];
    expect(pauses.length).toBeGreaterThanOrEqual(5);
  });
});
