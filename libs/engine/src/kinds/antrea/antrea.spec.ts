import { describe, expect, it } from '@jest/globals';

import { ask } from '../../ask/index.js';
import type { FlowQuestion } from '../../ask/index.js';
import { describeLimit, evaluatePair } from '../../eval/index.js';
import type { Semantics } from '../../model/index.js';
import { PolicyWorld } from '../../testing/index.js';

const ANTREA: Partial<Semantics> = { combination: 'antrea', podToOwnNode: false };

interface Meta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const object = (kind: string, meta: Meta, spec: unknown): unknown => ({
  apiVersion: 'crd.antrea.io/v1beta1',
  kind,
  metadata: meta,
  spec,
});
const cluster = (name: string, spec: object): unknown =>
  object('ClusterNetworkPolicy', { name }, { priority: 1, appliedTo: [{ namespaceSelector: {} }], ...spec });
const namespaced = (name: string, spec: object): unknown =>
  object('NetworkPolicy', { name, namespace: 'b' }, { priority: 1, appliedTo: [{}], ...spec });
const tier = (name: string, priority: unknown): unknown => object('Tier', { name }, { priority });
const clusterGroup = (name: string, spec: object): unknown => object('ClusterGroup', { name }, spec);
const group = (name: string, spec: object): unknown => object('Group', { name, namespace: 'b' }, spec);
const world = (...objects: readonly unknown[]): PolicyWorld => new PolicyWorld(objects, ANTREA);
const drop = (rule: object = {}): object => ({ action: 'Drop', ...rule });

const SERVER = { podSelector: { matchLabels: { app: 'server' } } };
const ISOLATED = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed', namespace: 'b' },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
};
const errors = (w: PolicyWorld): readonly string[] => w.problems.filter((problem) => problem.startsWith('error'));

