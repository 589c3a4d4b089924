import { describe, expect, it } from '@jest/globals';

import { PolicyWorld, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';

const LABEL = { 'k8s.ovn.org/primary-user-defined-network': '' };
const network = (role: string, namespace = 'red-1'): unknown => ({
  apiVersion: 'k8s.ovn.org/v1',
  kind: 'UserDefinedNetwork',
  metadata: { name: 'net', namespace },
  spec: { topology: 'Layer2', layer2: { role, subnets: ['10.100.0.0/16'] } },
});
const ofCluster = (namespaceSelector: unknown): unknown => ({
  apiVersion: 'k8s.ovn.org/v1',
  kind: 'ClusterUserDefinedNetwork',
  metadata: { name: 'red' },
  spec: { namespaceSelector, network: { topology: 'Layer3', layer3: { role: 'Primary' } } },
});
const RED = { matchLabels: { colour: 'red' } };
const INVENTORY: readonly unknown[] = [
  rawNamespace('red-1', { ...LABEL, colour: 'red' }),
  rawNamespace('red-2', { ...LABEL, colour: 'red' }),
  rawNamespace('red-3', { colour: 'red' }),
  ...['red-1', 'red-2', 'red-3'].flatMap((namespace, index) => [
    rawPod(`${namespace}/one`, { ip: `10.0.1.${index * 2 + 1}`, node: 'node-1' }),
    rawPod(`${namespace}/two`, { ip: `10.0.1.${index * 2 + 2}`, node: 'node-2' }),
  ]),
];
const world = (...objects: readonly unknown[]): PolicyWorld =>
  new PolicyWorld([...INVENTORY, ...objects], { combination: 'ovn', podToOwnNode: false });

describe('UserDefinedNetwork and ClusterUserDefinedNetwork', () => {
  it('UDN-1 a primary network replaces the default one, a secondary network does not', () => {
    expect(world(network('Primary')).ask('red-1/one', 'red-2/one')).toBe('deny');
    expect(world(network('Secondary')).ask('red-1/one', 'red-2/one')).toBe('allow');
    const several = world(ofCluster(RED));
    expect(several.ask('red-1/one', 'red-2/one')).toBe('allow');
    expect(several.ask('red-1/one', 'b/server')).toBe('deny');
  });

  it('UDN-2 a namespace without the label takes no part', () => {
    expect(world(network('Primary', 'red-3')).ask('red-3/one', 'b/server')).toBe('allow');
    expect(world(ofCluster(RED)).ask('red-1/one', 'red-3/one')).toBe('deny');
  });

  it('UDN-3 networks are apart both ways, and policy holds inside of one', () => {
    const apart = world(network('Primary'), network('Primary', 'red-2'));
    expect(apart.ask('red-1/one', 'red-1/two')).toBe('allow');
    expect(apart.ask('red-1/one', 'red-2/one')).toBe('deny');
    expect(apart.ask('b/server', 'red-1/one')).toBe('deny');
    expect(apart.ask('b/server', 'a/client')).toBe('allow');
    const allowAll = rawNetworkPolicy('red-1/all', { podSelector: {}, ingress: [{}] });
    expect(world(network('Primary'), allowAll).ask('b/server', 'red-1/one')).toBe('deny');
    const isolate = rawNetworkPolicy('red-1/isolate', { podSelector: {} });
    expect(world(network('Primary'), isolate).ask('red-1/one', 'red-1/two')).toBe('deny');
  });

  it('UDN-4 DNS of the default network is reached through its Service alone', () => {
    const policy = world(network('Primary'));
    expect(policy.ask('red-1/one', 'kube-system/dns', 'UDP/53', undefined, 'kube-system/kube-dns')).toBe('allow');
    expect(policy.ask('red-1/one', 'kube-system/dns', 'UDP/53')).toBe('deny');
  });

  it.each([
    ['- protocol: tcp\n  port: 80\n- protocol: udp\n  port: 53\n', ['allow', 'deny', 'allow', 'deny']],
    ['[{"protocol":"icmp"}, {"protocol":"tcp","port":81}]', ['deny', 'allow', 'deny', 'allow']],
    ['- port: 80\n  protocol: TCP\n', ['allow', 'deny', 'deny', 'deny']],
    ['- {protocol: tcp, port: http}', ['unknown', 'unknown', 'unknown', 'unknown']],
    ['80', ['unknown', 'unknown', 'unknown', 'unknown']],
    ['[]', ['deny', 'deny', 'deny', 'deny']],
    ['- {"protocol": "udp", "port": 53}', ['deny', 'deny', 'allow', 'deny']],
    ['[{"protocol":"tcp","port":80}', ['unknown', 'unknown', 'unknown', 'unknown']],
    ['[{"protocol":"tcp","port":80}} ]', ['unknown', 'unknown', 'unknown', 'unknown']],
    ['{"protocol":"tcp","port":80}', ['unknown', 'unknown', 'unknown', 'unknown']],
    ['[{"protocol":"tcp" "port":80}]', ['unknown', 'unknown', 'unknown', 'unknown']],
    ['[{"protocol":"tcp","port":80} {"protocol":"icmp"}]', ['unknown', 'unknown', 'unknown', 'unknown']],
  ])('UDN-5 a pod opens ports to pods of the default network: %j', (text, verdicts) => {
    const open = rawPod('red-1/open', { ip: '10.0.2.1', node: 'node-1' }) as { metadata: object };
    const annotations = { 'k8s.ovn.org/open-default-ports': text };
    const policy = world(network('Primary'), { ...open, metadata: { ...open.metadata, annotations } });
    const ports = ['TCP/80', 'TCP/81', 'UDP/53', 'ICMP'];
    expect(ports.map((port) => policy.ask('b/server', 'red-1/open', port))).toEqual(verdicts);
    expect(policy.ask('b/server', 'red-1/one')).toBe('deny');
    expect(policy.ask('red-1/open', 'b/server')).toBe('deny');
  });

  it('UDN-6 host-network pods, nodes and outside addresses are not kept apart', () => {
    const policy = world(network('Primary'));
    expect(policy.ask('red-1/one', '8.8.8.8')).toBe('allow');
    expect(policy.ask('red-1/one', 'b/agent')).toBe('allow');
    expect(policy.ask('node:node-1', 'red-1/one')).toBe('allow');
  });

  it('UDN-7 has the field of its topology alone, and is beside the default network where that is Localnet', () => {
    const localnet = { role: 'Primary', physicalNetworkName: 'lan' };
    const spec = (of: object): unknown => ({ ...(network('Primary') as object), spec: of });
    const cluster = (of: object): unknown => ({
      ...(ofCluster(RED) as object),
      spec: { namespaceSelector: RED, network: of },
    });
    const both = { topology: 'Layer2', layer2: { role: 'Primary' }, layer3: { role: 'Primary' } };
    const told = (object: unknown): unknown => {
      const found = world(object);
      return [found.ask('red-1/one', 'b/server'), ...found.problems];
    };
    expect(told(spec(both))).toEqual(['allow', 'error userdefinednetwork.topology /spec/layer3']);
    expect(told(cluster(both))).toEqual(['allow', 'error userdefinednetwork.topology /spec/network/layer3']);
    expect(told(cluster({ topology: 'Localnet', localnet }))).toEqual([
      'allow',
      'error userdefinednetwork.role /spec/network/localnet/role',
    ]);
    expect(told(cluster({ topology: 'Localnet', localnet: { ...localnet, role: 'Secondary' } }))).toEqual(['allow']);
    expect(told(spec({ topology: 'Localnet', localnet: { ...localnet, role: 'Secondary' } }))).toEqual([
      'allow',
      'error userdefinednetwork.topology /spec/topology',
    ]);
  });

  it('refuses what cannot be read, with its place', () => {
    expect(world(network('Main')).problems).toEqual(['error userdefinednetwork.role /spec/layer2/role']);
    expect(world(ofCluster(undefined)).problems).toEqual(['error selector.type /spec/namespaceSelector']);
    const having = (object: unknown, spec: object | undefined): unknown => ({ ...(object as object), spec });
    const bare = having(network('Primary'), { topology: 'Layer2' });
    expect(world(bare).problems).toEqual(['error userdefinednetwork.role /spec/layer2']);
    expect(world(having(ofCluster(RED), undefined)).problems).toEqual([
      'error userdefinednetwork.network /spec',
      'error selector.type /spec',
    ]);
  });
});
