import { describe, expect, it } from '@jest/globals';
import { CILIUM_OPTIONS } from '../../cni/detectors/cilium.detector.js';
import { SPEC_SEMANTICS } from '../../cni/spec-semantics.js';
import type { Flow } from '../../eval/flow.js';
import { ICMP, UDP } from '../../model/index.js';
import { rawNetworkPolicy } from '../../testing/index.js';
import { readOptions } from './cilium.options.js';
import { cnp, ccnp, WEB, ON, World, ingress, port } from '../../testing/cilium-world.js';

describe('combination', () => {
  const allowAll = { fromEntities: ['all'] };

  it('CNP-70: a deny wins over allows of every kind', () => {
    const deny = ccnp({ endpointSelector: {}, ingressDeny: [{ fromEndpoints: [{ matchLabels: { app: 'fe' } }] }] });
    const knp = rawNetworkPolicy('n/k', { podSelector: {}, ingress: [{}] });
    const world = new World([deny, cnp({ endpointSelector: WEB, ingress: [allowAll] }), knp]);
    expect(world.ask('n/fe', 'n/web')).toBe('deny');
    expect(world.ask('8.8.8.8', 'n/web')).toBe('allow');
  });

  it('CNP-71, CNP-72, CNP-73: default deny', () => {
    const deny = [{ fromEndpoints: [{ matchLabels: { app: 'none' } }] }];
    expect(new World([cnp({ endpointSelector: WEB, ingressDeny: deny })]).ask('n/fe', 'n/web')).toBe('deny');
    const open = cnp({ endpointSelector: WEB, ingressDeny: deny, enableDefaultDeny: { ingress: false } });
    expect(new World([open]).ask('n/fe', 'n/web')).toBe('allow');
    const off = { ...ON, 'enable-non-default-deny-policies': 'false' };
    expect(new World([open], off).ask('n/fe', 'n/web')).toBe('deny');
    expect(new World([open], { ...off, version: '1.20.2' }).ask('n/fe', 'n/web')).toBe('deny');
    expect(new World([open], { ...off, version: '1.20.1' }).ask('n/fe', 'n/web')).toBe('allow');
    const empty = cnp({ endpointSelector: WEB, ingress: [], enableDefaultDeny: { ingress: true } });
    expect(new World([empty]).ask('n/fe', 'n/web')).toBe('allow');
  });

  it('CNP-74: one policy with default deny suffices', () => {
    const open = cnp({
      endpointSelector: WEB,
      ingress: [{ toPorts: [port('80')] }],
      enableDefaultDeny: { ingress: false },
    });
    expect(new World([open]).ask('n/fe', 'n/web')).toBe('allow');
    const closed = cnp({ endpointSelector: WEB, ingress: [{}] }, 'q');
    expect(new World([open, closed]).ask('n/fe', 'n/web')).toBe('deny');
    expect(new World([open, closed]).ask('n/fe', 'n/web', { port: 80 })).toBe('allow');
  });

  it('CNP-75: without default deny HTTP requests pass in every release', () => {
    const rules = { http: [{ path: '/a' }] };
    const rule = { toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] };
    const policy = cnp({ endpointSelector: WEB, ingress: [rule], enableDefaultDeny: { ingress: false } });
    const path = (text: string): Partial<Flow> => ({ l7: { protocol: 'http', path: text } });
    for (const version of ['1.16.0', '1.17.3', '1.18.0']) {
      const world = new World([policy], { version });
      const flows = [path('/a'), path('/b'), { port: 9999 }];
      expect(flows.map((flow) => world.ask('n/fe', 'n/web', flow))).toEqual(['allow', 'allow', 'allow']);
    }
    const isolated = new World([policy, cnp({ endpointSelector: WEB, ingress: [{}] }, 'other')]);
    expect(isolated.ask('n/fe', 'n/web', path('/b'))).toBe('deny');
  });

  it.each([
    ['1.16.9', 'deny'],
    ['1.16.10', 'allow'],
    ['1.17.3', 'deny'],
    ['1.17.4', 'allow'],
    ['1.18.0', 'allow'],
    ['', 'allow'],
  ])('CNP-75: without default deny release `%s` answers another question with %s', (version, verdict) => {
    const rule = { toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName: 'a.org' }] } }] };
    const policy = cnp({ endpointSelector: {}, egress: [rule], enableDefaultDeny: { egress: false } });
    const ask = (name: string): string => {
      const l7 = { protocol: 'dns', fields: { name } };
      return new World([policy], { version }).ask('n/fe', 'n/web', { protocol: UDP, port: 53, l7 });
    };
    expect([ask('a.org'), ask('b.org')]).toEqual(['allow', verdict]);
  });

  it('CNP-45: cluster-mesh is the cluster, and what else is meshed with it', () => {
    const meshed = cnp({ endpointSelector: {}, egress: [{ toEntities: ['cluster-mesh'] }] });
    const verdicts = (options: Record<string, string>): string[] =>
      ['n/web', 'node-2', '8.8.8.8'].map((to) => new World([meshed], options).ask('n/fe', to));
    expect(verdicts(ON)).toEqual(['allow', 'allow', 'deny']);
    expect(verdicts({ ...ON, 'cluster-id': '3' })).toEqual(['allow', 'allow', 'unknown']);
    const older = new World([meshed], { version: '1.19.3' });
    expect(older.refused).toBe(true);
    expect(older.messages[0]).toMatch(/^expected one of all, world, cluster, host, .* found text `cluster-mesh`$/);
  });

  it('reads options that detection tells', () => {
    const read = new Set<string>();
    const get = (_: unknown, key: string): undefined => void read.add(key);
    readOptions({ ...SPEC_SEMANTICS, options: new Proxy<Record<string, string>>({}, { get }) });
    expect([...read]).toEqual(expect.arrayContaining(['cluster-id', 'http-normalize-path', 'mesh-auth-enabled']));
    expect([...CILIUM_OPTIONS, 'engine', 'version']).toEqual(expect.arrayContaining([...read]));
  });

  it('CNP-65: rules about Kafka are gone in 1.20, the port stays open', () => {
    const policy = cnp({
      endpointSelector: WEB,
      ingress: [{ toPorts: [{ ...(port('8080') as object), rules: { kafka: [{ topic: 'a' }] } }] }],
    });
    const asked = (version: string): string =>
      new World([policy], { version }).ask('n/fe', 'n/web', { l7: { protocol: 'kafka', fields: { topic: 'b' } } });
    expect([asked('1.19.3'), asked('1.20.2')]).toEqual(['deny', 'allow']);
    expect(new World([policy], { version: '1.20.2' }).codes).toContain('cilium.parser_removed');
  });

  it('CNP-66: protocols without ports are matched by their number, tunnels from 1.20', () => {
    const names = ['VRRP', 'IGMP', 'GRE', 'IPIP', 'IPV6', 'ESP', 'AH'];
    const policy = (protocol: string, port?: string): object => {
      const ports = [{ protocol, ...(port === undefined ? {} : { port }) }];
      return cnp({ endpointSelector: WEB, ingress: [{ toPorts: [{ ports }] }] }) as object;
    };
    const extended = { 'enable-extended-ip-protocols': 'true' };
    const asked = (name: string, protocol: number): string =>
      new World([policy(name)], extended).ask('n/fe', 'n/web', { protocol, port: null });
    expect(names.map((name, index) => asked(name, [112, 2, 47, 4, 41, 50, 51][index] as number))).toEqual(
      names.map(() => 'allow'),
    );
    expect([asked('GRE', 50), asked('ESP', 6)]).toEqual(['deny', 'deny']);
    expect(new World([policy('GRE', '0')], extended).refused).toBe(false);
    expect(new World([policy('GRE', '80')], extended).refused).toBe(true);
    expect(new World([policy('GRE')], { ...extended, version: '1.19.3' }).refused).toBe(true);
  });

  it('CNP-76: always denies what nothing allows', () => {
    const always = new World([], { 'enable-policy': 'always' }, { podDefault: 'deny' });
    expect(always.ask('n/fe', 'n/web')).toBe('deny');
    expect(always.ask('node-1', 'n/web')).toBe('allow');
    expect(new World([]).ask('n/fe', 'n/web')).toBe('allow');
  });

  it('CNP-76: always keeps nodes apart too where they are endpoints', () => {
    const ask = (hosts: string, policies: readonly unknown[] = []): string[] => {
      const options = { 'enable-policy': 'always', 'enable-host-firewall': hosts };
      const world = new World(policies, options, { podDefault: 'deny' });
      return [world.ask('8.8.8.8', 'node-1'), world.ask('node-1', '8.8.8.8')];
    };
    expect(ask('false')).toEqual(['allow', 'allow']);
    expect(ask('true')).toEqual(['deny', 'deny']);
    const open = ccnp({ nodeSelector: {}, ingress: [{ fromEntities: ['world'] }] });
    expect(ask('true', [open])).toEqual(['allow', 'deny']);
  });

  const ALWAYS = { 'enable-policy': 'always' };
  const always = (policies: readonly unknown[], needed: string): string => {
    const semantics = { podDefault: 'deny', ownNodeNeedsRule: needed };
    return new World(policies, ALWAYS, semantics).ask('node-1', 'n/web');
  };
  const FE = { matchLabels: { app: 'fe' } };

  it.each([
    ['nothing', [], 'deny'],
    ['a rule for egress', [cnp({ endpointSelector: WEB, egress: [allowAll] })], 'deny'],
    ['a rule for another pod', [cnp({ endpointSelector: FE, ingress: [allowAll] })], 'deny'],
    ['a rule for nobody', [cnp({ endpointSelector: WEB, ingress: [{}] })], 'allow'],
    [
      'the same without default deny',
      [cnp({ endpointSelector: WEB, ingress: [{}], enableDefaultDeny: { ingress: false } })],
      'allow',
    ],
    [
      'a rule that denies others',
      [cnp({ endpointSelector: WEB, ingressDeny: [{ fromEntities: ['world'] }] })],
      'allow',
    ],
    ['a rule that denies it', [cnp({ endpointSelector: WEB, ingressDeny: [{ fromEntities: ['host'] }] })], 'deny'],
    ['a NetworkPolicy without rules', [rawNetworkPolicy('n/k', { podSelector: {} })], 'allow'],
    ['a NetworkPolicy for egress', [rawNetworkPolicy('n/k', { podSelector: {}, policyTypes: ['Egress'] })], 'deny'],
  ])('CNP-85: with always, %s selects the pod: the own node', (_, policies, verdict) => {
    expect(always(policies, 'yes')).toBe(verdict);
  });

  it('CNP-85: before 1.20 the own node needs no rule, and where the version is not known it may', () => {
    expect([always([], 'no'), always([], 'unknown')]).toEqual(['allow', 'unknown']);
    const selected = [cnp({ endpointSelector: WEB, ingress: [{}] })];
    expect([always(selected, 'no'), always(selected, 'unknown')]).toEqual(['allow', 'allow']);
  });

  it('CNP-77: a node reaches its own pods, a pod needs a rule for its node', () => {
    const world = new World([cnp({ endpointSelector: {}, ingress: [{}], egress: [{}] })]);
    expect([world.ask('node-1', 'n/web'), world.ask('node-2', 'n/web'), world.ask('n/web', 'node-1')]).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
  });

  it.each([
    ['host', 'deny'],
    ['remote-node', 'allow'],
  ])('CNP-77: what denies %s leaves the own node with %s', (entity, verdict) => {
    const world = new World([cnp({ endpointSelector: {}, ingress: [{}], ingressDeny: [{ fromEntities: [entity] }] })]);
    expect(world.ask('node-1', 'n/web')).toBe(verdict);
  });

  it('CNP-77: whether a rule denies the own node may hang on what the question leaves open', () => {
    const echo = { fromEntities: ['host'], icmps: [{ fields: [{ type: 8, family: 'IPv4' }] }] };
    const world = new World([cnp({ endpointSelector: {}, ingress: [{}], ingressDeny: [echo] })]);
    const ping = { protocol: ICMP, port: 0, family: 4 } as const;
    expect(world.ask('node-1', 'n/web', ping)).toBe('unknown');
    expect(world.ask('node-1', 'n/web', { ...ping, icmp: { type: 8, code: 0 } })).toBe('deny');
    expect(world.ask('node-1', 'n/web', { ...ping, icmp: { type: 13, code: 0 } })).toBe('allow');
    expect(world.ask('node-1', 'n/web')).toBe('allow');
  });

  it('CNP-78: host policies decide at the node, and not inside it', () => {
    const world = new World([ccnp({ nodeSelector: {}, egress: [{}] })]);
    expect(world.ask('m/agent', 'n/fe')).toBe('deny');
    expect(world.ask('m/agent', '8.8.8.8')).toBe('deny');
    expect(world.ask('m/agent', 'node-1')).toBe('allow');
    expect(world.ask('n/fe', '8.8.8.8')).toBe('allow');
  });
});

