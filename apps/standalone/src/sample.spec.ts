import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '#engine';
import { manifestFacts, readManifests } from '#manifests';

import { SAMPLE_CLUSTERS } from './sample-inventory.js';

const load = async (name: string) =>
  manifestFacts(await readManifests({ dir: join(import.meta.dirname, '..', 'sample', name) }));

describe.each(SAMPLE_CLUSTERS)('the sample cluster %s', (name) => {
  it('is read without a problem, all of it', async () => {
    const { facts, problems, skipped } = await load(name);
    expect(problems).toEqual([]);
    expect(skipped).toEqual({});
    expect(facts.filter((fact) => fact.type === 'rejected')).toEqual([]);
  });

  it('gives every running pod an address of its node, and every endpoint a pod', async () => {
    const { facts } = await load(name);
    const pods = facts.filter((fact) => fact.type === 'pod');
    const own = pods.filter((pod) => !pod.shape.hostNetwork).map((pod) => pod.ips.join());
    expect(new Set(own).size).toBe(own.length);
    const nodes = new Map(facts.filter((fact) => fact.type === 'node').map((node) => [node.meta.name, node]));
    for (const pod of pods) expect([...nodes.keys()]).toContain(pod.node);

    const addresses = new Map(pods.map((pod) => [`${pod.meta.namespace}/${pod.meta.name}`, pod.ips]));
    const backends = facts
      .filter((fact) => fact.type === 'endpointslice')
      .flatMap((slice) => slice.endpoints.map((endpoint) => ({ ...endpoint, namespace: slice.meta.namespace })));
    expect(backends.length).toBeGreaterThan(8);
    for (const { namespace, pod, addresses: of } of backends) expect(of).toEqual(addresses.get(`${namespace}/${pod}`));
  });

  it('says which network plugin it has and that nothing about it is doubtful', async () => {
    const { cni } = compileSnapshot((await load(name)).facts);
    expect(cni.networking).toBe(name.replace('shop-', ''));
    expect(cni.confidence).toBeGreaterThan(0.8);
    expect(cni.unenforcedNodes).toEqual([]);
  });
});
