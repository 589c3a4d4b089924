import { describe, expect, it } from '@jest/globals';

import type { Semantics, Verdict } from '../../model/index.js';
import { PolicyWorld, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { cnp, rule } from '../../testing/upstream.js';

type Engine = Semantics['networkPolicyOf'];

const world = (engine: Engine, spec: object, ...more: readonly unknown[]): PolicyWorld =>
  new PolicyWorld([rawNetworkPolicy('b/p', { podSelector: {}, ...spec }), ...more], {
    networkPolicyOf: engine,
    namedPorts: engine === 'ovn' ? 'widened' : 'exact',
    podToOwnNode: false,
  });
const app = (name: string): object => ({ podSelector: { matchLabels: { app: name } } });
const block = (cidr: string, ...except: readonly string[]): object => ({ ipBlock: { cidr, except } });
const ingress = (rule: object): object => ({ policyTypes: ['Ingress'], ingress: [rule] });
const egress = (rule: object): object => ({ policyTypes: ['Egress'], egress: [rule] });
const ports = (w: PolicyWorld, from: string, to: string, ...asked: readonly string[]): readonly Verdict[] =>
  asked.map((port) => w.ask(from, to, port));

describe('NetworkPolicy as OVN-Kubernetes reads it', () => {
  it('NP-30 takes in pods on the host network where both selectors stand, and leaves them out where one does', () => {
    const to = (peer: object, engine: Engine = 'ovn'): Verdict =>
      world(engine, egress({ to: [peer] })).ask('b/other', 'b/agent');
    expect(to({ namespaceSelector: {}, podSelector: {} })).toBe('allow');
    expect(to({ namespaceSelector: {} })).toBe('deny');
    expect(to({ podSelector: {} })).toBe('deny');
    expect(to({ namespaceSelector: {}, podSelector: {} }, 'spec')).toBe('deny');
  });

  it('NP-31 NP-32 widens a port name, which counts for nothing beside a number of its protocol', () => {
    const asked = ['TCP/8080', 'TCP/80', 'UDP/80', 'UDP/53'];
    const alone = world('ovn', ingress({ ports: [{ port: 'http' }] }));
    expect(ports(alone, 'a/client', 'b/server', ...asked)).toEqual(['allow', 'allow', 'deny', 'deny']);
    const items = [{ port: 'http' }, { port: 443 }, { protocol: 'UDP' }];
    const beside = world('ovn', ingress({ ports: items }));
    expect(ports(beside, 'a/client', 'b/server', ...asked)).toEqual(['deny', 'deny', 'allow', 'allow']);
    const bare = world('ovn', ingress({ ports: [{ protocol: 'TCP' }, { port: 443 }] }));
    expect(ports(bare, 'a/client', 'b/server', 'TCP/443', 'TCP/80')).toEqual(['allow', 'deny']);
    const written = world('spec', ingress({ ports: items }));
    expect(ports(written, 'a/client', 'b/server', ...asked)).toEqual(['allow', 'deny', 'allow', 'allow']);
  });
});

describe('NetworkPolicy as OVN-Kubernetes reads it, beside its types', () => {
  it('NP-40 counts rules of a direction that the policy does not have, and isolates nobody by them', () => {
    const isolating = rawNetworkPolicy('b/closed', { podSelector: {}, policyTypes: ['Egress'] });
    const rules = { policyTypes: ['Ingress'], egress: [{ to: [app('server')] }] };
    const asked = (engine: Engine, ...more: readonly unknown[]): readonly Verdict[] =>
      ['b/server', 'a/client'].map((to) => world(engine, rules, ...more).ask('b/other', to));
    const open = world('ovn', { policyTypes: ['Ingress'], ingress: [{}], egress: [{ to: [app('server')] }] });
    expect(['b/server', 'a/client'].map((to) => open.ask('b/other', to))).toEqual(['allow', 'allow']);
    const served = rawNetworkPolicy('b/served', { podSelector: {}, ingress: [{}] });
    expect(asked('ovn', isolating, served)).toEqual(['allow', 'deny']);
    expect(asked('spec', isolating, served)).toEqual(['deny', 'deny']);
  });

  it('NP-40 asks no baseline about what such rules match', () => {
    const deny = cnp('Baseline', 1, { egress: [rule('Deny', [{ namespaces: {} }])] });
    const rules = { policyTypes: ['Ingress'], ingress: [{}], egress: [{ to: [app('server')] }] };
    const asked = (engine: Engine): readonly Verdict[] =>
      ['b/server', 'a/client'].map((to) => world(engine, rules, deny).ask('b/other', to));
    expect(asked('ovn')).toEqual(['allow', 'deny']);
    expect(asked('spec')).toEqual(['deny', 'deny']);
  });
});

describe('NetworkPolicy as Azure NPM reads it', () => {
  const to = (peer: object, engine: Engine = 'azure-npm'): readonly Verdict[] =>
    ['a/client', 'b/server', '8.8.8.8', 'node:node-1'].map((target) =>
      world(engine, egress({ to: [peer] })).ask('b/other', target),
    );
  const namespaces = (...matchExpressions: readonly object[]): object => ({ namespaceSelector: { matchExpressions } });
  const notIn = (...values: readonly string[]): object => ({ key: 'team', operator: 'NotIn', values });

  it('NP-41 may choose a namespace that has one of the values of NotIn', () => {
    const exists = { key: 'team', operator: 'Exists' };
    expect(to(namespaces(exists, notIn('red', 'green')))).toEqual(['unknown', 'allow', 'deny', 'deny']);
    expect(to(namespaces(exists, notIn('red')))).toEqual(['deny', 'allow', 'deny', 'deny']);
    expect(to(namespaces(exists, notIn('red', 'green')), 'spec')).toEqual(['deny', 'allow', 'deny', 'deny']);
  });

  it('NP-42 may match whatever is no pod where labels are only to be absent', () => {
    expect(to(namespaces(notIn('red')))).toEqual(['deny', 'allow', 'unknown', 'unknown']);
    const absent = { key: 'none', operator: 'DoesNotExist' };
    expect(to({ ...namespaces(notIn('red')), podSelector: { matchExpressions: [absent] } })).toEqual([
      'deny',
      'allow',
      'unknown',
      'unknown',
    ]);
    expect(to({ ...namespaces(notIn('red')), ...app('server') })).toEqual(['deny', 'allow', 'deny', 'deny']);
    expect(to({ podSelector: { matchExpressions: [absent] } })).toEqual(['deny', 'allow', 'deny', 'deny']);
    expect(to({ namespaceSelector: {} })).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect(to(namespaces(notIn('red')), 'spec')).toEqual(['deny', 'allow', 'deny', 'deny']);
  });
});

describe('a policy that Azure NPM leaves out', () => {
  const asked = (spec: object, engine: Engine = 'azure-npm', ...more: readonly unknown[]): readonly Verdict[] =>
    ['a/client', '10.1.2.3', '8.8.8.8'].map((from) => world(engine, spec, ...more).ask(from, 'b/server'));
  const TENS = block('10.0.0.0/8');

  it.each(['fd00::/8', '::/0', '::ffff:10.0.0.0/104', '010.0.0.0/8'])('NP-60 has the block %s', (cidr) => {
    const spec = ingress({ from: [app('nobody'), block(cidr)] });
    expect(asked(spec)).toEqual(['allow', 'allow', 'allow']);
    expect(asked(spec, 'azure-npm', rawNetworkPolicy('b/q', { podSelector: {} }))).toEqual(['deny', 'deny', 'deny']);
    expect(asked(ingress({ from: [app('nobody'), block('fd00::/8')] }), 'spec')).toEqual(['deny', 'deny', 'deny']);
  });

  it('NP-60 is looked at in its own directions, as far as no rule is for everything', () => {
    const six = { to: [block('fd00::/8')] };
    const types = { policyTypes: ['Ingress'], ingress: [{ from: [app('nobody')] }] };
    expect(asked({ ...types, egress: [six] })).toEqual(['deny', 'deny', 'deny']);
    const both = { ...types, policyTypes: ['Ingress', 'Egress'] };
    expect(asked({ ...both, egress: [six] })).toEqual(['allow', 'allow', 'allow']);
    expect(asked({ ...both, egress: [six, {}] })).toEqual(['deny', 'deny', 'deny']);
  });

  it('NP-61 may have a block of everything under another address, or a zero before its prefix', () => {
    expect(asked(ingress({ from: [block('10.0.0.0/0')] }))).toEqual(['unknown', 'unknown', 'unknown']);
    expect(asked(ingress({ from: [block('10.0.0.0/08')] }))).toEqual(['unknown', 'unknown', 'unknown']);
    expect(asked(ingress({ from: [TENS] }))).toEqual(['allow', 'allow', 'deny']);
    expect(asked(ingress({ from: [block('0.0.0.0/0', '10.0.0.0/8')] }))).toEqual(['deny', 'deny', 'allow']);
    const beside = rawNetworkPolicy('b/q', { podSelector: {}, ...ingress({ from: [TENS] }) });
    expect(asked(ingress({ from: [block('10.0.0.0/0')] }), 'azure-npm', beside)).toEqual(['allow', 'allow', 'unknown']);
  });

  it('NP-61 may have an exception in such a form', () => {
    expect(asked(ingress({ from: [block('10.0.0.0/8', '010.1.0.0/16')] }))).toEqual(['unknown', 'unknown', 'unknown']);
    expect(asked(ingress({ from: [block('0.0.0.0/00')] }))).toEqual(['unknown', 'unknown', 'unknown']);
  });
});

describe('NetworkPolicy as Antrea reads it', () => {
  it('NP-34 resolves a port name of egress at the pods that selectors choose, not at blocks', () => {
    const named = (to: readonly object[], engine: Engine = 'antrea'): readonly Verdict[] =>
      ports(
        world(engine, egress({ to, ports: [{ port: 'http' }, { port: 443 }] })),
        'b/other',
        'b/server',
        'TCP/8080',
        'TCP/443',
        'TCP/80',
      );
    expect(named([app('server')])).toEqual(['allow', 'allow', 'deny']);
    expect(named([block('10.0.0.0/8')])).toEqual(['deny', 'allow', 'deny']);
    expect(named([block('10.0.0.0/8'), app('server')])).toEqual(['allow', 'allow', 'deny']);
    expect(named([])).toEqual(['allow', 'allow', 'deny']);
    expect(named([block('10.0.0.0/8')], 'spec')).toEqual(['allow', 'allow', 'deny']);
  });
});

describe('Blocks in forms that are not read alike', () => {
  const to = (engine: Engine, ...peers: readonly object[]): readonly Verdict[] => {
    const w = world(engine, egress({ to: peers }));
    return ['8.1.1.1', '8.8.1.1', '9.9.9.9', 'b/server'].map((target) => w.ask('b/other', target));
  };
  const zero = block('08.0.0.0/8');
  const mapped = block('::ffff:8.0.0.0/104', '::ffff:8.8.0.0/112');

  it('NP-27 are read as decimal numbers and as IPv4, and told of', () => {
    expect(to('spec', zero)).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect(to('spec', block('8.0.0.0/08', '8.8.0.0/16'))).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(to('spec', mapped)).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(world('spec', egress({ to: [zero, block('8.8.8.8/032')] })).problems).toEqual([
      'suspect cidr.form /spec/egress/0/to/0/ipBlock/cidr',
      'suspect cidr.form /spec/egress/0/to/1/ipBlock/cidr',
    ]);
  });

  it('NP-44 cost Cilium the policy, or are nobody', () => {
    const open = ['allow', 'allow', 'allow', 'allow'];
    expect(to('cilium', zero)).toEqual(open);
    expect(to('cilium', block('8.0.0.0/8', '8.8.00.0/16'))).toEqual(open);
    expect(to('cilium', block('8.0.0.0/08'))).toEqual(open);
    expect(to('cilium', block('8.0.0.0/8', '::ffff:8.8.0.0/112'))).toEqual(open);
    expect(to('cilium', mapped, block('9.0.0.0/8'))).toEqual(['deny', 'deny', 'allow', 'deny']);
    expect(to('cilium', block('8.0.0.0/8', '8.8.0.0/16'))).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(world('cilium', egress({ to: [app('server'), zero] })).problems).toContain(
      'error networkpolicy.block /spec/egress/0',
    );
  });

  it('NP-45 are everybody to Calico, and no exceptions', () => {
    expect(to('calico', zero)).toEqual(['allow', 'allow', 'allow', 'allow']);
    expect(
      ports(world('calico', egress({ to: [zero], ports: [{ port: 80 }] })), 'b/other', '9.9.9.9', 'TCP/80', 'TCP/81'),
    ).toEqual(['allow', 'deny']);
    expect(to('calico', block('8.0.0.0/8', '8.08.0.0/16', '8.1.0.0/16'))).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect(to('calico', block('8.0.0.0/8', '8.1.0.0/16', '8.08.0.0/16'))).toEqual(['deny', 'allow', 'deny', 'deny']);
    expect(to('calico', block('8.0.0.0/08'))).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect(to('calico', mapped)).toEqual(['allow', 'deny', 'deny', 'deny']);
  });

  it('NP-46 leave Antrea open', () => {
    const open = ['unknown', 'unknown', 'unknown', 'unknown'];
    expect(to('antrea', zero)).toEqual(open);
    expect(to('antrea', mapped)).toEqual(open);
    expect(to('antrea', block('8.0.0.0/8', '8.08.0.0/16'))).toEqual(open);
    expect(to('antrea', zero, block('8.0.0.0/08'))).toEqual(['allow', 'allow', 'unknown', 'unknown']);
  });
});

describe('NetworkPolicy as the Amazon VPC CNI reads it', () => {
  const second = rawPod('b/second', {
    labels: { app: 'server' },
    ip: '10.0.0.20',
    node: 'node-2',
    ports: [{ name: 'http', containerPort: 9090 }],
  });
  const http = [{ port: 'http' }];

  it('NP-48 takes a name of ingress for each number that a pod of the policy gives it', () => {
    const at = (engine: Engine, rule: object, subject = 'server'): readonly Verdict[] => {
      const w = world(engine, { ...ingress(rule), podSelector: { matchLabels: { app: subject } } }, second);
      return ports(w, '203.0.113.9', 'b/server', 'TCP/8080', 'TCP/9090', 'UDP/8080', 'TCP/80');
    };
    for (const rule of [{ ports: http }, { from: [block('203.0.113.0/24')], ports: http }]) {
      expect(at('aws', rule)).toEqual(['allow', 'allow', 'deny', 'deny']);
      expect(at('spec', rule)).toEqual(['allow', 'deny', 'deny', 'deny']);
    }
    expect(at('aws', { ports: [{ port: 'nothing' }] })).toEqual(['deny', 'deny', 'deny', 'deny']);
  });

  it('NP-48 resolves a name of egress at the pods that selectors choose alone', () => {
    const to = (engine: Engine, rule: object): readonly Verdict[] => {
      const w = world(engine, egress({ ...rule, ports: [...http, { port: 53, protocol: 'UDP' }] }), second);
      return [...ports(w, 'b/other', 'b/second', 'TCP/9090', 'TCP/8080', 'UDP/53')];
    };
    expect(to('aws', { to: [app('server')] })).toEqual(['allow', 'deny', 'allow']);
    expect(to('aws', {})).toEqual(['deny', 'deny', 'allow']);
    expect(to('aws', { to: [block('10.0.0.0/8')] })).toEqual(['deny', 'deny', 'allow']);
    expect(to('spec', {})).toEqual(['allow', 'deny', 'allow']);
  });
});

describe('NetworkPolicy as Kube-OVN reads it', () => {
  it('NP-52 may hold an exception against the other peers of its rule', () => {
    const wide = block('0.0.0.0/0', '10.0.0.0/24', '203.0.113.0/24');
    const asked = (engine: Engine, ...rules: readonly object[]): readonly Verdict[] => {
      const w = world(engine, { policyTypes: ['Egress'], egress: rules });
      return ['a/client', 'kube-system/dns', '203.0.113.9', '8.8.8.8'].map((to) => w.ask('b/other', to));
    };
    const dns = { namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } };
    expect(asked('kube-ovn', { to: [wide, dns] })).toEqual(['deny', 'unknown', 'deny', 'allow']);
    expect(asked('kube-ovn', { to: [wide, block('203.0.113.9/32')] })[2]).toBe('unknown');
    expect(asked('kube-ovn', { to: [wide] }, { to: [dns] })).toEqual(['deny', 'allow', 'deny', 'allow']);
    expect(asked('spec', { to: [wide, dns] })).toEqual(['deny', 'allow', 'deny', 'allow']);
  });
});

