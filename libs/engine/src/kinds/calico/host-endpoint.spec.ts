import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import type { CompiledSnapshot, Endpoint } from '../../compile/index.js';
import { endpointOfAddress } from '../../compile/endpoint-directory.js';
import { evaluatePair } from '../../eval/index.js';
import { protocolByName } from '../../model/index.js';
import { CALICO_CNI, factsOf, rawCalico, rawNamespace, rawNode, rawPod } from '../../testing/index.js';

const node = (name: string, ...addresses: readonly string[]): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});
const OUTSIDE = '198.51.100.7';
const FIRST = node('n1', '192.168.0.1');
const cluster = [
  rawNamespace('shop'),
  FIRST,
  node('n2', '192.168.0.2'),
  rawPod('shop/one', { labels: { app: 'one' }, ip: '10.0.0.1', node: 'n1' }),
  rawPod('shop/two', { labels: { app: 'two' }, ip: '10.0.0.2', node: 'n2' }),
  rawPod('shop/agent', { labels: { app: 'agent' }, ip: '192.168.0.1', node: 'n1', hostNetwork: true }),
];
const every = (more: object = {}, name = 'h1'): unknown =>
  rawCalico(
    'HostEndpoint',
    name,
    { node: 'n1', interfaceName: '*', expectedIPs: ['192.168.0.1'], ...more },
    { role: 'host' },
  );
const policy = (name: string, spec: object): unknown => rawCalico('GlobalNetworkPolicy', name, spec);
const NO_POLICY = policy('none', { selector: "app == 'none'" });
const snapshotOf = (...objects: readonly unknown[]): CompiledSnapshot =>
  compileSnapshot(factsOf(...cluster, NO_POLICY, ...objects), { cni: CALICO_CNI });

function verdict(
  snapshot: CompiledSnapshot,
  from: string,
  to: string,
  port = 'TCP/8080',
  service: string | null = null,
): string {
  const find = (name: string): Endpoint => {
    const [namespace = '', pod = ''] = name.split('/');
    const found =
      snapshot.directory.pod(namespace, pod) ??
      snapshot.directory.node(name) ??
      endpointOfAddress(snapshot.directory, name);
    if (found === null) throw new Error(`no endpoint ${name}`);
    return found;
  };
  const [protocol = '', number] = port.split('/');
  const flow = {
    protocol: protocolByName(protocol) ?? 0,
    port: Number(number),
    family: 4,
    ...(service === null ? {} : { service }),
  } as const;
  return evaluatePair(snapshot, find(from), find(to), flow, 'enforced').verdict;
}

describe('CAL-47 the default of host endpoints', () => {
  it('leaves hosts without one alone', () => {
    const snapshot = snapshotOf(every());
    expect(verdict(snapshot, OUTSIDE, 'n2')).toBe('allow');
    expect(verdict(snapshot, 'n2', OUTSIDE)).toBe('allow');
  });

  it('denies what no policy and no profile allows, for processes in pods on the host network too', () => {
    const snapshot = snapshotOf(every());
    expect(verdict(snapshot, OUTSIDE, 'n1')).toBe('deny');
    expect(verdict(snapshot, 'n1', OUTSIDE)).toBe('deny');
    expect(verdict(snapshot, OUTSIDE, 'shop/agent')).toBe('deny');
    expect(verdict(snapshot, OUTSIDE, 'shop/one')).toBe('allow');
  });

  it('allows with the profile of automatic host endpoints, and follows profiles by name', () => {
    expect(verdict(snapshotOf(every({ profiles: ['projectcalico-default-allow'] })), OUTSIDE, 'n1')).toBe('allow');
    const profile = rawCalico('Profile', 'web', {
      ingress: [{ action: 'Allow', protocol: 'TCP', destination: { ports: [8080] } }],
    });
    const snapshot = snapshotOf(profile, every({ profiles: ['web'] }));
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/8080')).toBe('allow');
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/8081')).toBe('deny');
  });

  it('asks profiles in their order, and takes labels of the first', () => {
    const profile = (name: string, tier: string, ...ingress: object[]): unknown =>
      rawCalico('Profile', name, { labelsToApply: { tier }, ingress });
    const both = [
      profile('shut', 'one', { action: 'Deny', protocol: 'TCP', destination: { ports: [8080] } }),
      profile('open', 'two', { action: 'Allow' }),
    ];
    const asked = (profiles: string[], ...more: unknown[]): string[] =>
      ['TCP/8080', 'TCP/8081'].map((port) =>
        verdict(snapshotOf(...both, ...more, every({ profiles })), OUTSIDE, 'n1', port),
      );
    expect(asked(['shut', 'open'])).toEqual(['deny', 'allow']);
    expect(asked(['shut', 'projectcalico-default-allow'])).toEqual(['deny', 'allow']);
    expect(asked(['open', 'shut'])).toEqual(['allow', 'allow']);
    const closed = policy('p', { selector: "tier == 'two'", ingress: [{ action: 'Deny' }] });
    expect(asked(['shut', 'open'], closed)).toEqual(['deny', 'allow']);
    expect(asked(['open', 'shut'], closed)).toEqual(['deny', 'deny']);
  });
});

