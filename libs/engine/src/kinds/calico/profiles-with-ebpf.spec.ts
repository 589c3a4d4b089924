import { describe, expect, it } from '@jest/globals';
import { compileSnapshot, endpointOfAddress } from '../../compile/index.js';
import type { Endpoint } from '../../compile/index.js';
import { evaluatePair } from '../../eval/index.js';
import { CALICO_CNI, factsOf, rawCalico, rawNamespace, rawNode, rawPod } from '../../testing/index.js';

describe('CAL-46 Pass in a profile', () => {
  const cluster = [
    rawNamespace('shop'),
    rawNode('linux', '192.168.0.1', { 'kubernetes.io/os': 'linux' }),
    rawNode('windows', '192.168.0.2', { 'kubernetes.io/os': 'windows' }),
    rawPod('shop/one', { ip: '10.0.0.1', node: 'linux' }),
    rawPod('shop/two', { ip: '10.0.0.2', node: 'windows' }),
    rawCalico('Profile', 'kns.shop', {
      ingress: [{ action: 'Pass', source: { nets: ['198.51.100.0/24'] } }, { action: 'Deny' }],
    }),
    rawCalico('Profile', 'ksa.shop.default', { ingress: [{ action: 'Allow' }] }),
  ];
  const onHosts = [
    rawCalico('HostEndpoint', 'h', { node: 'linux', interfaceName: '*', profiles: ['first', 'second'] }),
    rawCalico('Profile', 'first', { ingress: [{ action: 'Pass' }] }),
    rawCalico('Profile', 'second', { ingress: [{ action: 'Allow' }] }),
  ];
  const FLOW = { protocol: 6, port: 8080, family: 4 } as const;

  /** What a client outside gets from the pod on Linux, that on Windows, and the node with Linux. */
  const asked = (options: Record<string, string>): string[] => {
    const snapshot = compileSnapshot(factsOf(...cluster, ...onHosts), { cni: { ...CALICO_CNI, options } });
    const client = endpointOfAddress(snapshot.directory, '198.51.100.7') as Endpoint;
    const servers = [
      snapshot.directory.pod('shop', 'one'),
      snapshot.directory.pod('shop', 'two'),
      endpointOfAddress(snapshot.directory, '192.168.0.1'),
    ];
    return servers.map((server) => evaluatePair(snapshot, client, server as Endpoint, FLOW, 'enforced').verdict);
  };

  it.each([
    [{}, ['allow', 'allow', 'allow']],
    [{ 'bpf-enabled': 'false', 'windows-agents': 'true' }, ['allow', 'allow', 'allow']],
    [{ 'bpf-enabled': 'true', 'windows-agents': 'true' }, ['deny', 'allow', 'deny']],
    [{ 'bpf-enabled': 'true' }, ['deny', 'deny', 'deny']],
    [{ 'linux-dataplane': 'BPF' }, ['deny', 'deny', 'deny']],
  ])('gives with %j %j', (options, verdicts) => {
    expect(asked(options as Record<string, string>)).toEqual(verdicts);
  });
});
