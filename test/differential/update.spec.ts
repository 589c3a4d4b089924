import { describe, expect, it } from '@jest/globals';

import { compileSnapshot, normaliseObject, objectKey, updateSnapshot } from '#engine';
import type { Fact, Semantics } from '#engine';

import { combinationOf, POLICY_MIXES, randomCluster } from './random-cluster.js';
import type { Manifest, PolicyMix } from './random-cluster.js';
import { RandomSource } from './random-source.js';
import { bytesOf, difference } from './snapshot-bytes.js';

const SEED = Number(process.env['ATLAS_SEED'] ?? Date.now() % 1_000_000_000);
const SEQUENCES = 4;
const STEPS = 12;

/** Objects of kinds that random clusters have none of: owners, accounts, Services, plugins, and some that are refused. */
function others(namespace: string): readonly Manifest[] {
  const meta = (name: string, more: Manifest = {}): Manifest => ({ name, namespace, ...more });
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta('front') };
  const owned = (name: string, labels: Manifest): Manifest => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta(name, {
      labels,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'front', uid: 'u', controller: true }],
    }),
    spec: { containers: [{ name: 'c', image: 'i' }], serviceAccountName: 'robot' },
    status: { phase: 'Running', podIPs: [{ ip: name === 'front-1' ? '10.0.1.101' : '10.0.1.102' }] },
  });
  const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
  const daemon = (name: string, image: string): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': name } },
    spec: { template: { metadata: { labels: { 'k8s-app': name } }, spec: { containers: [{ name, image }] } } },
    status: { desiredNumberScheduled: 1, numberReady: 1 },
  });
  return [
    { ...deployment, spec: { replicas: 1, template } },
    { ...deployment, spec: { replicas: 2, template: { ...template, metadata: { labels: { app: 'b' } } } } },
    owned('front-1', { app: 'a' }),
    owned('front-1', { app: 'b' }),
    owned('front-2', { app: 'c' }),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('robot', { labels: { role: 'x' } }) },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('front'),
      spec: { selector: { app: 'a' }, ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: meta('front-x', { labels: { 'kubernetes.io/service-name': 'front' } }),
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.1.101'] }],
      ports: [{ port: 8080 }],
    },
    daemon('calico-node', 'quay.io/calico/node:v3.31.2'),
    daemon('cilium', 'quay.io/cilium/cilium:v1.18.0'),
    { ...policy, metadata: meta('all'), spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } },
    { ...policy, metadata: meta('all'), spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] } },
    { ...policy, metadata: meta('typo'), spec: { podSelector: {}, ingres: [] } },
    { ...policy, metadata: meta('wrong'), spec: { podSelector: { matchLabels: { 'a b': 'c' } } } },
    { apiVersion: 'v1', kind: 'Pod', metadata: meta('broken', { labels: { app: 7 } }), spec: {} },
    {
      apiVersion: 'crd.projectcalico.org/v1',
      kind: 'NetworkPolicy',
      metadata: meta('default.stored'),
      spec: { selector: 'all()', types: ['Ingress'] },
    },
    {
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkPolicy',
      metadata: meta('stored'),
      spec: { selector: 'all()', types: ['Egress'] },
    },
    {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: meta('services'),
      spec: { endpointSelector: {}, egress: [{ toServices: [{ k8sService: { serviceName: 'front', namespace } }] }] },
    },
  ];
}

/** Those for whom a port's name depends on other pods, and the specification's. */
const READINGS = [
  'spec',
  'spec',
  'aws',
  'kube-router',
  'antrea',
] as const satisfies readonly Semantics['networkPolicyOf'][];

function factOf(manifest: Manifest): Fact[] {
  const { fact } = normaliseObject(manifest);
  return fact === null ? [] : [fact];
}

function worldOf(random: RandomSource, mix: PolicyMix): { first: readonly Fact[]; pool: readonly Fact[] } {
  const [now, later] = [randomCluster(random, mix), randomCluster(random, mix)];
  const first = [...now.inventory, ...now.policies].flatMap(factOf);
  const namespace = first.find(({ type }) => type === 'namespace')?.meta.name ?? 'default';
  return { first, pool: [...later.inventory, ...later.policies, ...others(namespace)].flatMap(factOf) };
}

describe('a snapshot that is updated', () => {
  it.each(POLICY_MIXES)(
    `is byte for byte the one that is compiled from all facts: random changes with %s (ATLAS_SEED=${SEED})`,
    (mix) => {
      const random = new RandomSource(SEED + 31 * POLICY_MIXES.indexOf(mix));
      let moved = 0;
      for (let sequence = 0; sequence < SEQUENCES; sequence++) {
        const { first, pool } = worldOf(random, mix);
        // Half of the sequences take the plugin from the facts, half read policy as the mix is meant and as some engine does.
        const meant = { combination: combinationOf(mix), networkPolicyOf: random.pick(READINGS) };
        const options = random.chance(0.5) ? {} : { semantics: meant };
        const facts = new Map(first.map((fact) => [objectKey(fact.meta), fact]));
        let snapshot = compileSnapshot(facts.values(), options);
        let text = bytesOf(snapshot);
        for (let step = 0; step < STEPS; step++) {
          const upserts = random.chance(0.7) ? random.some(pool, 1, 3) : [];
          const removes = random.chance(0.5) ? random.some([...facts.values()], 1, 2).map(({ meta }) => meta) : [];
          for (const fact of upserts) facts.set(objectKey(fact.meta), fact);
          for (const ref of removes) facts.delete(objectKey(ref));
          const before = snapshot;
          snapshot = updateSnapshot(before, { upserts, removes });
          const now = bytesOf(snapshot);
          const where = `ATLAS_SEED=${SEED} sequence ${sequence} step ${step}`;
          expect([where, difference(now, bytesOf(compileSnapshot(facts.values(), options)))]).toEqual([where, null]);
          expect([where, difference(bytesOf(before), text)]).toEqual([where, null]);
          if (now !== text) moved += 1;
          text = now;
        }
      }
      expect(moved).toBeGreaterThan(SEQUENCES * STEPS * 0.4);
    },
    240_000,
  );
});