describe('CAL-54 failsafe ports', () => {
  it('stay open against policy', () => {
    const snapshot = snapshotOf(
      every(),
      policy('d', { selector: 'all()', ingress: [{ action: 'Deny' }], egress: [{ action: 'Deny' }] }),
    );
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/22')).toBe('allow');
    expect(verdict(snapshot, 'n1', OUTSIDE, 'UDP/53')).toBe('allow');
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/23')).toBe('deny');
    expect(verdict(snapshot, OUTSIDE, 'shop/one', 'TCP/22')).toBe('deny');
  });

  it('are those of FelixConfiguration when it has them', () => {
    const felix = rawCalico('FelixConfiguration', 'default', {
      failsafeInboundHostPorts: [{ protocol: 'tcp', port: 2222, net: '198.51.100.0/24' }],
      failsafeOutboundHostPorts: [],
    });
    const snapshot = snapshotOf(every(), felix);
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/2222')).toBe('allow');
    expect(verdict(snapshot, '203.0.113.1', 'n1', 'TCP/2222')).toBe('deny');
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/22')).toBe('deny');
    expect(verdict(snapshot, 'n1', OUTSIDE, 'UDP/53')).toBe('deny');
  });
});

describe('CAL-61 tiers of untracked and pre-DNAT policy', () => {
  it.each([
    ['doNotTrack', 'gone'],
    ['doNotTrack', 'zone'],
    ['preDNAT', 'gone'],
  ])('have one that is not there after all others, with %s and by the name %s', (stage, missing) => {
    const inTier = (tier: string, action: string): unknown =>
      policy(`${tier}.p`, {
        tier,
        selector: "role == 'host'",
        applyOnForward: true,
        [stage]: true,
        ingress: [{ action }],
        ...(stage === 'doNotTrack' ? { egress: [{ action: 'Allow' }] } : {}),
      });
    const asked = (...tiers: readonly unknown[]): string =>
      verdict(snapshotOf(every(), ...tiers, inTier('sec', 'Allow'), inTier(missing, 'Deny')), OUTSIDE, 'n1', 'TCP/80');
    expect(asked(rawCalico('Tier', 'sec', {}))).toBe('allow');
    expect(asked(rawCalico('Tier', 'sec', {}), rawCalico('Tier', missing, { order: 1 }))).toBe('deny');
  });
});

