import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import type { Endpoint } from '../../compile/index.js';
import { evaluatePair } from '../../eval/index.js';
import { CALICO_CNI, factsOf, rawCalico, rawNamespace, rawNode, rawPod } from '../../testing/index.js';

describe('what hosts do with what their own pods send to them', () => {
  const cluster = [
    rawNamespace('shop'),
    rawNode('n1', '192.168.0.1', { zone: 'a' }),
    rawNode('n2', '192.168.0.2', { zone: 'b' }),
    rawPod('shop/one', { labels: {}, ip: '10.0.0.1', node: 'n1' }),
    rawPod('shop/two', { labels: {}, ip: '10.0.0.2', node: 'n2' }),
  ];
  const felix = (name: string, action: string, nodeSelector?: string): unknown =>
    rawCalico('FelixConfiguration', name, { defaultEndpointToHostAction: action, nodeSelector });
  const DROP = { 'default-endpoint-to-host-action': 'drop' };

  it.each([
    ['is that of the host itself', {}, felix('node.n1', 'Drop'), ['deny', 'allow']],
    ['of which one may differ from all', DROP, felix('node.n1', 'Accept'), ['allow', 'deny']],
    ['goes by the labels of nodes', DROP, felix('some', 'return', "zone == 'b'"), ['deny', 'allow']],
    ['is that of all where no node is chosen', DROP, felix('some', 'Return', 'has(none)'), ['deny', 'deny']],
    ['is that of all where the object is told badly', DROP, felix('some', 'Return', 'zone ='), ['deny', 'deny']],
    [
      'is that of the environment of the agents before any',
      { ...DROP, 'host-action-of': 'environment' },
      felix('node.n1', 'Accept'),
      ['deny', 'deny'],
    ],
  ])('CAL-53, CAL-55: %s', (_, options: Readonly<Record<string, string>>, object, verdicts) => {
    const snapshot = compileSnapshot(factsOf(...cluster, object), { cni: { ...CALICO_CNI, options } });
    const { directory } = snapshot;
    const flow = { protocol: 6, port: 8080, family: 4 } as const;
    const asked = [
      ['one', 'n1'],
      ['two', 'n2'],
    ].map(([pod = '', node = '']) => {
      const [from, to] = [directory.pod('shop', pod), directory.node(node)] as [Endpoint, Endpoint];
      return evaluatePair(snapshot, from, to, flow, 'enforced').verdict;
    });
    expect(asked).toEqual(verdicts);
  });

  it('CAL-53: Felix for Windows has no such setting', () => {
    const windows = [
      rawNode('w1', '192.168.0.9', { 'kubernetes.io/os': 'windows' }),
      rawPod('shop/win', { labels: {}, ip: '10.0.0.9', node: 'w1' }),
    ];
    const options = { ...DROP, 'windows-agents': 'true' };
    const snapshot = compileSnapshot(factsOf(...cluster, ...windows, felix('node.w1', 'Drop')), {
      cni: { ...CALICO_CNI, options },
    });
    const verdict = (pod: string, node: string): string => {
      const [from, to] = [snapshot.directory.pod('shop', pod), snapshot.directory.node(node)] as [Endpoint, Endpoint];
      return evaluatePair(snapshot, from, to, { protocol: 6, port: 80, family: 4 }, 'enforced').verdict;
    };
    expect([verdict('win', 'w1'), verdict('one', 'n1')]).toEqual(['allow', 'deny']);
  });
});
