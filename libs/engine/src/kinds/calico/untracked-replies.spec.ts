import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import { endpointOfAddress } from '../../compile/endpoint-directory.js';
import { evaluatePair } from '../../eval/index.js';
import type { Flow } from '../../eval/flow.js';
import { ICMP, SCTP, TCP, UDP } from '../../model/index.js';
import { CALICO_CNI, factsOf, rawCalico, rawNamespace, rawNode, rawPod } from '../../testing/index.js';

const OUTSIDE = '198.51.100.7';
const HOST = rawCalico(
  'HostEndpoint',
  'h1',
  { node: 'n1', interfaceName: '*', expectedIPs: ['192.168.0.1'] },
  { role: 'host' },
);
const cluster = [
  rawNamespace('shop'),
  rawNode('n1', '192.168.0.1', {}),
  rawPod('shop/own', { ip: '10.0.0.1', node: 'n1' }),
  HOST,
];

const policy = (name: string, spec: object): unknown =>
  rawCalico('GlobalNetworkPolicy', name, { selector: "role == 'host'", ...spec });
const untracked = (spec: object): unknown => policy('u', { doNotTrack: true, applyOnForward: true, ...spec });
const OPEN = policy('open', { ingress: [{ action: 'Allow' }], egress: [{ action: 'Allow' }] });
const allow = (rest: object = {}): object => ({ action: 'Allow', ...rest });
const ALL = [allow()];

type Asked = Partial<Flow>;

function verdict(objects: readonly unknown[], from: string, to: string, asked: Asked = {}): string {
  const snapshot = compileSnapshot(factsOf(...cluster, ...objects), { cni: CALICO_CNI });
  const { directory } = snapshot;
  const find = (name: string) => {
    const [namespace = '', pod = ''] = name.split('/');
    const found = directory.pod(namespace, pod) ?? directory.node(name) ?? endpointOfAddress(directory, name);
    if (found === null) throw new Error(`no endpoint ${name}`);
    return found;
  };
  const flow: Flow = { protocol: TCP, port: 8080, family: 4, ...asked };
  const { verdict: said, egress, ingress } = evaluatePair(snapshot, find(from), find(to), flow, 'enforced');
  return said === 'allow' && egress.onlyFor.length + ingress.onlyFor.length > 0 ? 'conditional' : said;
}