describe('hostile input', () => {
  it.each([
    ['numbers everywhere', { endpointSelector: 1, ingress: [1, { fromEndpoints: 2, toPorts: [3], icmps: 4 }] }],
    ['nulls', { endpointSelector: {}, ingress: [null] }],
    [
      'prototype keys',
      JSON.parse('{"endpointSelector":{"matchLabels":{"__proto__":"x"}},"ingress":[{"constructor":[]}]}'),
    ],
    [
      'a nested list',
      { endpointSelector: { matchExpressions: [[[]]] }, egress: [{ toCIDRSet: [[]], toServices: [[]] }] },
    ],
    [
      'a long pattern',
      {
        endpointSelector: {},
        ingress: [
          { toPorts: [{ ports: [{ port: '1', protocol: 'TCP' }], rules: { http: [{ path: '('.repeat(5000) }] } }] },
        ],
      },
    ],
  ])('never throws: %s', (_, spec) => {
    expect(() => new World([cnp(spec)]).ask('n/fe', 'n/web')).not.toThrow();
  });

  it('a pattern whose matching could take for ever does not', () => {
    const rules = { http: [{ path: '(a+)+b' }] };
    const world = ingress({ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] });
    expect(world.ask('n/fe', 'n/web', { l7: { protocol: 'http', path: 'a'.repeat(2000) } })).toBe('deny');
  });

  it.each([
    ['(?i)/a', false, 'unknown'],
    ['/(a', true, 'allow'],
    ['/(?=a)', true, 'allow'],
    ['*', true, 'allow'],
    ['/a|?', true, 'allow'],
    ['/(+)', true, 'allow'],
    ['/a**', true, 'allow'],
    ['/[](*]+|\\*', false, 'deny'],
  ])('CNP-57 a pattern that the agent may refuse: %s', (path, refused, verdict) => {
    const rules = { http: [{ path }] };
    const world = ingress({ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] });
    expect(world.refused).toBe(refused);
    expect(world.ask('n/fe', 'n/web', { l7: { protocol: 'http', path: '/b' } })).toBe(verdict);
  });

  it('CNP-57 the agent does not look at the pattern of a host', () => {
    const rules = { http: [{ host: '*.shop.example' }] };
    const world = ingress({ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] });
    expect(world.refused).toBe(false);
    expect(world.ask('n/fe', 'n/web', { l7: { protocol: 'http', path: '/b' } })).toBe('unknown');
  });
});
