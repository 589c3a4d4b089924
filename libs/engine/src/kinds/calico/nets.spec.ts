import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import { endpointOfAddress } from '../../compile/endpoint-directory.js';
import type { Endpoint } from '../../compile/index.js';
import { evaluatePair } from '../../eval/index.js';
import { CALICO_CNI, factsOf, rawNamespace, rawNode, rawPod } from '../../testing/index.js';

describe('CAL-72 blocks of rules', () => {
  const asked = (apiVersion: string, version: string, source: object): readonly string[] => {
    const policy = {
      apiVersion,
      kind: 'GlobalNetworkPolicy',
      metadata: { name: apiVersion.startsWith('crd') ? 'default.p' : 'p' },
      spec: { selector: 'all()', types: ['Ingress'], ingress: [{ action: 'Allow', source }] },
    };
    const cluster = [
      rawNamespace('shop'),
      rawNode('n1', '192.168.0.1', {}),
      rawPod('shop/web', { labels: {}, ip: '10.0.0.1', node: 'n1' }),
    ];
    const snapshot = compileSnapshot(factsOf(...cluster, policy), { cni: { ...CALICO_CNI, version } });
    const web = snapshot.directory.pod('shop', 'web') as Endpoint;
    const flow = { protocol: 6, port: 80, family: 4 } as const;
    const verdicts = ['198.51.100.7', '203.0.113.7'].map((address) => {
      const client = endpointOfAddress(snapshot.directory, address) as Endpoint;
      return evaluatePair(snapshot, client, web, flow, 'enforced').verdict;
    });
    return [...verdicts, ...snapshot.diagnostics.map((one) => `${one.class} ${one.code}`)];
  };
  const [API, STORED] = ['projectcalico.org/v3', 'crd.projectcalico.org/v1'];
  const bits = { nets: ['198.51.100.9/24'] };

  it.each([
    // Refused, so nothing selects the pod.
    [API, '3.31.2', bits, ['allow', 'allow', 'error calico.net_bits']],
    [API, '3.32.0', bits, ['allow', 'deny', 'suspect calico.net_bits']],
    [STORED, '3.31.2', bits, ['allow', 'deny', 'suspect calico.net_bits']],
    [API, '3.31.2', { nets: ['198.51.100.0/24'] }, ['allow', 'deny']],
    [API, '3.31.2', { nets: ['198.51.100.0/33'] }, ['allow', 'allow', 'error calico.net']],
    // Of what is stored the rest stands, and nothing at all asks for nothing.
    [STORED, '3.31.2', { nets: ['198.51.100.0/24', 'ten'] }, ['allow', 'deny', 'suspect calico.net']],
    [STORED, '3.31.2', { nets: ['198.51.100.0/33'] }, ['allow', 'allow', 'suspect calico.net']],
    [STORED, '3.31.2', { notNets: ['198.51.100.0/33'] }, ['allow', 'allow', 'suspect calico.net']],
    [STORED, '3.31.2', { notNets: ['198.51.100.9/24'] }, ['deny', 'allow', 'suspect calico.net_bits']],
  ])('of %s in %s: %j', (apiVersion, version, source, expected) => {
    expect(asked(apiVersion, version, source)).toEqual(expected);
  });
});