describe('CAL-55 settings of a host', () => {
  const open = (port: number): object => ({ failsafeInboundHostPorts: [{ protocol: 'tcp', port }] });
  const felix = (name: string, spec: object, createdAt = ''): unknown => {
    const made = rawCalico('FelixConfiguration', name, spec) as { readonly metadata: object };
    return { ...made, metadata: { ...made.metadata, ...(createdAt === '' ? {} : { creationTimestamp: createdAt }) } };
  };
  const labelled = rawNode('n1', '192.168.0.1', { pool: 'edge' });
  const others = cluster.filter((one) => one !== FIRST);
  /** Which of some ports are open at n1. */
  const opened = (...configurations: readonly unknown[]): readonly number[] => {
    const snapshot = compileSnapshot(factsOf(...others, labelled, NO_POLICY, every(), ...configurations), {
      cni: CALICO_CNI,
    });
    return [22, 2201, 2202, 2203].filter((port) => verdict(snapshot, OUTSIDE, 'n1', `TCP/${port}`) === 'allow');
  };

  it('are those of its own object, then of the one that selects its node, then of all', () => {
    const all = felix('default', open(2201));
    const edge = felix('edge', { ...open(2202), nodeSelector: "pool == 'edge'" });
    const own = felix('node.n1', open(2203));
    expect(opened()).toEqual([22]);
    expect(opened(all)).toEqual([2201]);
    expect(opened(all, edge)).toEqual([2202]);
    expect(opened(all, edge, own)).toEqual([2203]);
    expect(opened(all, felix('node.n2', open(2203)))).toEqual([2201]);
    expect(opened(all, felix('edge', open(2202)))).toEqual([2201]);
    expect(opened(all, felix('edge', { ...open(2202), nodeSelector: "pool == 'core'" }))).toEqual([2201]);
    expect(opened(all, felix('node.n1', { bpfEnabled: true }))).toEqual([2201]);
  });

  it('are those of the oldest of several that select its node', () => {
    const edge = (name: string, port: number, createdAt: string): unknown =>
      felix(name, { ...open(port), nodeSelector: 'all()' }, createdAt);
    expect(opened(edge('a', 2201, '2026-02-01T00:00:00Z'), edge('b', 2202, '2026-01-01T00:00:00Z'))).toEqual([2202]);
  });

  it('are not chosen by selector before 3.32', () => {
    const edge = felix('edge', { ...open(2202), nodeSelector: 'all()' });
    const cni = { ...CALICO_CNI, version: '3.31.4' };
    const snapshot = compileSnapshot(factsOf(...others, labelled, NO_POLICY, every(), edge), { cni });
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/2202')).toBe('deny');
    expect(verdict(snapshot, OUTSIDE, 'n1', 'TCP/22')).toBe('allow');
  });
});

describe('CAL-28 host endpoints as peers', () => {
  it('are the addresses that they expect, whoever has them, and nobody without', () => {
    const open = { profiles: ['projectcalico-default-allow'] };
    const two = policy('q', {
      selector: "app == 'two'",
      ingress: [{ action: 'Allow', source: { selector: "role == 'host'" } }],
    });
    const named = snapshotOf(every({ ...open, expectedIPs: ['192.168.0.1', '203.0.113.1'] }), two);
    expect(['n1', 'shop/agent', '203.0.113.1', OUTSIDE].map((from) => verdict(named, from, 'shop/two'))).toEqual([
      'allow',
      'allow',
      'allow',
      'deny',
    ]);
    expect(verdict(snapshotOf(every({ ...open, expectedIPs: [] }), two), 'n1', 'shop/two')).toBe('deny');
  });

  it('are those with such labels to readers for whom no node has an address', () => {
    const host = rawCalico('HostEndpoint', 'h1', { node: 'elsewhere', interfaceName: 'eth1' }, { role: 'host' });
    const rule = { action: 'Allow', source: { selector: "role == 'host'" } };
    const open = policy('q', { selector: 'all()', ingress: [rule], egress: [{ action: 'Allow' }] });
    const ask = (nodes: boolean): string =>
      verdict(
        compileSnapshot(factsOf(...cluster, host, open), {
          cni: CALICO_CNI,
          semantics: { cidrMatches: { pods: nodes, nodes } },
        }),
        'h1',
        'shop/two',
      );
    expect([ask(false), ask(true)]).toEqual(['allow', 'deny']);
  });
});

