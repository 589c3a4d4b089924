import { describe, expect, it } from '@jest/globals';

import { describeLimit } from '../../eval/index.js';
import {
  ANTREA,
  antreaCluster,
  antreaClusterGroup,
  antreaWorld,
  drop,
  PolicyWorld,
  refusals,
  SERVER_PODS,
  SERVER_SERVICE,
} from '../../testing/index.js';

describe('Antrea ports and requests', () => {
  it('AT-25 resolves names, ranges and client ports', () => {
    const w = antreaWorld(
      antreaCluster('c', {
        ingress: [drop({ ports: [{ port: 'http' }, { protocol: 'UDP', port: 53, endPort: 60 }] })],
      }),
    );
    const asked = ['TCP/8080', 'TCP/80', 'UDP/60', 'UDP/61'].map((port) => w.ask('a/client', 'b/server', port));
    expect(asked).toEqual(['deny', 'allow', 'deny', 'allow']);
    const source = antreaWorld(
      antreaCluster('c', { ingress: [drop({ ports: [{ sourcePort: 100, sourceEndPort: 200 }] })] }),
    );
    expect(source.ask('a/client', 'b/server')).toBe('unknown');
    expect(
      refusals(antreaWorld(antreaCluster('c', { ingress: [drop({ ports: [{ port: 9, endPort: 8 }] })] }))),
    ).toEqual(['error antrea.end_port /spec/ingress/0/ports/0/endPort']);
  });

  it('AT-44 resolves port names of egress at the pods that selectors choose, not at addresses', () => {
    const service = { ...SERVER_SERVICE, spec: { ...SERVER_SERVICE.spec, type: 'ClusterIP', clusterIP: 'None' } };
    const group = antreaClusterGroup('block', { ipBlocks: [{ cidr: '10.0.0.0/8' }] });
    const to = (...peers: readonly object[]): readonly string[] => {
      const rule = drop({ ...(peers.length === 0 ? {} : { to: peers }), ports: [{ port: 'http' }, { port: 443 }] });
      const w = antreaWorld(service, group, antreaCluster('c', { egress: [rule] }));
      return ['TCP/8080', 'TCP/443', 'TCP/80'].map((port) => w.ask('a/client', 'b/server', port));
    };
    const [named, numbered] = [
      ['deny', 'deny', 'allow'],
      ['allow', 'deny', 'allow'],
    ];
    expect([to(), to(SERVER_PODS), to({ serviceAccount: { name: 'default', namespace: 'b' } })]).toEqual([
      named,
      named,
      named,
    ]);
    const block = { ipBlock: { cidr: '10.0.0.0/8' } };
    const name = { fqdn: 's.b.svc.cluster.local' };
    expect([to(block), to({ group: 'block' }), to(name)]).toEqual([numbered, numbered, numbered]);
    expect(to(block, SERVER_PODS)).toEqual(named);
  });

  it('AT-26 matches ICMP apart from ports', () => {
    const w = antreaWorld(antreaCluster('c', { ingress: [drop({ protocols: [{ icmp: {} }] })] }));
    expect([w.ask('a/client', 'b/server', 'ICMP'), w.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
  });

  it('AT-27 keeps multicast to Allow and Drop', () => {
    const block = { ipBlock: { cidr: '224.1.0.0/16' } };
    const unicast = { ipBlock: { cidr: '10.0.0.0/8' } };
    const wrong = [
      { action: 'Pass', to: [block] },
      drop({ to: [block, unicast] }),
      drop({ to: [{ ...block, ...SERVER_PODS }] }),
      { action: 'Reject', protocols: [{ igmp: {} }] },
    ];
    expect(refusals(antreaWorld(antreaCluster('c', { egress: wrong })))).toEqual([
      'error antrea.multicast_action /spec/egress/0/action',
      'error antrea.multicast_mixed /spec/egress/1',
      'error antrea.multicast_mixed /spec/egress/2',
      'error antrea.igmp_action /spec/egress/3/action',
    ]);
    const right = {
      egress: [drop({ to: [block, SERVER_PODS] })],
      ingress: [{ action: 'Reject', from: [block, unicast] }],
    };
    expect(refusals(antreaWorld(antreaCluster('c', right)))).toEqual([]);
  });

  it('AT-27 looks for what stands beside IGMP in the rules after it, and for ICMP in those before it', () => {
    const [igmp, icmp] = [drop({ protocols: [{ igmp: {} }] }), drop({ protocols: [{ icmp: {} }] })];
    const refused = (spec: object): readonly string[] => refusals(antreaWorld(antreaCluster('c', spec)));
    expect(refused({ ingress: [drop({ from: [SERVER_PODS] }), igmp, igmp, drop()] })).toEqual([]);
    expect(refused({ ingress: [igmp], egress: [drop({ ports: [{ port: 80 }] })] })).toEqual([
      'error antrea.igmp_mixed /spec/egress/0',
    ]);
    expect(refused({ ingress: [icmp, igmp] })).toEqual(['error antrea.igmp_mixed /spec/ingress/1']);
  });

  it('AT-34 AT-36 is final once peers and ports match', () => {
    const rule = { action: 'Allow', ports: [{ port: 80 }], l7Protocols: [{ http: { method: 'GET', path: '/api/*' } }] };
    const w = antreaWorld(antreaCluster('c', { ingress: [rule, { action: 'Allow' }] }));
    const request = (method: string, path: string): string =>
      w.ask('a/client', 'b/server', 'TCP/80', { protocol: 'http', method, path });
    expect([request('GET', '/api/x'), request('POST', '/api/x'), request('GET', '/')]).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(w.ask('a/client', 'b/server', 'TCP/81', { protocol: 'http', method: 'POST' })).toBe('allow');
    const inTls = w.ask('a/client', 'b/server', 'TCP/80', {
      protocol: 'http',
      method: 'GET',
      path: '/api/x',
      fields: { sni: 'a' },
    });
    expect(inTls).toBe('deny');
    const options = { 'gate.L7NetworkPolicy': 'false' };
    const off = new PolicyWorld([antreaCluster('c', { ingress: [rule] })], { ...ANTREA, options });
    expect(off.ask('a/client', 'b/server')).toBe('unknown');
  });

  it('AT-9 AT-36 names the limit where requests are asked for at a place that has no order', () => {
    const get = { action: 'Allow', l7Protocols: [{ http: { method: 'GET' } }] };
    const limits = (...rules: readonly object[]): string => {
      const w = antreaWorld(...rules.map((rule, index) => antreaCluster(`c${index}`, { ingress: [rule] })));
      const { verdict, ingress } = w.decide('a/client', 'b/server');
      return `${verdict} ${ingress.onlyFor.map((all) => all.map(describeLimit).join(' and ')).join(' or ')}`;
    };
    expect(limits({ action: 'Pass' }, get)).toBe('allow HTTP GET');
    expect(limits({ action: 'Allow' }, get)).toBe('allow HTTP GET');
    const api = { action: 'Allow', l7Protocols: [{ http: { path: '/api/*' } }] };
    expect(limits(api, get)).toBe('allow HTTP /api/* and HTTP GET');
    const post = { action: 'Allow', l7Protocols: [{ http: { method: 'POST' } }] };
    expect(limits(post, get)).toMatch(/^unknown/);
    expect(limits(drop(), get)).toMatch(/^unknown/);
  });

  it('AT-29 AT-36 allows what a rule for a name admits, whether or not it is that name', () => {
    const rule = { action: 'Allow', to: [{ fqdn: 'api.example.org' }], l7Protocols: [{ http: { method: 'GET' } }] };
    const w = antreaWorld(antreaCluster('c', { egress: [rule] }));
    const method = (asked: string): string =>
      w.ask('a/client', '203.0.113.9', 'TCP/80', { protocol: 'http', method: asked });
    expect([method('GET'), method('POST')]).toEqual(['allow', 'unknown']);
    const { verdict, egress } = w.decide('a/client', '203.0.113.9');
    expect([verdict, egress.onlyFor.flat().map(describeLimit)]).toEqual(['allow', ['HTTP GET']]);
    const closed = antreaWorld(antreaCluster('c', { egress: [rule, drop()] }));
    expect(closed.ask('a/client', '203.0.113.9', 'TCP/80', { protocol: 'http', method: 'GET' })).toBe('unknown');
  });

  it('AT-36 drops what is no request at all, and names both protocols where a rule has two', () => {
    const l7Protocols = [{ http: { method: 'GET' } }, { tls: { sni: 'a.example.org' } }];
    const w = antreaWorld(antreaCluster('c', { ingress: [{ action: 'Allow', l7Protocols }] }));
    expect([w.ask('a/client', 'b/server', 'UDP/80'), w.ask('a/client', 'b/server', 'ICMP')]).toEqual(['deny', 'deny']);
    const tls = (sni: string): string => w.ask('a/client', 'b/server', 'TCP/443', { protocol: 'tls', fields: { sni } });
    expect([tls('a.example.org'), tls('b.example.org')]).toEqual(['allow', 'deny']);
    const { verdict, ingress } = w.decide('a/client', 'b/server');
    expect([verdict, ...ingress.onlyFor.map((all) => all.map(describeLimit).join(' and '))]).toEqual([
      'allow',
      'HTTP GET',
      'TLS sni a.example.org',
    ]);
  });

  it('AT-35 limits what may stand beside requests', () => {
    const rule = drop({ ports: [{ protocol: 'UDP' }], l7Protocols: [{ http: {} }] });
    expect(refusals(antreaWorld(antreaCluster('c', { ingress: [rule] })))).toEqual([
      'error antrea.l7_action /spec/ingress/0/l7Protocols',
      'error antrea.l7_protocol /spec/ingress/0/l7Protocols',
    ]);
  });
});
