import { describe, expect, it } from '@jest/globals';

import { PolicyWorld, rawNetworkPolicy } from '../../testing/index.js';

type Spec = Readonly<Record<string, unknown>>;

const ALL_PODS = { namespaces: {} };
const SERVER = { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'server' } } } };

const cluster = (priority: number, egress: readonly unknown[], tier = 'Admin', name = `c${priority}`): unknown => ({
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ClusterNetworkPolicy',
  metadata: { name },
  spec: { tier, priority, subject: ALL_PODS, egress },
});
const application = (spec: Spec): unknown => ({
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ApplicationNetworkPolicy',
  metadata: { name: 'app', namespace: 'a' },
  spec: { podSelector: {}, ...spec },
});
const rule = (action: string, to: readonly unknown[], ports?: readonly unknown[]): Spec => ({ action, to, ports });
const isolate = rawNetworkPolicy('a/isolate', { podSelector: {}, policyTypes: ['Egress'] });
const STRICT = { combination: 'aws', podDefault: 'deny', knpDecidesBothDirections: true } as const;
const strict = (...policies: readonly unknown[]): PolicyWorld => new PolicyWorld(policies, STRICT);
const world = (...policies: readonly unknown[]): PolicyWorld => new PolicyWorld(policies, { combination: 'aws' });

describe('AWS ClusterNetworkPolicy', () => {
  it('AWS-1 its tiers stand around NetworkPolicy', () => {
    expect(world(cluster(1, [rule('Accept', [SERVER])]), isolate).ask('a/client', 'b/server')).toBe('allow');
    expect(world(cluster(1, [rule('Accept', [SERVER])], 'Baseline'), isolate).ask('a/client', 'b/server')).toBe('deny');
    expect(world(cluster(1, [rule('Deny', [SERVER])], 'Baseline')).ask('a/client', 'b/server')).toBe('deny');
  });

  it('AWS-2 the order of rules is lost: deny beats accept beats pass at one priority', () => {
    const rules = [rule('Pass', [SERVER]), rule('Accept', [SERVER])];
    expect(world(cluster(1, rules), isolate).ask('a/client', 'b/server')).toBe('allow');
    expect(world(cluster(1, [...rules, rule('Deny', [SERVER])])).ask('a/client', 'b/server')).toBe('deny');
    const other = cluster(1, [rule('Deny', [SERVER])], 'Admin', 'other');
    expect(world(cluster(1, rules), other).ask('a/client', 'b/server')).toBe('deny');
    expect(world(cluster(0, rules), other).ask('a/client', 'b/server')).toBe('allow');
  });

  it('AWS-3 there are no nodes among its peers', () => {
    const policy = world(cluster(1, [rule('Deny', [{ nodes: {} }])]));
    expect(policy.problems).toEqual(['error adminpolicy.peer_unknown /spec/egress/0/to/0']);
    expect(policy.ask('a/client', 'b/server')).toBe('deny');
  });

  it('AWS-4 domain names are accepted or passed, never denied', () => {
    const names = [{ domainNames: ['*.example.com'] }];
    const closed = cluster(9, [rule('Deny', [{ networks: ['0.0.0.0/0', '::/0'] }])]);
    expect(world(cluster(1, [rule('Pass', names)]), closed).ask('a/client', 'a.example.com')).toBe('allow');
    expect(world(cluster(1, [rule('Pass', names)]), closed).ask('a/client', 'example.com')).toBe('deny');
    const refused = world(cluster(1, [rule('Deny', names)]));
    expect(refused.problems).toEqual(['error adminpolicy.domain_names_action /spec/egress/0/to/0/domainNames']);
  });

  it('AWS-6 a peer that cannot be read fails closed', () => {
    const unread = [{ clusters: {} }];
    const closed = cluster(9, [rule('Deny', [SERVER])]);
    expect(world(cluster(1, [rule('Accept', unread)]), closed).ask('a/client', 'b/server')).toBe('deny');
    for (const action of ['Deny', 'Pass']) {
      expect(world(cluster(1, [rule(action, unread)])).ask('a/client', 'kube-system/dns')).toBe('deny');
    }
  });

  it('AWS-7 there are limits to rules, peers and names', () => {
    const many = <T>(value: T): T[] => Array.from({ length: 101 }, () => value);
    const refusals = (policy: unknown): number =>
      world(policy).problems.filter((problem) => problem.startsWith('error')).length;
    expect(refusals(cluster(1, many(rule('Deny', [SERVER])).slice(1)))).toBe(0);
    expect(refusals(cluster(1, many(rule('Deny', [SERVER]))))).toBe(1);
    expect(refusals(cluster(1, [rule('Deny', many(SERVER))]))).toBe(1);
    expect(refusals(cluster(1, [rule('Deny', [SERVER], many({ portNumber: { port: 80 } }))]))).toBe(1);
    const networks = Array.from({ length: 26 }, (_, index) => `10.${index}.0.0/16`);
    expect(refusals(cluster(1, [rule('Deny', [{ networks }])]))).toBe(1);
  });

  it('AWS-8 a node reaches its own pods', () => {
    const deny = { action: 'Deny', from: [{ namespaces: {} }] };
    const policy = {
      ...(cluster(0, []) as object),
      spec: { tier: 'Admin', priority: 0, subject: ALL_PODS, ingress: [deny] },
    };
    expect(world(policy).ask('node:node-1', 'b/server')).toBe('allow');
    expect(world(policy).ask('a/client', 'b/server')).toBe('deny');
  });

  it('AWS-5 ports are those of v1alpha1', () => {
    const ports = [
      { portNumber: { port: 80 } },
      { portRange: { protocol: 'UDP', start: 1, end: 9 } },
      { namedPort: 'http' },
    ];
    const policy = world(cluster(1, [rule('Deny', [SERVER], ports)]));
    const asked = ['TCP/80', 'UDP/9', 'TCP/8080', 'UDP/8080', 'TCP/9'];
    expect(asked.map((port) => policy.ask('a/client', 'b/server', port))).toEqual([
      'deny',
      'deny',
      'deny',
      'allow',
      'allow',
    ]);
    expect(world(cluster(1, [rule('Deny', [SERVER], [])])).problems).toEqual([
      'error adminpolicy.ports_empty /spec/egress/0/ports',
    ]);
  });
});

