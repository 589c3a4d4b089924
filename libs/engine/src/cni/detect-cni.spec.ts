import { describe, expect, it } from '@jest/globals';
import { CNI_DETECTORS } from './detectors/index.js';
import { detectCni } from './detect-cni.js';
import { awsNode, CALICO, CILIUM, FLANNEL } from './testing/agents.js';
import { UNKNOWN } from './testing/detection-case.js';
import { ENGINES } from './testing/engines.cases.js';
import { NETWORKS } from './testing/networks.cases.js';
import { PLATFORMS } from './testing/platforms.cases.js';
import { configMap, daemonPod, daemonSet, node, policy } from './testing/sketches.js';

const CASES = [...ENGINES, ...NETWORKS, ...PLATFORMS];

describe('detectCni', () => {
  it.each(CASES.map((one) => [one.detector, one.says, one] as const))('%s: %s', (_detector, _says, one) => {
    const detection = detectCni(one.facts);
    expect(detection).toMatchObject(one.expected);
    if (one.options !== undefined) expect(detection.options).toMatchObject(one.options);
  });

  it('has a case that each detector contributes to, and one where it does not', () => {
    for (const { id } of CNI_DETECTORS) {
      expect(CASES.filter((one) => one.detector === id).length).toBeGreaterThanOrEqual(2);
    }
  });

  it('is unknown with no confidence when nothing was seen', () => {
    expect(detectCni([])).toMatchObject({ ...UNKNOWN, title: 'unknown', confidence: 0, unenforcedNodes: [] });
  });

  it('does not take missing rights for a missing plugin', () => {
    const facts = [node('n1', { podCidrs: ['10.244.0.0/24'], providerId: 'aws:///1' })];
    expect(detectCni(facts, { 'DaemonSet.apps': { complete: false } }).enforced).toBe('unknown');
    expect(detectCni(facts, { 'DaemonSet.apps': { complete: true } })).toMatchObject({
      networking: 'kubenet',
      enforced: 'no',
    });
  });

  it('says so when objects of an engine exist that does not run', () => {
    const { evidence } = detectCni([
      daemonSet('kube-flannel-ds', FLANNEL),
      policy('cilium.io', 'CiliumNetworkPolicy', 'a'),
    ]);
    expect(evidence).toContainEqual(expect.objectContaining({ source: 'CiliumNetworkPolicy.cilium.io', weight: 0.2 }));
  });

  it('names every engine when several run, and remarks on it', () => {
    const detection = detectCni([
      daemonSet('cilium', CILIUM),
      daemonSet('calico-node', CALICO),
      configMap('cilium-config', { 'cni-chaining-mode': 'none' }),
    ]);
    expect(detection).toMatchObject({
      policyEngine: 'cilium+calico',
      enforced: 'yes',
      version: '',
      networking: 'cilium',
    });
    expect(detection.evidence).toContainEqual(expect.objectContaining({ source: 'several policy engines' }));
    expect(detection.engines?.map(({ id, version }) => [id, version])).toEqual([
      ['cilium', '1.16.4'],
      ['calico', '3.29.1'],
    ]);
    expect(detectCni([daemonSet('cilium', CILIUM), configMap('cilium-config', {})]).engines).toBeUndefined();
  });

  it('is less sure of a manifest than of a running agent, and of an agent whose settings cannot be seen', () => {
    const running = detectCni([daemonSet('cilium', CILIUM), configMap('cilium-config', {})]).confidence;
    const unseen = detectCni([daemonSet('cilium', CILIUM)]).confidence;
    const declared = detectCni([
      daemonSet('cilium', { labels: CILIUM.labels ?? {}, containers: CILIUM.containers }),
    ]).confidence;
    expect(running).toBeGreaterThan(unseen);
    expect(unseen).toBeGreaterThan(declared);
    expect(declared).toBeGreaterThan(0.5);
    expect(running).toBeLessThan(1);
  });

  it('does not depend on the order of facts', () => {
    const facts = [
      daemonSet('cilium', CILIUM),
      awsNode('false'),
      configMap('cilium-config', { 'cni-chaining-mode': 'aws-cni' }),
      node('a'),
      node('b'),
    ];
    expect(detectCni(facts.toReversed())).toEqual(detectCni(facts));
  });

  describe('per node', () => {
    const nodes = [node('a'), node('b'), node('c')];

    it('names nodes without a ready agent', () => {
      const facts = [
        daemonSet('cilium', CILIUM),
        daemonPod('cilium', 'a', CILIUM),
        daemonPod('cilium', 'b', CILIUM, false),
        ...nodes,
      ];
      expect(detectCni(facts).unenforcedNodes).toEqual(['b', 'c']);
    });

    it('finds an agent by its pods alone', () => {
      const facts = [
        daemonPod('cilium', 'a', CILIUM),
        daemonPod('cilium', 'b', CILIUM),
        daemonPod('cilium', 'c', CILIUM),
        ...nodes,
      ];
      expect(detectCni(facts)).toMatchObject({ policyEngine: 'cilium', enforced: 'yes', unenforcedNodes: [] });
    });

    it('counts a node as covered when one of two engines in a migration runs there', () => {
      const facts = [
        daemonSet('cilium', CILIUM),
        daemonSet('calico-node', CALICO),
        daemonPod('cilium', 'a', CILIUM),
        daemonPod('calico-node', 'b', CALICO),
        ...nodes,
      ];
      expect(detectCni(facts).unenforcedNodes).toEqual(['c']);
    });

    it('knows nodes that can never run an agent even when no agent pod is in the inventory', () => {
      const fargate = node('f', { labels: { 'eks.amazonaws.com/compute-type': 'fargate' } });
      expect(detectCni([awsNode('true'), ...nodes, fargate]).unenforcedNodes).toEqual(['f']);
    });

    it('says nothing of nodes when nothing is enforced', () => {
      expect(detectCni([daemonSet('kube-flannel-ds', FLANNEL), ...nodes]).unenforcedNodes).toEqual([]);
    });
  });
});
