import { describe, expect, it } from '@jest/globals';
import { compileSnapshot, endpointOfAddress } from '../../compile/index.js';
import type { Endpoint } from '../../compile/index.js';
import { evaluatePair } from '../../eval/index.js';
import { protocolByName } from '../../model/index.js';
import {
  CALICO_CNI,
  factsOf,
  rawCalico,
  rawNamespace,
  rawNetworkPolicy,
  rawNode,
  rawPod,
} from '../../testing/index.js';

describe('CAL-73 rules on nodes with Windows', () => {
  const pod = (name: string, ip: string, node: string): unknown =>
    rawPod(name, { labels: { app: 'web' }, ip, node, ports: [{ name: 'http', containerPort: 8080 }] });
  const cluster = [
    rawNamespace('shop'),
    rawNode('linux', '192.168.0.1', { 'kubernetes.io/os': 'linux' }),
    rawNode('windows', '192.168.0.2', { 'kubernetes.io/os': 'windows' }),
    pod('shop/one', '10.0.0.1', 'linux'),
    pod('shop/two', '10.0.0.2', 'windows'),
  ];
  /** What a client outside gets from the pod on Linux, and from that on Windows. */
  const asked = (
    policy: unknown,
    port = 'TCP/8080',
    options: Record<string, string> = { 'windows-agents': 'true' },
  ): string[] => {
    const snapshot = compileSnapshot(factsOf(...cluster, policy), { cni: { ...CALICO_CNI, options } });
    const client = endpointOfAddress(snapshot.directory, '198.51.100.7') as Endpoint;
    const [protocol = '', number] = port.split('/');
    const flow = {
      protocol: protocolByName(protocol) ?? 0,
      port: number === undefined ? null : Number(number),
      family: 4,
    } as const;
    return ['one', 'two'].map((name) => {
      const server = snapshot.directory.pod('shop', name) as Endpoint;
      return evaluatePair(snapshot, client, server, flow, 'enforced').verdict;
    });
  };
  const calico = (...rules: object[]): unknown =>
    rawCalico('GlobalNetworkPolicy', 'p', { selector: 'all()', types: ['Ingress'], ingress: rules });

  it.each([
    [{ source: { notNets: ['203.0.113.0/24'] } }, ['allow', 'deny']],
    [{ source: { notSelector: "app == 'x'" } }, ['allow', 'deny']],
    [{ destination: { notSelector: "app == 'x'" } }, ['allow', 'deny']],
    [{ destination: { selector: 'all()', notSelector: "app == 'x'" } }, ['allow', 'allow']],
    [{ notProtocol: 'UDP' }, ['allow', 'deny']],
    [{ protocol: 'TCP', destination: { notPorts: [80] } }, ['allow', 'deny']],
    [{ protocol: 'TCP', destination: { ports: ['http'] } }, ['allow', 'deny']],
    [{ protocol: 'TCP', destination: { ports: [8080] } }, ['allow', 'allow']],
    [{ source: { nets: ['198.51.100.0/24'] } }, ['allow', 'allow']],
  ])('an Allow of %j gives %j', (rule, verdicts) => {
    expect(asked(calico({ action: 'Allow', ...rule }))).toEqual(verdicts);
    expect(asked(calico({ action: 'Allow', ...rule }), 'TCP/8080', {})).toEqual(['allow', 'allow']);
  });

  it('opens what a Deny would have kept out', () => {
    const deny = { action: 'Deny', source: { notNets: ['203.0.113.0/24'] } };
    expect(asked(calico(deny, { action: 'Allow' }))).toEqual(['deny', 'allow']);
    expect(asked(calico({ action: 'Allow', protocol: 'ICMP', icmp: { type: 8 } }), 'ICMP')).toEqual([
      'unknown',
      'deny',
    ]);
  });

  it.each([
    [{ ports: [{ port: 'http' }] }, ['allow', 'deny']],
    [{ ports: [{ port: 'http' }, { port: 8080 }] }, ['allow', 'deny']],
    [{ ports: [{ port: 'dns', protocol: 'UDP' }, { port: 8080 }] }, ['allow', 'allow']],
    [{ from: [{ ipBlock: { cidr: '198.51.100.0/24', except: ['198.51.100.128/25'] } }] }, ['allow', 'deny']],
    [
      {
        from: [
          { ipBlock: { cidr: '198.51.100.0/24', except: ['198.51.100.0/25'] } },
          { ipBlock: { cidr: '0.0.0.0/0' } },
        ],
      },
      ['allow', 'allow'],
    ],
    [{}, ['allow', 'allow']],
  ])('a rule %j of a NetworkPolicy gives %j', (rule, verdicts) => {
    expect(asked(rawNetworkPolicy('shop/p', { podSelector: {}, ingress: [rule] }))).toEqual(verdicts);
  });
});