describe('CAL-33 names of ports at hosts', () => {
  const named = { ports: [{ name: 'metrics', protocol: 'TCP', port: 9100 }] };
  const agent = rawPod('shop/agent', {
    ip: '192.168.0.1',
    node: 'n1',
    hostNetwork: true,
    ports: [{ name: 'metrics', containerPort: 9200 }],
  });
  const into = (destination: object): unknown =>
    policy('p', { selector: "role == 'host'", ingress: [{ action: 'Allow', protocol: 'TCP', destination }] });
  const ports = ['TCP/9100', 'TCP/9200', 'UDP/9100'];

  it('are those that the host endpoint lists, not those of pods on the host network', () => {
    const snapshot = snapshotOf(agent, every(named), into({ ports: ['metrics'] }));
    for (const to of ['n1', 'shop/agent']) {
      expect(ports.map((port) => verdict(snapshot, OUTSIDE, to, port))).toEqual(['allow', 'deny', 'deny']);
    }
    const without = snapshotOf(agent, every(), into({ ports: ['metrics'] }));
    expect(ports.map((port) => verdict(without, OUTSIDE, 'n1', port))).toEqual(['deny', 'deny', 'deny']);
  });

  it('may be taken out of what a rule allows', () => {
    const snapshot = snapshotOf(agent, every(named), into({ notPorts: ['metrics'] }));
    expect(ports.map((port) => verdict(snapshot, OUTSIDE, 'shop/agent', port))).toEqual(['deny', 'allow', 'deny']);
  });

  it('belong to the addresses that the endpoint expects, for clients in pods too', () => {
    const open = { ...named, profiles: ['projectcalico-default-allow'] };
    const out = (destination: object): unknown =>
      policy('q', { selector: "app == 'two'", egress: [{ action: 'Allow', protocol: 'TCP', destination }] });
    const asked = (...objects: readonly unknown[]): string[] =>
      ports.map((port) => verdict(snapshotOf(...objects), 'shop/two', 'n1', port));
    expect(asked(every(open), out({ ports: ['metrics'] }))).toEqual(['allow', 'deny', 'deny']);
    expect(asked(every({ ...open, expectedIPs: [] }), out({ ports: ['metrics'] }))).toEqual(['deny', 'deny', 'deny']);
    const other = { ports: ['metrics'], selector: "role == 'other'" };
    expect(asked(every(open), out(other))).toEqual(['deny', 'deny', 'deny']);
  });
});

describe('CAL-50 to CAL-53 which traffic passes a host endpoint', () => {
  it('CAL-52 is not what stays on the host', () => {
    const snapshot = snapshotOf(every());
    expect(verdict(snapshot, 'shop/one', 'n1')).toBe('allow');
    expect(verdict(snapshot, 'n1', 'shop/one')).toBe('allow');
    expect(verdict(snapshot, 'shop/two', 'n1')).toBe('deny');
  });

  it('CAL-53 follows Felix’ default action for workloads on the host', () => {
    const drop = compileSnapshot(factsOf(...cluster), {
      cni: { ...CALICO_CNI, options: { 'default-endpoint-to-host-action': 'drop' } },
    });
    expect(verdict(drop, 'shop/one', 'n1')).toBe('deny');
    expect(verdict(drop, 'shop/two', 'n1')).toBe('allow');
  });

  it('CAL-51 is open where the interface’s addresses are not known', () => {
    expect(verdict(snapshotOf(every({ interfaceName: 'eth0', expectedIPs: [] })), OUTSIDE, 'n1')).toBe('unknown');
    expect(verdict(snapshotOf(every({ interfaceName: 'eth0' })), OUTSIDE, 'n1')).toBe('deny');
    const other = every({ interfaceName: 'eth1', expectedIPs: ['192.168.9.9'] });
    expect(verdict(snapshotOf(other), OUTSIDE, 'n1')).toBe('allow');
  });

  it('CAL-50 lets a named interface take precedence', () => {
    const named = every({ interfaceName: 'eth0', profiles: ['projectcalico-default-allow'] }, 'named');
    expect(verdict(snapshotOf(every(), named), OUTSIDE, 'n1')).toBe('allow');
  });

  it('CAL-11 is selected by no policy for service accounts', () => {
    const open = { selector: "role == 'host'", ingress: [{ action: 'Allow' }] };
    expect(verdict(snapshotOf(every(), policy('p', open)), OUTSIDE, 'n1')).toBe('allow');
    const ofAccounts = policy('p', { ...open, serviceAccountSelector: 'all()' });
    expect(verdict(snapshotOf(every(), ofAccounts), OUTSIDE, 'n1')).toBe('deny');
  });

  it('CAL-56 knows hosts outside the cluster, and pods on their network', () => {
    const bare = rawCalico(
      'HostEndpoint',
      'gateway',
      { node: 'bare', interfaceName: 'eth0', expectedIPs: ['192.0.2.1'] },
      { role: 'host' },
    );
    const snapshot = snapshotOf(
      bare,
      policy('p', { selector: "role == 'host'", ingress: [{ action: 'Allow', source: { selector: "app == 'one'" } }] }),
    );
    expect(verdict(snapshot, 'shop/one', '192.0.2.1')).toBe('allow');
    expect(verdict(snapshot, 'shop/two', '192.0.2.1')).toBe('deny');
    const agent = rawPod('shop/other', { ip: '192.0.2.1', node: 'bare', hostNetwork: true });
    expect(verdict(snapshotOf(bare, agent), OUTSIDE, 'shop/other')).toBe('deny');
  });
});

