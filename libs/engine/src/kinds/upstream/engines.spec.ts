import { describe, expect, it } from '@jest/globals';

import type { Semantics } from '../../model/index.js';
import { anp, cilium, CLIENT, cnp, isolateClient, rule, SERVER, world, type Spec } from '../../testing/upstream.js';

describe('upstream policy: engines', () => {
  it('UP-30 Cilium: rules of one level, deny first', () => {
    const accept = cnp('Admin', 5, { egress: [rule('Accept', [SERVER])] }, 'x');
    const deny = cnp('Admin', 5, { egress: [rule('Accept', [CLIENT]), rule('Deny', [SERVER])] }, 'y');
    expect(world([accept, deny], cilium()).ask('a/client', 'b/server')).toBe('allow');
    const level = cnp('Admin', 5, { egress: [rule('Deny', [SERVER])] }, 'z');
    expect(world([accept, level], cilium()).ask('a/client', 'b/server')).toBe('deny');
  });

  it('UP-31 Cilium: networks are outside, nodes are those of the cluster, the own one too', () => {
    const networks = cnp('Admin', 1, { egress: [rule('Deny', [{ networks: ['0.0.0.0/0'] }])] });
    expect(world([networks], cilium()).ask('a/client', 'b/server')).toBe('allow');
    expect(world([networks], cilium()).ask('a/client', '8.8.8.8')).toBe('deny');
    const nodes = cnp('Admin', 1, { egress: [rule('Deny', [{ nodes: {} }])] });
    expect(world([nodes], cilium()).ask('a/client', 'node:node-1')).toBe('deny');
    expect(world([nodes], cilium()).ask('a/client', 'node:node-2')).toBe('deny');
    const zone = cnp('Admin', 1, { egress: [rule('Deny', [{ nodes: { matchLabels: { zone: 'y' } } }])] });
    expect(world([zone], cilium()).ask('a/client', 'node:node-1')).toBe('allow');
    expect(world([zone], cilium()).ask('a/client', 'node:node-2')).toBe('deny');
    const off = world([nodes], cilium({}));
    expect(off.ask('a/client', 'node:node-2')).toBe('allow');
    expect(off.problems).toEqual(['unsupported adminpolicy.cilium_nodes /spec']);
  });

  it('UP-32 Cilium: domain names let the client ask the DNS pods for them', () => {
    const policies = [
      cnp('Admin', 1, { egress: [rule('Accept', [{ domainNames: ['*.example.com'] }])] }),
      isolateClient,
    ];
    const asked = (name: string, more = cilium() as Partial<Semantics>) =>
      world(policies, more).ask('a/client', 'kube-system/dns', 'UDP/53', { protocol: 'dns', fields: { name } });
    expect(asked('a.b.example.com')).toBe('allow');
    expect(asked('example.com')).toBe('deny');
    expect(asked('a.b.example.com', {})).toBe('deny');
  });

  it('UP-33 Cilium: a peer that cannot be read denies on the ports of its rule', () => {
    const protocols = [{ tcp: { destinationPort: { number: 80 } } }];
    const policy = cnp('Admin', 1, { egress: [rule('Pass', [SERVER, {}], { protocols })] });
    expect(world([policy], cilium()).ask('a/client', 'b/other', 'TCP/80')).toBe('deny');
    expect(world([policy], cilium()).ask('a/client', 'b/other', 'TCP/81')).toBe('allow');
    const accept = cnp('Admin', 1, { egress: [rule('Accept', [SERVER, {}])] });
    expect(world([accept, isolateClient], cilium()).ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-43 Cilium: namespaces by what they lack take in whoever has no labels', () => {
    const lacks = { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['blue'] }] };
    const to = (peer: Spec): unknown => cnp('Admin', 1, { egress: [rule('Deny', [peer])] });
    const asked = (peer: Spec, options: Readonly<Record<string, string>>): string[] =>
      ['b/server', 'node:node-2', '8.8.8.8'].map((target) =>
        world([to(peer)], cilium(options)).ask('a/client', target),
      );
    const local = { 'policy-default-local-cluster': 'true' };
    const labelled = { ...local, engine: 'cilium', 'enable-node-selector-labels': 'true' };
    expect(asked({ namespaces: lacks }, labelled)).toEqual(['allow', 'deny', 'deny']);
    const pods = { pods: { namespaceSelector: lacks, podSelector: {} } };
    expect(asked(pods, labelled)).toEqual(['allow', 'deny', 'allow']);
    expect(asked(pods, local)).toEqual(['allow', 'allow', 'allow']);
    expect(asked(pods, { 'policy-default-local-cluster': 'false' })).toEqual(['allow', 'deny', 'deny']);
    expect(asked({ namespaces: {} }, labelled)).toEqual(['deny', 'allow', 'allow']);
  });

  it('UP-44 Cilium: an Accept of the baseline widens isolation', () => {
    const last = { ...cilium(), isolatesLast: true } as const;
    const accept = cnp('Baseline', 1, { egress: [rule('Accept', [SERVER])] });
    const pass = cnp('Baseline', 0, { egress: [rule('Pass', [SERVER])] }, 'pass');
    const asked = (...policies: readonly unknown[]): string[] =>
      ['b/server', 'b/other'].map((target) => world(policies, last).ask('a/client', target));
    expect(asked(accept, isolateClient)).toEqual(['allow', 'deny']);
    expect(asked(accept, pass, isolateClient)).toEqual(['deny', 'deny']);
    expect(asked(pass)).toEqual(['allow', 'allow']);
    expect(world([accept, isolateClient], cilium()).ask('a/client', 'b/server')).toBe('deny');
    const always = world([accept], { ...last, podDefault: 'deny' });
    expect(['b/server', 'b/other'].map((target) => always.ask('a/client', target))).toEqual(['deny', 'deny']);
    const both = world([accept, cnp('Baseline', 1, { ingress: [{ action: 'Accept', from: [CLIENT] }] }, 'in')], {
      ...last,
      podDefault: 'deny',
    });
    expect(['b/server', 'b/other'].map((target) => both.ask('a/client', target))).toEqual(['allow', 'deny']);
  });

  it('UP-34 Calico: ties go by name', () => {
    const policies = [
      cnp('Admin', 5, { egress: [rule('Deny', [CLIENT]), rule('Accept', [SERVER])] }, 'a'),
      cnp('Admin', 5, { egress: [rule('Deny', [SERVER])] }, 'b'),
    ];
    expect(world(policies, { combination: 'calico' }).ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-35 Calico: nodes and domain names fail closed', () => {
    const calico = { combination: 'calico' } as const;
    const deny = cnp('Admin', 1, { egress: [rule('Deny', [{ nodes: { matchLabels: { zone: 'y' } } }])] });
    expect(world([deny], calico).ask('a/client', 'b/server')).toBe('deny');
    const names = cnp('Admin', 1, { egress: [rule('Accept', [{ domainNames: ['example.com'] }])] });
    expect(world([names, isolateClient], calico).ask('a/client', 'example.com')).toBe('deny');
  });

  it('UP-42 Calico: the name of a port is that of the destination, and in the v1alpha1 kinds it is open', () => {
    const calico = { combination: 'calico' } as const;
    const egress = (ports: Spec): Spec => ({ egress: [rule('Deny', [SERVER], ports)] });
    const beta = cnp('Admin', 1, egress({ protocols: [{ destinationNamedPort: 'http' }] }));
    expect(world([beta], calico).ask('a/client', 'b/server', 'TCP/8080')).toBe('deny');
    expect(world([beta], calico).ask('a/client', 'b/server', 'UDP/8080')).toBe('allow');
    expect(world([beta], calico).ask('a/client', 'b/server', 'TCP/80')).toBe('allow');
    const alpha = anp(1, egress({ ports: [{ namedPort: 'http' }, { portNumber: { port: 81 } }] }));
    expect(world([alpha], calico).ask('a/client', 'b/server', 'TCP/81')).toBe('deny');
    expect(world([alpha], calico).ask('a/client', 'b/server', 'TCP/8080')).toBe('unknown');
    expect(world([alpha], calico).ask('a/client', 'b/server', 'UDP/1')).toBe('unknown');
    expect(world([alpha], calico).ask('a/client', 'b/other', 'TCP/8080')).toBe('allow');
  });

  it('UP-36 Antrea: AdminNetworkPolicy comes after the Admin tier', () => {
    const policies = [
      anp(0, { egress: [rule('Deny', [SERVER])] }),
      cnp('Admin', 1000, { egress: [rule('Accept', [SERVER])] }),
    ];
    expect(world(policies, { combination: 'antrea' }).ask('a/client', 'b/server')).toBe('allow');
    expect(world(policies).ask('a/client', 'b/server')).toBe('deny');
    const passed = [
      anp(0, { egress: [rule('Deny', [SERVER])] }),
      cnp('Admin', 1, { egress: [rule('Pass', [SERVER])] }),
    ];
    expect(world(passed, { combination: 'antrea' }).ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-37 Antrea: a tie is open between rules of one position only', () => {
    const antrea = { combination: 'antrea' } as const;
    const accept = cnp('Admin', 5, { egress: [rule('Accept', [SERVER])] }, 'x');
    const deny = cnp('Admin', 5, { egress: [rule('Deny', [SERVER])] }, 'y');
    const later = cnp('Admin', 5, { egress: [rule('Pass', [CLIENT]), rule('Deny', [SERVER])] }, 'z');
    expect(world([accept, deny], antrea).ask('a/client', 'b/server')).toBe('unknown');
    expect(world([accept, later], antrea).ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-37 OVN-Kubernetes: a tie is open between rules of one position only', () => {
    const ovn = { combination: 'ovn' } as const;
    const allow = anp(5, { egress: [rule('Allow', [SERVER])] }, 'x');
    const deny = anp(5, { egress: [rule('Deny', [SERVER])] }, 'y');
    const later = anp(5, { egress: [rule('Pass', [CLIENT]), rule('Deny', [SERVER])] }, 'z');
    expect(world([allow, deny], ovn).ask('a/client', 'b/server')).toBe('unknown');
    expect(world([allow, later], ovn).ask('a/client', 'b/server')).toBe('allow');
    expect(world([allow, later]).ask('a/client', 'b/server')).toBe('unknown');
  });

  it('UP-38 Antrea: a peer that cannot be read widens a deny only', () => {
    const antrea = { combination: 'antrea' } as const;
    const protocols = [{ tcp: { destinationPort: { number: 80 } } }];
    const deny = cnp('Admin', 1, { egress: [rule('Deny', [{}], { protocols })] });
    expect(world([deny], antrea).ask('a/client', 'b/server', 'TCP/80')).toBe('deny');
    expect(world([deny], antrea).ask('a/client', 'b/server', 'TCP/81')).toBe('allow');
    const pass = cnp('Admin', 1, { egress: [rule('Pass', [{}])] });
    expect(world([pass], antrea).ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-39 priorities beyond what the engine takes have no effect', () => {
    const policy = (priority: number): unknown => anp(priority, { egress: [rule('Deny', [SERVER])] });
    expect(world([policy(99)], { combination: 'ovn' }).ask('a/client', 'b/server')).toBe('deny');
    expect(world([policy(100)], { combination: 'ovn' }).ask('a/client', 'b/server')).toBe('allow');
    const kubeOvn = { options: { engine: 'kube-ovn' } };
    expect(world([cnp('Admin', 400, { egress: [rule('Deny', [SERVER])] })], kubeOvn).ask('a/client', 'b/server')).toBe(
      'allow',
    );
  });

  it('UP-40 kube-network-policies: ties go by name, nodes take their pods', () => {
    const policies = [
      cnp('Admin', 5, { egress: [rule('Deny', [SERVER])] }, 'b'),
      cnp('Admin', 5, { egress: [rule('Accept', [SERVER])] }, 'a'),
    ];
    const options = { engine: 'kube-network-policies' };
    expect(world(policies, { options }).ask('a/client', 'b/server')).toBe('allow');
    const nodes = anp(1, { egress: [rule('Deny', [{ nodes: { matchLabels: { zone: 'y' } } }])] });
    expect(world([nodes], { options: { ...options, flavour: 'npa-v1alpha1' } }).ask('a/client', 'b/other')).toBe(
      'deny',
    );
  });
});