describe('Antrea tiers and order', () => {
  it('AT-1 AT-2 evaluates regular tiers before NetworkPolicy and baseline after it', () => {
    const allow = { appliedTo: [SERVER], ingress: [{ action: 'Allow' }] };
    expect(world(ISOLATED, cluster('c', allow)).ask('a/client', 'b/server')).toBe('allow');
    expect(world(ISOLATED, cluster('c', { ...allow, tier: 'baseline' })).ask('a/client', 'b/server')).toBe('deny');
    expect(world(cluster('c', { tier: 'Emergency', ingress: [drop()] })).ask('a/client', 'b/server')).toBe('deny');
  });

  it('AT-1 lets an earlier tier decide whatever the priorities in the later one', () => {
    const w = world(
      cluster('late', { tier: 'application', priority: 1, ingress: [drop()] }),
      cluster('early', { tier: 'securityops', priority: 10_000, ingress: [{ action: 'Allow' }] }),
    );
    expect(w.ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-3 refuses tiers with a reserved, doubled or odd priority', () => {
    const w = world(tier('a', 252), tier('b', 250), tier('c', 'high'), tier('d', 7), tier('e', 7));
    expect(errors(w)).toEqual([
      'error antrea.tier_reserved /spec/priority',
      'error antrea.tier_overlap /spec/priority',
      'error antrea.tier_priority /spec/priority',
      'error antrea.tier_overlap /spec/priority',
      'error antrea.tier_overlap /spec/priority',
    ]);
  });

  it('AT-8 AT-33 allows what comes to the end, and tells refusals of what no policy uses', () => {
    const w = world(cluster('p', { ingress: [{ action: 'Pass' }] }), tier('unused', 252));
    expect(w.ask('a/client', 'b/server')).toBe('allow');
    expect(errors(w)).toEqual(['error antrea.tier_reserved /spec/priority']);
  });

  it('AT-4 refuses a tier that does not exist, and is unknown where no Tier objects are listed', () => {
    const policy = cluster('c', { tier: 'mine', ingress: [drop()] });
    const listed = world(tier('emergency', 50), policy);
    expect(errors(listed)).toEqual(['error antrea.tier_missing /spec/tier']);
    expect(listed.ask('a/client', 'b/server')).toBe('allow');
    expect(world(policy).ask('a/client', 'b/server')).toBe('unknown');
    expect(world(tier('mine', 33), policy).ask('a/client', 'b/server')).toBe('deny');
  });

  it('AT-5 orders both kinds together by a priority that may have a fraction', () => {
    const w = world(
      namespaced('n', { priority: 5.2, ingress: [drop()] }),
      cluster('c', { priority: 5.1, ingress: [{ action: 'Allow' }] }),
    );
    expect(w.ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-6 AT-7 takes the first rule that matches and isolates nobody', () => {
    const rules = [{ action: 'Allow', ports: [{ port: 80 }] }, drop({ ports: [{ port: 80, endPort: 90 }] })];
    const w = world(cluster('c', { ingress: rules }));
    expect([80, 81, 91].map((port) => w.ask('a/client', 'b/server', `TCP/${port}`))).toEqual([
      'allow',
      'deny',
      'allow',
    ]);
  });

  it('AT-9 is unknown where policies of equal priority disagree at one position', () => {
    const allow = cluster('c', { ingress: [{ action: 'Allow' }] });
    expect(world(allow, namespaced('n', { ingress: [drop()] })).ask('a/client', 'b/server')).toBe('unknown');
    const second = [{ action: 'Allow', ports: [{ port: 9 }] }, drop()];
    expect(world(allow, namespaced('n', { ingress: second })).ask('a/client', 'b/server')).toBe('allow');
  });
});

describe('Antrea actions', () => {
  it.each(['Deny', 'allow', null, ['Allow']])('AT-10 refuses action %j', (action) => {
    expect(errors(world(cluster('c', { ingress: [{ action }] })))).toEqual([
      'error antrea.action /spec/ingress/0/action',
    ]);
  });

  it.each([
    ['Drop', 'drop'],
    ['Reject', 'reject'],
  ])('AT-10 tells %s from the other denial', (action, refusal) => {
    const w = world(cluster('c', { ingress: [{ action }] }));
    const pod = (namespace: string, name: string): NonNullable<ReturnType<typeof w.snapshot.directory.pod>> => {
      const found = w.snapshot.directory.pod(namespace, name);
      if (found === null) throw new Error('no such pod');
      return found;
    };
    const flow = { protocol: 6, port: 80, family: 4 } as const;
    const decision = evaluatePair(w.snapshot, pod('a', 'client'), pod('b', 'server'), flow, 'intended');
    expect(decision.ingress.determining.map((rule) => rule.refusal)).toEqual([refusal]);
  });

  it('AT-11 passes over the remaining regular tiers to NetworkPolicy and baseline', () => {
    const pass = cluster('first', { tier: 'emergency', ingress: [{ action: 'Pass' }] });
    const skipped = cluster('skipped', { ingress: [drop()] });
    expect(world(pass, skipped).ask('a/client', 'b/server')).toBe('allow');
    expect(world(pass, ISOLATED).ask('a/client', 'b/server')).toBe('deny');
    const last = cluster('last', { tier: 'baseline', ingress: [drop()] });
    expect(world(pass, skipped, last).ask('a/client', 'b/server')).toBe('deny');
    expect(errors(world(cluster('c', { tier: 'baseline', ingress: [{ action: 'Pass' }] })))).toEqual([
      'error antrea.pass_in_baseline /spec/ingress/0/action',
    ]);
  });
});

describe('Antrea subjects', () => {
  it('AT-12 wants appliedTo in the spec or in every rule', () => {
    const own = drop({ appliedTo: [SERVER] });
    const codes = (spec: object): readonly string[] => errors(world(cluster('c', spec)));
    expect(codes({ appliedTo: [], ingress: [drop()] })).toEqual(['error antrea.applied_to_missing /spec']);
    expect(codes({ ingress: [own] })).toEqual(['error antrea.applied_to_twice /spec/ingress/0/appliedTo']);
    expect(codes({ appliedTo: [], ingress: [own, drop()] })).toEqual([
      'error antrea.applied_to_partly /spec/ingress/1',
    ]);
    const w = world(cluster('c', { appliedTo: [], ingress: [own] }));
    expect([w.ask('a/client', 'b/server'), w.ask('a/client', 'b/other')]).toEqual(['deny', 'allow']);
  });

  it('AT-13 leaves pods on the host network alone', () => {
    expect(world(cluster('c', { ingress: [drop()] })).ask('a/client', 'b/agent')).toBe('allow');
  });

  it('AT-14 reads an entry without selectors as nobody, in NetworkPolicy as its namespace', () => {
    expect(world(cluster('c', { appliedTo: [{}], ingress: [drop()] })).ask('a/client', 'b/server')).toBe('allow');
    expect(world(namespaced('n', { ingress: [drop()] })).ask('a/client', 'b/server')).toBe('deny');
    expect(world(namespaced('n', { ingress: [drop()] })).ask('b/server', 'a/client')).toBe('allow');
  });

  it('AT-15 drops fields that the namespaced schema lacks', () => {
    const w = world(namespaced('n', { appliedTo: [{ ...SERVER, namespaceSelector: {} }], ingress: [drop()] }));
    expect(w.problems).toEqual(['suspect antrea.unknown_field /spec/appliedTo/0/namespaceSelector']);
    expect([w.ask('a/client', 'b/server'), w.ask('b/server', 'a/client')]).toEqual(['deny', 'allow']);
  });

  it('AT-16 applies to the pods of groups; a Group that reaches out undoes the policy', () => {
    const members = clusterGroup('members', SERVER);
    const spec = { appliedTo: [{ group: 'members' }], ingress: [drop()] };
    const w = world(members, cluster('c', spec));
    expect([w.ask('a/client', 'b/server'), w.ask('a/client', 'b/other')]).toEqual(['deny', 'allow']);
    const out = world(group('members', { namespaceSelector: {} }), namespaced('n', spec));
    expect(errors(out)).toEqual(['error antrea.group_reaches_out /spec/appliedTo/0/group']);
    expect(out.ask('a/client', 'b/server')).toBe('allow');
    const blocks = world(clusterGroup('members', { ipBlocks: [{ cidr: '10.0.0.2/32' }] }), cluster('c', spec));
    expect(blocks.ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-17 applies to pods by service account, which stands alone', () => {
    const account = { serviceAccount: { name: 'default', namespace: 'b' } };
    const w = world(cluster('c', { appliedTo: [account], ingress: [drop()] }));
    expect([w.ask('a/client', 'b/server'), w.ask('b/server', 'a/client')]).toEqual(['deny', 'allow']);
    expect(errors(world(cluster('c', { appliedTo: [{ ...account, ...SERVER }], ingress: [drop()] })))).toEqual([
      'error antrea.applied_to_mixed /spec/appliedTo/0/serviceAccount',
    ]);
  });

  it('AT-18 applies to nodes and the pods on their network while the gate is on', () => {
    const policy = cluster('c', { appliedTo: [{ nodeSelector: { matchLabels: { zone: 'x' } } }], ingress: [drop()] });
    const w = world(policy);
    const asked = ['node:node-1', 'b/agent', 'node:node-2', 'b/server'].map((to) => w.ask('b/other', to));
    expect(asked).toEqual(['deny', 'deny', 'allow', 'allow']);
    const options = { 'gate.NodeNetworkPolicy': 'false' };
    expect(new PolicyWorld([policy], { ...ANTREA, options }).ask('b/other', 'node:node-1')).toBe('allow');
  });

  it('AT-19 keeps Services to ingress rules with blocks', () => {
    const appliedTo = [{ service: { name: 's', namespace: 'b' } }];
    const mixed = { ...SERVER, ipBlock: { cidr: '10.0.0.0/8' } };
    const wrong = { appliedTo, ingress: [drop({ from: [SERVER] }), drop({ from: [mixed] })], egress: [drop()] };
    expect(errors(world(cluster('c', wrong)))).toEqual([
      'error antrea.service_peer /spec/ingress/0/from',
      'error antrea.service_peer /spec/ingress/1/from',
      'error antrea.service_egress /spec/egress/0',
    ]);
    expect(errors(world(cluster('c', { appliedTo: [...appliedTo, SERVER], ingress: [drop()] })))).toEqual([
      'error antrea.service_mixed /spec/appliedTo',
    ]);
  });
});

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'b' },
  spec: {
    type: 'NodePort',
    clusterIP: '10.96.0.5',
    selector: { app: 'server' },
    ports: [{ port: 80, targetPort: 8080 }],
  },
};
const TO_SERVICE = { type: 'service', namespace: 'b', name: 's' } as const;
const TO_POD = { type: 'pod', namespace: 'b', name: 'server' } as const;

function verdict(
  w: PolicyWorld,
  source: FlowQuestion['source'],
  destination: FlowQuestion['destination'],
  port: number,
): string {
  const result = ask(w.snapshot, { source, destination, protocol: 6, port });
  return result.type === 'answer' ? result.answer.intended.verdict : result.error.message;
}

describe('Antrea and Services', () => {
  const client = { type: 'pod', namespace: 'a', name: 'client' } as const;
  const outside = { type: 'address', address: '203.0.113.9' } as const;

  it('AT-20 decides about clients outside that enter a Service', () => {
    const appliedTo = [{ service: { name: 's', namespace: 'b' } }];
    const from = [{ ipBlock: { cidr: '203.0.113.0/24' } }];
    const w = world(SERVICE, cluster('c', { appliedTo, ingress: [drop({ from })] }));
    expect(verdict(w, outside, TO_SERVICE, 80)).toBe('denied');
    expect(verdict(w, outside, TO_POD, 8080)).toBe('allowed');
    expect(verdict(w, client, TO_SERVICE, 80)).toBe('allowed');
    const allow = cluster('c', { appliedTo, ingress: [{ action: 'Allow', from }] });
    // Of the two backends the one on the host network is no subject of NetworkPolicy.
    expect(verdict(world(SERVICE, ISOLATED, allow), outside, TO_SERVICE, 80)).toBe('mixed');
  });

  it('AT-28 matches toServices by the address that the client uses', () => {
    const egress = [drop({ toServices: [{ name: 's', namespace: 'b' }] })];
    const w = world(SERVICE, cluster('c', { egress }));
    expect(verdict(w, client, TO_SERVICE, 80)).toBe('denied');
    expect(verdict(w, client, TO_POD, 8080)).toBe('allowed');
    const mixed = [drop({ toServices: [{ name: 's', namespace: 'b' }], ports: [{ port: 80 }] })];
    expect(errors(world(cluster('c', { egress: mixed })))).toEqual([
      'error antrea.to_services_mixed /spec/egress/0/toServices',
    ]);
  });
});

describe('Antrea peers', () => {
  const from = (peer: object, ...more: readonly unknown[]): PolicyWorld =>
    world(cluster('c', { ingress: [drop({ from: [peer] })] }), ...more);
  const to = (peer: object, ...more: readonly unknown[]): PolicyWorld =>
    world(cluster('c', { egress: [drop({ to: [peer] })] }), ...more);

  it('AT-21 reads no peers as everyone', () => {
    const w = world(cluster('c', { ingress: [drop({ from: [] })] }));
    expect([w.ask('203.0.113.9', 'b/server'), w.ask('node:node-2', 'b/server')]).toEqual(['deny', 'deny']);
  });

  it('AT-22 reads selectors over all namespaces, in NetworkPolicy over its own', () => {
    const client = { podSelector: { matchLabels: { app: 'client' } } };
    expect(from(client).ask('a/client', 'b/server')).toBe('deny');
    expect(world(namespaced('n', { ingress: [drop({ from: [client] })] })).ask('a/client', 'b/server')).toBe('allow');
    expect(from({}).ask('a/client', 'b/server')).toBe('allow');
    const own = world(namespaced('n', { ingress: [drop({ from: [{}] })] }));
    expect([own.ask('b/other', 'b/server'), own.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
  });

  it('AT-23 compares namespaces with the subject, and passes empty criteria over', () => {
    const self = from({ namespaces: { match: 'Self' } });
    expect([self.ask('b/other', 'b/server'), self.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
    const same = from({ namespaces: { sameLabels: ['team'] } });
    expect([same.ask('b/other', 'b/server'), same.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
    expect(same.ask('kube-system/dns', 'kube-system/dns')).toBe('allow');
    expect(from({ namespaces: {} }).ask('a/client', 'b/server')).toBe('deny');
  });

  it('AT-24 matches pods by address and leaves exceptions out', () => {
    const w = from({ ipBlock: { cidr: '10.0.0.0/24', except: ['10.0.0.1/32'] } });
    expect([w.ask('b/other', 'b/server'), w.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
    expect(errors(from({ ipBlock: { cidr: '10.0.0.0/24', except: ['10.0.0.0/24'] } }))).toEqual([
      'error antrea.except /spec/ingress/0/from/0/ipBlock/except/0',
    ]);
    expect(from({ group: 'nobody' }).ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-29 follows names; those of headless Services lead to pods', () => {
    const service = (clusterIP: string): unknown => ({ ...SERVICE, spec: { clusterIP, selector: { app: 'server' } } });
    const name = { fqdn: '*.B.svc.cluster.local' };
    expect(to(name, service('None')).ask('a/client', 'b/server')).toBe('deny');
    expect(to(name, service('10.96.0.5')).ask('a/client', 'b/server')).toBe('allow');
    const wild = to({ fqdn: '*foobar.com' });
    const names = ['foobar.com', 'www.Foobar.com', 'test.uswest.foobar.com', 'foobar.org'];
    expect(names.map((host) => wild.ask('a/client', host))).toEqual(['deny', 'deny', 'deny', 'allow']);
    expect(wild.ask('a/client', '203.0.113.9')).toBe('unknown');
    expect(errors(to({ fqdn: 'a b' }))).toEqual(['error antrea.fqdn /spec/egress/0/to/0/fqdn']);
  });

  it('AT-37 matches nodes by their labels, and pods by their account', () => {
    const w = to({ nodeSelector: { matchLabels: { zone: 'y' } } });
    expect([w.ask('a/client', 'node:node-2'), w.ask('a/client', 'node:node-1')]).toEqual(['deny', 'allow']);
    const account = from({ serviceAccount: { name: 'default', namespace: 'a' } });
    expect([account.ask('a/client', 'b/server'), account.ask('b/other', 'b/server')]).toEqual(['deny', 'allow']);
  });

  it('AT-38 matches external entities by their addresses', () => {
    const vm = object(
      'ExternalEntity',
      { name: 'vm', namespace: 'a', labels: { role: 'vm' } },
      { endpoints: [{ ip: '203.0.113.7' }] },
    );
    const w = from({ externalEntitySelector: { matchLabels: { role: 'vm' } } }, vm);
    expect(['203.0.113.7', '203.0.113.8', 'a/client'].map((peer) => w.ask(peer, 'b/server'))).toEqual([
      'deny',
      'allow',
      'allow',
    ]);
  });

  it('AT-39 leaves open whether an outside address is a pod of the cluster set', () => {
    const w = from({ ...SERVER, scope: 'ClusterSet' });
    expect([w.ask('203.0.113.9', 'b/other'), w.ask('b/server', 'b/other'), w.ask('a/client', 'b/other')]).toEqual([
      'unknown',
      'deny',
      'allow',
    ]);
  });
});

describe('Antrea ports and requests', () => {
  it('AT-25 resolves names, ranges and client ports', () => {
    const w = world(
      cluster('c', { ingress: [drop({ ports: [{ port: 'http' }, { protocol: 'UDP', port: 53, endPort: 60 }] })] }),
    );
    const asked = ['TCP/8080', 'TCP/80', 'UDP/60', 'UDP/61'].map((port) => w.ask('a/client', 'b/server', port));
    expect(asked).toEqual(['deny', 'allow', 'deny', 'allow']);
    const source = world(cluster('c', { ingress: [drop({ ports: [{ sourcePort: 100, sourceEndPort: 200 }] })] }));
    expect(source.ask('a/client', 'b/server')).toBe('unknown');
    expect(errors(world(cluster('c', { ingress: [drop({ ports: [{ port: 9, endPort: 8 }] })] })))).toEqual([
      'error antrea.end_port /spec/ingress/0/ports/0/endPort',
    ]);
  });

  it('AT-26 matches ICMP apart from ports', () => {
    const w = world(cluster('c', { ingress: [drop({ protocols: [{ icmp: {} }] })] }));
    expect([w.ask('a/client', 'b/server', 'ICMP'), w.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
  });

  it('AT-27 keeps multicast to Allow and Drop', () => {
    const block = { ipBlock: { cidr: '224.1.0.0/16' } };
    const unicast = { ipBlock: { cidr: '10.0.0.0/8' } };
    const wrong = [
      { action: 'Pass', to: [block] },
      drop({ to: [block, unicast] }),
      drop({ to: [{ ...block, ...SERVER }] }),
      { action: 'Reject', protocols: [{ igmp: {} }] },
    ];
    expect(errors(world(cluster('c', { egress: wrong })))).toEqual([
      'error antrea.multicast_action /spec/egress/0/action',
      'error antrea.multicast_mixed /spec/egress/1',
      'error antrea.multicast_mixed /spec/egress/2',
      'error antrea.igmp_action /spec/egress/3/action',
    ]);
    const right = { egress: [drop({ to: [block, SERVER] })], ingress: [{ action: 'Reject', from: [block, unicast] }] };
    expect(errors(world(cluster('c', right)))).toEqual([]);
  });

  it('AT-27 looks for what stands beside IGMP in the rules after it, and for ICMP in those before it', () => {
    const [igmp, icmp] = [drop({ protocols: [{ igmp: {} }] }), drop({ protocols: [{ icmp: {} }] })];
    const refused = (spec: object): readonly string[] => errors(world(cluster('c', spec)));
    expect(refused({ ingress: [drop({ from: [SERVER] }), igmp, igmp, drop()] })).toEqual([]);
    expect(refused({ ingress: [igmp], egress: [drop({ ports: [{ port: 80 }] })] })).toEqual([
      'error antrea.igmp_mixed /spec/egress/0',
    ]);
    expect(refused({ ingress: [icmp, igmp] })).toEqual(['error antrea.igmp_mixed /spec/ingress/1']);
  });

  it('AT-34 AT-36 is final once peers and ports match', () => {
    const rule = { action: 'Allow', ports: [{ port: 80 }], l7Protocols: [{ http: { method: 'GET', path: '/api/*' } }] };
    const w = world(cluster('c', { ingress: [rule, { action: 'Allow' }] }));
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
    const off = new PolicyWorld([cluster('c', { ingress: [rule] })], { ...ANTREA, options });
    expect(off.ask('a/client', 'b/server')).toBe('unknown');
  });

  it('AT-9 AT-36 names the limit where requests are asked for at a place that has no order', () => {
    const get = { action: 'Allow', l7Protocols: [{ http: { method: 'GET' } }] };
    const limits = (...rules: readonly object[]): string => {
      const w = world(...rules.map((rule, index) => cluster(`c${index}`, { ingress: [rule] })));
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
    const w = world(cluster('c', { egress: [rule] }));
    const method = (asked: string): string =>
      w.ask('a/client', '203.0.113.9', 'TCP/80', { protocol: 'http', method: asked });
    expect([method('GET'), method('POST')]).toEqual(['allow', 'unknown']);
    const { verdict, egress } = w.decide('a/client', '203.0.113.9');
    expect([verdict, egress.onlyFor.flat().map(describeLimit)]).toEqual(['allow', ['HTTP GET']]);
    const closed = world(cluster('c', { egress: [rule, drop()] }));
    expect(closed.ask('a/client', '203.0.113.9', 'TCP/80', { protocol: 'http', method: 'GET' })).toBe('unknown');
  });

  it('AT-36 drops what is no request at all, and names both protocols where a rule has two', () => {
    const l7Protocols = [{ http: { method: 'GET' } }, { tls: { sni: 'a.example.org' } }];
    const w = world(cluster('c', { ingress: [{ action: 'Allow', l7Protocols }] }));
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
    expect(errors(world(cluster('c', { ingress: [rule] })))).toEqual([
      'error antrea.l7_action /spec/ingress/0/l7Protocols',
      'error antrea.l7_protocol /spec/ingress/0/l7Protocols',
    ]);
  });
});

describe('Antrea groups', () => {
  const dropFrom = (name: string): unknown => cluster('c', { ingress: [drop({ from: [{ group: name }] })] });

  it('AT-30 refuses groups that mix ways to select', () => {
    const mixed = clusterGroup('g', { ...SERVER, ipBlocks: [{ cidr: '10.0.0.0/8' }] });
    expect(errors(world(mixed))).toEqual(['error antrea.group_mixed /spec']);
    expect(world(mixed, dropFrom('g')).ask('b/server', 'b/other')).toBe('allow');
    expect(errors(world(clusterGroup('g', { ...SERVER, namespaceSelector: {} })))).toEqual([]);
  });

  it('AT-31 follows Services to the pods they choose', () => {
    const w = world(SERVICE, clusterGroup('g', { serviceReference: { name: 's', namespace: 'b' } }), dropFrom('g'));
    expect([w.ask('b/server', 'b/other'), w.ask('a/client', 'b/other')]).toEqual(['deny', 'allow']);
  });

  it('AT-32 adds children up, one level deep', () => {
    const children = [
      clusterGroup('pods', SERVER),
      clusterGroup('blocks', { ipBlocks: [{ cidr: '10.0.0.1/32' }] }),
      clusterGroup('both', { childGroups: ['pods', 'blocks', 'missing'] }),
    ];
    const w = world(...children, dropFrom('both'));
    expect(['b/server', 'a/client', 'kube-system/dns'].map((from) => w.ask(from, 'b/other'))).toEqual([
      'deny',
      'deny',
      'allow',
    ]);
    const deep = world(...children, clusterGroup('outer', { childGroups: ['both'] }), dropFrom('outer'));
    expect(errors(deep)).toEqual([
      'error antrea.group_nesting /spec/childGroups',
      'error antrea.group_nesting /spec/childGroups/0',
    ]);
    expect(deep.ask('b/server', 'b/other')).toBe('allow');
    expect(world(clusterGroup('x', { childGroups: ['x'] }), dropFrom('x')).ask('b/server', 'b/other')).toBe('allow');
  });

  it('AT-42 wants names of rules to be unique', () => {
    const rule = drop({ name: 'r' });
    expect(errors(world(cluster('c', { ingress: [rule], egress: [rule] })))).toEqual([
      'error antrea.rule_name /spec/egress/0/name',
    ]);
  });
});