describe('AWS strict mode', () => {
  const openClient = rawNetworkPolicy('a/open', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
  const openServer = rawNetworkPolicy('b/open', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] });

  it('AWS-14 denies pods that no policy selects, both ways', () => {
    expect(world().ask('a/client', 'b/server')).toBe('allow');
    expect(strict().ask('a/client', 'b/server')).toBe('deny');
    expect(strict(openClient).ask('a/client', 'b/server')).toBe('deny');
    expect(strict(openServer).ask('a/client', 'b/server')).toBe('deny');
    expect(strict(openClient, openServer).ask('a/client', 'b/server')).toBe('allow');
    expect(strict(openClient).ask('a/client', '198.51.100.7')).toBe('allow');
  });

  it('AWS-14 comes after both tiers of ClusterNetworkPolicy', () => {
    const accept = (tier: string): unknown => cluster(1, [rule('Accept', [SERVER])], tier);
    for (const tier of ['Admin', 'Baseline']) {
      expect(strict(accept(tier), openServer).ask('a/client', 'b/server')).toBe('allow');
      expect(strict(accept(tier), openServer).ask('a/client', 'b/other')).toBe('deny');
    }
    const deny = cluster(1, [rule('Deny', [SERVER])], 'Baseline');
    expect(strict(deny, openClient, openServer).ask('a/client', 'b/server')).toBe('allow');
  });

  it('AWS-15 leaves the other direction of a selected pod open', () => {
    const ingressOnly = rawNetworkPolicy('a/in', { podSelector: {}, policyTypes: ['Ingress'] });
    expect(strict(ingressOnly, openServer).ask('a/client', 'b/server')).toBe('allow');
  });

  it('AWS-16 spares the host network and the own node', () => {
    expect(strict(openServer).ask('b/agent', 'b/other')).toBe('allow');
    expect(strict().ask('node:node-1', 'b/server')).toBe('allow');
    expect(strict().ask('node:node-2', 'b/server')).toBe('deny');
  });
});