describe('blocks that are written in an odd way', () => {
  const from = (engine: Engine, sources: readonly string[], ...peers: readonly object[]): readonly Verdict[] => {
    const w = world(engine, ingress({ from: peers }));
    return sources.map((source) => w.ask(source, 'b/server'));
  };
  const TENS = ['10.1.2.3', '8.1.2.3', '203.0.113.9'];
  const beside = block('203.0.113.0/24');

  it('NP-49 leave the Amazon VPC CNI open', () => {
    for (const odd of [block('010.0.0.0/8'), block('10.0.0.0/8', '10.09.0.0/16'), block('::ffff:10.0.0.0/104')]) {
      expect(from('aws', TENS, odd, beside)).toEqual(['unknown', 'unknown', 'allow']);
    }
    expect(from('aws', TENS, block('10.0.0.0/08'))).toEqual(['allow', 'deny', 'deny']);
  });

  it('NP-50 are nobody to OVN-Kubernetes', () => {
    const odd = [
      block('010.0.0.0/8'),
      block('10.0.0.0/08'),
      block('10.0.0.0/8', '10.09.0.0/16'),
      block('::ffff:10.0.0.0/104'),
    ];
    for (const one of odd) expect(from('ovn', TENS, one, beside)).toEqual(['deny', 'deny', 'allow']);
  });

  it.each(['kube-router', 'kube-router-nftables'] as const)('NP-51 are octal to %s, or open', (engine) => {
    expect(from(engine, TENS, block('010.0.0.0/8'), beside)).toEqual(['deny', 'allow', 'allow']);
    expect(from(engine, ['10.3.0.1', '10.4.0.1'], block('10.0.0.0/016'))).toEqual(['allow', 'deny']);
    const excepted = block('010.0.0.0/7', '010.1.0.0/16');
    expect(from(engine, ['8.1.2.3', '8.2.0.1', '9.1.0.1'], excepted)).toEqual(['deny', 'allow', 'allow']);
    for (const odd of [
      block('10.08.0.0/16'),
      block('10.0.0.0/08'),
      block('::ffff:10.0.0.0/104'),
      block('0.0.0.0/00'),
    ]) {
      expect(from(engine, TENS, odd, beside)).toEqual(['unknown', 'unknown', 'allow']);
    }
    const long = from(engine, ['131.0.0.1'], block('0203.0.0.0/8'));
    expect(long).toEqual([engine === 'kube-router-nftables' ? 'unknown' : 'allow']);
  });
});