describe('CAL-60 to CAL-67 stages', () => {
  const role = "role == 'host'";

  it('CAL-60 applies normal policy to the host’s own traffic, with host endpoints as peers by label', () => {
    const snapshot = snapshotOf(
      every(),
      policy('p', { selector: role, ingress: [{ action: 'Allow', protocol: 'TCP' }] }),
    );
    expect(verdict(snapshot, OUTSIDE, 'n1')).toBe('allow');
    expect(verdict(snapshot, OUTSIDE, 'n1', 'UDP/8080')).toBe('deny');
    expect(verdict(snapshot, OUTSIDE, 'shop/one', 'UDP/8080')).toBe('allow');
    const toPods = policy('q', {
      selector: "app == 'two'",
      ingress: [{ action: 'Allow', source: { selector: role } }],
    });
    const peers = snapshotOf(every({ profiles: ['projectcalico-default-allow'] }), toPods);
    expect(verdict(peers, 'n1', 'shop/two')).toBe('allow');
    expect(verdict(peers, OUTSIDE, 'shop/two')).toBe('deny');
  });

  it('CAL-61 walks untracked, then pre-DNAT, then normal policy, and stops at an Allow', () => {
    const stage = (name: string, flag: string, action: string): unknown =>
      policy(name, { selector: role, applyOnForward: true, [flag]: true, ingress: [{ action, protocol: 'TCP' }] });
    const deny = policy('n', { selector: role, ingress: [{ action: 'Deny' }] });
    const replies = policy('r', {
      selector: role,
      applyOnForward: true,
      doNotTrack: true,
      egress: [{ action: 'Allow' }],
    });
    const untracked = snapshotOf(every(), deny, stage('u', 'doNotTrack', 'Allow'), replies);
    expect(verdict(untracked, OUTSIDE, 'n1')).toBe('allow');
    expect(verdict(snapshotOf(every(), deny, stage('u', 'preDNAT', 'Allow')), OUTSIDE, 'n1')).toBe('allow');
    const both = snapshotOf(every(), stage('u', 'doNotTrack', 'Deny'), stage('v', 'preDNAT', 'Allow'));
    expect(verdict(both, OUTSIDE, 'n1')).toBe('deny');
    const only = snapshotOf(every({ profiles: ['projectcalico-default-allow'] }), stage('u', 'preDNAT', 'Allow'));
    expect(verdict(only, OUTSIDE, 'n1', 'UDP/1')).toBe('allow');
  });

  it('CAL-62, CAL-63 leaves workloads without a host endpoint out of them, and egress out of pre-DNAT policy', () => {
    const untracked = policy('u', {
      selector: 'all()',
      doNotTrack: true,
      applyOnForward: true,
      ingress: [{ action: 'Deny' }],
    });
    expect(verdict(snapshotOf(every(), untracked), OUTSIDE, 'shop/two')).toBe('allow');
    const wrong = snapshotOf(policy('w', { preDNAT: true, applyOnForward: true, egress: [{ action: 'Allow' }] }));
    expect(wrong.diagnostics.map((entry) => entry.code)).toContain('calico.stage');
  });

  it('CAL-64 judges what the host forwards beside the workload’s own policy', () => {
    const forward = (ingress: readonly object[]): CompiledSnapshot =>
      snapshotOf(every(), policy('f', { selector: role, applyOnForward: true, ingress }));
    const some = forward([{ action: 'Allow', source: { nets: ['198.51.100.0/24'] } }]);
    expect(verdict(some, OUTSIDE, 'shop/one')).toBe('allow');
    expect(verdict(some, '203.0.113.1', 'shop/one')).toBe('deny');
    expect(verdict(some, 'shop/two', 'shop/one')).toBe('deny');
    expect(verdict(some, 'n1', 'shop/one')).toBe('allow');
    expect(verdict(some, OUTSIDE, 'shop/two')).toBe('allow');
    expect(verdict(snapshotOf(every()), '203.0.113.1', 'shop/one')).toBe('allow');
  });

  it('CAL-65 judges it before connection tracking and address translation as well', () => {
    const early = (flag: string, destination: object): CompiledSnapshot =>
      snapshotOf(
        every(),
        policy('e', {
          selector: role,
          applyOnForward: true,
          [flag]: true,
          ingress: [
            { action: 'Allow', source: { nets: ['198.51.100.0/24'] } },
            { action: 'Deny', protocol: 'TCP', destination },
          ],
        }),
      );
    for (const flag of ['doNotTrack', 'preDNAT']) {
      expect(verdict(early(flag, {}), OUTSIDE, 'shop/one')).toBe('allow');
      expect(verdict(early(flag, {}), '203.0.113.1', 'shop/one')).toBe('deny');
      expect(verdict(early(flag, { ports: [80] }), '203.0.113.1', 'shop/one')).toBe('allow');
      expect(verdict(early(flag, {}), '203.0.113.1', 'shop/two')).toBe('allow');
      expect(verdict(early(flag, {}), 'n1', 'shop/one')).toBe('allow');
    }
    const ports = early('preDNAT', { ports: [8080] });
    expect(verdict(ports, '203.0.113.1', 'shop/one')).toBe('deny');
    expect(verdict(ports, '203.0.113.1', 'shop/one', 'TCP/8080', 'shop/front')).toBe('unknown');
  });

  it('CAL-66 judges what pods send where the endpoint stands for every interface', () => {
    const from = (source: object): unknown => ({ action: 'Allow', source });
    const forward = (ingress: readonly unknown[], more: object = {}): CompiledSnapshot =>
      snapshotOf(every(more), policy('f', { selector: role, applyOnForward: true, ingress }));
    const outside = forward([from({ nets: ['198.51.100.0/24'] })]);
    expect(verdict(outside, 'shop/one', OUTSIDE)).toBe('deny');
    expect(verdict(outside, 'shop/one', 'n1')).toBe('allow');
    const own = forward([from({ selector: "app == 'one'" })]);
    expect(verdict(own, 'shop/one', OUTSIDE)).toBe('allow');
    expect(verdict(own, 'shop/two', 'shop/one')).toBe('deny');
    const named = forward([from({ nets: ['198.51.100.0/24'] })], { interfaceName: 'eth0' });
    expect(verdict(named, 'shop/one', OUTSIDE)).toBe('allow');
    const leaving = snapshotOf(
      every(),
      policy('g', { selector: role, applyOnForward: true, egress: [], types: ['Egress'] }),
    );
    expect(verdict(leaving, OUTSIDE, 'shop/one')).toBe('deny');
    expect(verdict(leaving, 'shop/one', OUTSIDE)).toBe('deny');
    expect(verdict(leaving, 'n1', 'shop/one')).toBe('allow');
  });

  it('CAL-68 leaves failsafe ports alone until addresses are translated', () => {
    const early = (flag: string, ...more: readonly unknown[]): CompiledSnapshot =>
      snapshotOf(
        every({ profiles: ['projectcalico-default-allow'] }),
        policy('e', { selector: role, applyOnForward: true, [flag]: true, ingress: [{ action: 'Deny' }] }),
        ...more,
      );
    for (const flag of ['doNotTrack', 'preDNAT']) {
      const snapshot = early(flag);
      expect(['TCP/22', 'TCP/23'].map((port) => verdict(snapshot, OUTSIDE, 'shop/one', port))).toEqual([
        'allow',
        'deny',
      ]);
      expect(verdict(snapshot, OUTSIDE, 'shop/one', 'TCP/22', 'shop/front')).toBe('unknown');
    }
    expect(verdict(early('preDNAT'), 'shop/one', OUTSIDE, 'TCP/179')).toBe('allow');
    const closed = policy('f', { selector: role, applyOnForward: true, ingress: [{ action: 'Deny' }] });
    expect(verdict(early('preDNAT', closed), OUTSIDE, 'shop/one', 'TCP/22')).toBe('deny');
  });

  it('CAL-67 lets pre-DNAT policy of every interface judge what pods send to their host', () => {
    const early = (more: object): CompiledSnapshot =>
      snapshotOf(
        every({ profiles: ['projectcalico-default-allow'], ...more }),
        policy('e', { selector: role, applyOnForward: true, preDNAT: true, ingress: [{ action: 'Deny' }] }),
      );
    expect(verdict(early({}), 'shop/one', 'n1')).toBe('deny');
    expect(verdict(early({}), 'shop/agent', 'n1')).toBe('allow');
    expect(verdict(early({ interfaceName: 'eth0' }), 'shop/one', 'n1')).toBe('allow');
  });
});