describe('AWS ApplicationNetworkPolicy', () => {
  const toServer = { podSelector: { matchLabels: { app: 'server' } }, namespaceSelector: {} };

  it('AWS-10 one pool with NetworkPolicy', () => {
    const policy = application({ policyTypes: ['Egress'], egress: [{ to: [toServer] }] });
    expect(world(policy).ask('a/client', 'b/server')).toBe('allow');
    expect(world(policy).ask('a/client', 'b/other')).toBe('deny');
    expect(world(policy, isolate).ask('a/client', 'b/server')).toBe('allow');
  });

  it('AWS-11 an isolated direction keeps the other from the baseline', () => {
    const baseline = cluster(1, [rule('Deny', [SERVER])], 'Baseline');
    const policies = [application({ policyTypes: ['Ingress'] }), baseline];
    const both = new PolicyWorld(policies, { combination: 'aws', knpDecidesBothDirections: true });
    expect(both.ask('a/client', 'b/server')).toBe('allow');
    const apart = new PolicyWorld(policies, { combination: 'aws', knpDecidesBothDirections: false });
    expect(apart.ask('a/client', 'b/server')).toBe('deny');
  });

  it.each([
    ['beside `to`', { domainNames: ['*.example.com'], ports: [{ port: 443 }] }],
    ['in a peer', { to: [{ domainNames: ['*.example.com'] }], ports: [{ port: 443 }] }],
  ])('AWS-12 and AWS-13 domain names %s', (_, egress) => {
    const policy = world(application({ egress: [egress] }));
    expect(policy.problems).toEqual([]);
    expect(policy.ask('a/client', 'a.b.example.com', 'TCP/443')).toBe('allow');
    expect(policy.ask('a/client', 'a.example.com', 'TCP/80')).toBe('deny');
    expect(policy.ask('a/client', 'example.com', 'TCP/443')).toBe('deny');
    expect(policy.ask('a/client', 'b/server', 'TCP/443')).toBe('deny');
  });

  it('AWS-12 names beside other peers of the list add up', () => {
    const policy = world(application({ egress: [{ to: [toServer, { domainNames: ['example.com'] }] }] }));
    expect(policy.ask('a/client', 'b/server')).toBe('allow');
    expect(policy.ask('a/client', 'example.com')).toBe('allow');
    expect(policy.ask('a/client', 'b/other')).toBe('deny');
  });

  it('AWS-12 an exception of a block beside names does not deny the names', () => {
    const block = { ipBlock: { cidr: '10.0.0.0/8', except: ['10.9.0.0/16'] } };
    const egress = [
      { to: [block, { domainNames: ['example.com'] }] },
      { to: [{ ipBlock: { cidr: '8.8.8.0/24' } }, { ipBlock: { cidr: '10.8.0.0/13' } }] },
    ];
    const policy = new PolicyWorld([application({ egress })], { combination: 'aws', ipBlockExcept: 'narrowed' });
    expect(policy.ask('a/client', '8.8.8.8')).toBe('allow');
    expect(policy.ask('a/client', '10.9.1.1')).toBe('unknown');
  });

  it('AWS-17 what a longer prefix or one as long opens passes an exception, whatever policy it stands in', () => {
    const block = (cidr: string, ...except: string[]): Spec => ({ ipBlock: { cidr, except } });
    const excepting = { to: [block('8.0.0.0/8', '8.8.0.0/16')], ports: [{ port: 443 }] };
    const asked = (cidr: string): string => {
      const policies = [
        application({ egress: [excepting] }),
        rawNetworkPolicy('a/more', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [block(cidr)] }] }),
      ];
      const semantics = { combination: 'aws', ipBlockExcept: 'narrowed' } as const;
      return new PolicyWorld(policies, semantics).ask('a/client', '8.8.8.8', 'TCP/80');
    };
    expect(['8.8.8.8/32', '8.8.0.0/16', '8.8.0.0/15', '0.0.0.0/0', '9.0.0.0/8'].map(asked)).toEqual([
      'allow',
      'allow',
      'unknown',
      'unknown',
      'deny',
    ]);
  });

  it('AWS-12 names stand alone', () => {
    const mixed = application({ egress: [{ to: [toServer], domainNames: ['example.com'] }] });
    expect(world(mixed).problems).toEqual(['error aws.domain_names_mixed /spec/egress/0']);
    const peer = application({ egress: [{ to: [{ ...toServer, domainNames: ['example.com'] }] }] });
    expect(world(peer).problems).toEqual(['error aws.domain_names_mixed /spec/egress/0/to/0']);
    const empty = application({ egress: [{ domainNames: [] }] });
    expect(world(empty).problems).toEqual(['error aws.domain_names /spec/egress/0/domainNames']);
  });

  it('takes any value without a throw', () => {
    for (const value of [
      null,
      0,
      '',
      [],
      {},
      [null],
      [[]],
      [{ to: 1, domainNames: 1 }],
      [{ to: [1], domainNames: [1] }],
    ]) {
      expect(() => world(application({ egress: value, ingress: value }))).not.toThrow();
    }
  });
});