describe('CAL-75 untracked policy', () => {
  it('lets a connection pass where it lets its replies pass as well, whoever opens it', () => {
    const both = untracked({ ingress: ALL, egress: ALL });
    expect(verdict([both], OUTSIDE, 'n1')).toBe('allow');
    expect(verdict([both], 'n1', OUTSIDE)).toBe('allow');
    const one = untracked({ ingress: ALL });
    expect(verdict([one], OUTSIDE, 'n1')).toBe('deny');
    expect(verdict([one], OUTSIDE, 'n1', { protocol: SCTP })).toBe('deny');
    expect(verdict([one, OPEN], OUTSIDE, 'n1')).toBe('deny');
  });

  it('judges replies by where they go and by the port that they come from', () => {
    const server = untracked({
      ingress: [allow({ protocol: 'TCP', destination: { ports: [8080] } })],
      egress: [allow({ protocol: 'TCP', source: { ports: [8080] }, destination: { nets: ['198.51.100.0/24'] } })],
    });
    expect(verdict([server], OUTSIDE, 'n1')).toBe('allow');
    expect(verdict([server], '203.0.113.7', 'n1')).toBe('deny');
    expect(verdict([server], OUTSIDE, 'n1', { port: 8081 })).toBe('deny');
    const clients = untracked({
      ingress: ALL,
      egress: [allow({ protocol: 'TCP', destination: { ports: ['1024:2000'] } })],
    });
    expect(verdict([clients], OUTSIDE, 'n1', { sourcePort: 1500 })).toBe('allow');
    expect(verdict([clients], OUTSIDE, 'n1', { sourcePort: 3000 })).toBe('deny');
    expect(verdict([clients], OUTSIDE, 'n1')).toBe('conditional');
  });

  it('loses replies that it denies, also of what normal policy lets pass', () => {
    const denied = untracked({ egress: [{ action: 'Deny', destination: { nets: ['198.51.100.0/24'] } }] });
    expect(verdict([denied, OPEN], OUTSIDE, 'n1')).toBe('deny');
    expect(verdict([denied, OPEN], '203.0.113.7', 'n1')).toBe('allow');
  });

  it('breaks a tracked connection of which the replies alone are untracked', () => {
    expect(verdict([untracked({ egress: ALL }), OPEN], OUTSIDE, 'n1')).toBe('deny');
    expect(verdict([untracked({ egress: ALL }), OPEN], OUTSIDE, 'n1', { protocol: UDP })).toBe('allow');
    expect(verdict([untracked({ ingress: ALL }), OPEN], 'n1', OUTSIDE)).toBe('deny');
  });

  it('follows Pass and Log through the tiers of both sides', () => {
    const ops = rawCalico('Tier', 'ops', { order: 1 });
    const first = rawCalico('GlobalNetworkPolicy', 'ops.p', {
      tier: 'ops',
      selector: "role == 'host'",
      doNotTrack: true,
      applyOnForward: true,
      ingress: [{ action: 'Pass' }, { action: 'Deny' }],
      egress: [{ action: 'Log' }, { action: 'Pass' }, { action: 'Deny' }],
    });
    expect(verdict([ops, first, untracked({ ingress: ALL, egress: ALL })], OUTSIDE, 'n1')).toBe('allow');
    expect(verdict([ops, first, OPEN], OUTSIDE, 'n1')).toBe('allow');
  });

  it('leaves open what becomes of replies that are packets of their own', () => {
    const one = untracked({ ingress: ALL });
    expect(verdict([one, OPEN], OUTSIDE, 'n1', { protocol: UDP })).toBe('unknown');
    const ping = { protocol: ICMP, port: null, icmp: { type: 8, code: 0 } };
    const echo = (type: number): object => allow({ protocol: 'ICMP', icmp: { type } });
    expect(verdict([untracked({ ingress: [echo(8)], egress: [echo(0)] })], OUTSIDE, 'n1', ping)).toBe('allow');
    expect(verdict([untracked({ ingress: [echo(8)], egress: [echo(8)] })], OUTSIDE, 'n1', ping)).toBe('unknown');
  });

  it('says nothing of failsafe ports, of what stays inside the host, and of what it forwards', () => {
    const one = untracked({ ingress: ALL, egress: [{ action: 'Deny' }] });
    expect(verdict([one], OUTSIDE, 'n1', { port: 22 })).toBe('allow');
    expect(verdict([one], 'shop/own', 'n1')).toBe('allow');
    expect(verdict([one], OUTSIDE, 'shop/own')).toBe('allow');
  });

  it('takes a Service beside it as the packets see it: addresses they come from, addresses and ports they go to', () => {
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'far-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'far' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [OUTSIDE] }],
      ports: [{ port: 9000, protocol: 'TCP' }],
    };
    const services = { name: 'far', namespace: 'shop' };
    const from = untracked({ ingress: [allow({ source: { services } })], egress: ALL });
    expect(verdict([slice, from], 'n1', OUTSIDE)).toBe('allow');
    expect(verdict([slice, from, OPEN], 'n1', '203.0.113.7')).toBe('deny');
    const to = untracked({ ingress: ALL, egress: [allow({ destination: { services } })] });
    expect(verdict([slice, to], OUTSIDE, 'n1', { sourcePort: 9000 })).toBe('allow');
    expect(verdict([slice, to], OUTSIDE, 'n1', { sourcePort: 9001 })).toBe('deny');
  });
});
