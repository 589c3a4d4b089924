import { describe, expect, it } from '@jest/globals';

import { CILIUM_OPTIONS } from '../../cni/detectors/cilium.detector.js';
import { SPEC_SEMANTICS } from '../../cni/spec-semantics.js';
import { compileSnapshot } from '../../compile/compile-snapshot.js';
import { endpointOfAddress, hostNameEndpoint } from '../../compile/endpoint-directory.js';
import type { Endpoint } from '../../compile/endpoint.js';
import { evaluatePair } from '../../eval/evaluate-pair.js';
import type { Flow } from '../../eval/flow.js';
import type { CompiledSnapshot } from '../../compile/compile-snapshot.js';
import { ICMP, ICMPV6, SCTP, TCP, UDP, type Diagnostic } from '../../model/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { readOptions } from './cilium.options.js';

/** Two nodes; in `n` the pods fe and web, in `m` the pod fe, and an agent on the host network of node-1. */
const CLUSTER: readonly unknown[] = [
  rawNamespace('n', { team: 'web' }),
  rawNamespace('m', { team: 'ops' }),
  rawNode('node-1', '172.18.0.2', { zone: 'a' }),
  rawNode('node-2', '172.18.0.3', { zone: 'b' }),
  rawPod('n/fe', { labels: { app: 'fe' }, ip: '10.0.1.1', node: 'node-1', serviceAccount: 'front' }),
  rawPod('n/web', {
    labels: { app: 'web', 'pod-template-hash': 'x' },
    ip: '10.0.1.2',
    node: 'node-1',
    ports: [{ name: 'http', containerPort: 8080 }],
  }),
  rawPod('m/fe', { labels: { app: 'fe' }, ip: '10.0.2.1', node: 'node-2' }),
  rawPod('m/agent', { labels: { app: 'fe' }, ip: '172.18.0.2', node: 'node-1', hostNetwork: true }),
];

function rawNode(name: string, address: string, labels: Readonly<Record<string, string>>): unknown {
  const addresses = [{ type: 'InternalIP', address }];
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { addresses } };
}

const cnp = (spec: unknown, name = 'p'): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'n' },
  spec,
});

const ccnp = (spec: unknown, name = 'c'): unknown => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name },
  spec,
});

const WEB = { matchLabels: { app: 'web' } };
const ON = { 'enable-policy': 'default', 'enable-host-firewall': 'true', 'enable-node-selector-labels': 'true' };

class World {
  readonly snapshot: CompiledSnapshot;

  constructor(policies: readonly unknown[], options: Readonly<Record<string, string>> = ON, more: object = {}) {
    const semantics = {
      combination: 'cilium',
      cidrMatches: { pods: false, nodes: false },
      podToOwnNode: false,
      options,
      ...more,
    } as const;
    this.snapshot = compileSnapshot(factsOf(...CLUSTER, ...policies), { semantics });
  }

  endpoint(text: string): Endpoint {
    const [namespace, name] = text.split('/');
    if (name !== undefined) return this.snapshot.directory.pod(namespace as string, name) as Endpoint;
    return (
      this.snapshot.directory.node(text) ?? endpointOfAddress(this.snapshot.directory, text) ?? hostNameEndpoint(text)
    );
  }

  ask(from: string, to: string, flow: Partial<Flow> = {}): string {
    const asked: Flow = { protocol: TCP, port: 8080, family: null, ...flow };
    const decision = evaluatePair(this.snapshot, this.endpoint(from), this.endpoint(to), asked, 'intended');
    const limited = [...decision.egress.onlyFor, ...decision.ingress.onlyFor].length > 0;
    return limited ? `${decision.verdict} conditionally` : decision.verdict;
  }

  get codes(): string[] {
    return this.#diagnostics().map((found) => found.code);
  }

  get messages(): string[] {
    return this.#diagnostics().map((found) => found.message);
  }

  get refused(): boolean {
    return this.snapshot.intended.sets.some((set) => set.policies.some((policy) => policy.refused));
  }

  #diagnostics(): readonly Diagnostic[] {
    return this.snapshot.intended.sets.flatMap((set) => set.policies.flatMap((policy) => policy.diagnostics));
  }
}

const ingress = (rule: unknown, more: object = {}): World =>
  new World([cnp({ endpointSelector: WEB, ingress: [rule], ...more })]);
const egress = (rule: unknown, more: object = {}): World =>
  new World([cnp({ endpointSelector: {}, egress: [rule], ...more })]);
const port = (number: string, more: object = {}): unknown => ({ ports: [{ port: number, protocol: 'TCP', ...more }] });
const withRules = (rules: unknown): unknown =>
  cnp({ endpointSelector: {}, ingress: [{ toPorts: [{ ...(port('80') as object), rules }] }] });

describe('object and subject', () => {
  it('CNP-1: every element of specs is a rule set of its own', () => {
    const object = {
      ...(cnp(undefined) as object),
      specs: [
        { endpointSelector: WEB, ingress: [{ fromEndpoints: [{ matchLabels: { app: 'fe' } }] }] },
        { endpointSelector: { matchLabels: { app: 'fe' } }, ingress: [{}] },
      ],
    };
    const world = new World([object]);
    expect(world.ask('n/fe', 'n/web')).toBe('allow');
    expect(world.ask('n/web', 'n/fe')).toBe('deny');
  });

  it('CNP-2: one bad part refuses the whole object, and so does the status', () => {
    const bad = cnp({ endpointSelector: {}, ingress: [{}, { fromCIDR: ['nonsense'] }] });
    expect(new World([bad]).refused).toBe(true);
    expect(new World([bad]).ask('n/fe', 'n/web')).toBe('allow');
    const status = { conditions: [{ type: 'Valid', status: 'False', message: 'no' }] };
    expect(new World([{ ...(cnp({ endpointSelector: {}, ingress: [{}] }) as object), status }]).refused).toBe(true);
    for (const condition of [
      { type: 'Valid', status: 'True' },
      { type: 'Other', status: 'False' },
    ]) {
      const fine = { ...(cnp({ endpointSelector: {}, ingress: [{}] }) as object), status: { conditions: [condition] } };
      expect(new World([fine]).refused).toBe(false);
    }
  });

  it.each([
    ['both subjects', ccnp({ endpointSelector: {}, nodeSelector: {}, ingress: [{}] })],
    ['no subject', cnp({ ingress: [{}] })],
    ['a node selector in the namespaced kind', cnp({ nodeSelector: {}, ingress: [{}] })],
    ['no rule list', cnp({ endpointSelector: {} })],
    [
      'two sorts of peers',
      cnp({ endpointSelector: {}, ingress: [{ fromEntities: ['all'], fromCIDR: ['10.0.0.0/8'] }] }),
    ],
    ['an unknown entity', cnp({ endpointSelector: {}, ingress: [{ fromEntities: ['everyone'] }] })],
    [
      'ICMP beside ports',
      cnp({ endpointSelector: {}, ingress: [{ icmps: [{ fields: [{ type: 8 }] }], toPorts: [port('1')] }] }),
    ],
    [
      'HTTP on any protocol',
      cnp({ endpointSelector: {}, ingress: [{ toPorts: [{ ports: [{ port: '80' }], rules: { http: [{}] } }] }] }),
    ],
    [
      'DNS on ingress',
      cnp({
        endpointSelector: {},
        ingress: [{ toPorts: [{ ports: [{ port: '53' }], rules: { dns: [{ matchPattern: '*' }] } }] }],
      }),
    ],
    [
      'a port number without quotes',
      cnp({ endpointSelector: {}, ingress: [{ toPorts: [{ ports: [{ port: 80 }] }] }] }),
    ],
    [
      'an operator that there is not',
      cnp({ endpointSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] }, ingress: [{}] }),
    ],
    [
      'a DNS name of 256 characters',
      cnp({ endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: 'a'.repeat(256) }] }] }),
    ],
    ['ports that are no list', cnp({ endpointSelector: {}, ingress: [{ toPorts: [{ ports: { port: '80' } }] }] })],
    ['a port that is no object', cnp({ endpointSelector: {}, ingress: [{ toPorts: [{ ports: ['80'] }] }] })],
    ['requests that are no list', withRules({ http: { method: 'GET' } })],
    [
      'exceptions that are no list',
      cnp({ endpointSelector: {}, ingress: [{ fromCIDRSet: [{ cidr: '10.0.0.0/8', except: '10.1.0.0/16' }] }] }),
    ],
    ['ICMP types that are no objects', cnp({ endpointSelector: {}, ingress: [{ icmps: ['8'] }] })],
    ['an ICMP type that is empty', cnp({ endpointSelector: {}, ingress: [{ icmps: [{ fields: [{ type: '' }] }] }] })],
    ['default deny that is no object', cnp({ endpointSelector: {}, ingress: [{}], enableDefaultDeny: 'no' })],
    ['empty lists of rules alone', cnp({ endpointSelector: {}, ingress: [], egressDeny: [] })],
    ['text in place of the rule list', cnp({ endpointSelector: {}, ingress: 'all' })],
    ['a spec that is a list', cnp([])],
    [
      'a name beside a pattern',
      cnp({ endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: 'a.org', matchPattern: '*.a.org' }] }] }),
    ],
    ['a key without a name', withRules({ l7proto: 'lines', l7: [{ '': 'x' }] })],
    ['a Kafka request that there is not', withRules({ kafka: [{ apiKey: 'deletebroker' }] })],
    ['a Kafka version above its range', withRules({ kafka: [{ apiVersion: '32768' }] })],
    ['a Kafka topic with a blank', withRules({ kafka: [{ topic: 'new orders' }] })],
  ])('CNP-2, CNP-3, CNP-8, CNP-30: %s is refused', (_, policy) => {
    expect(new World([policy]).refused).toBe(true);
  });

  it('CNP-4: a namespaced policy selects its own namespace only', () => {
    const world = new World([
      cnp({ endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'm' } }, ingress: [{}] }),
    ]);
    expect(world.ask('n/web', 'm/fe')).toBe('allow');
    expect(world.ask('m/fe', 'n/web')).toBe('deny');
  });

  it('CNP-5, CNP-6: the cluster-wide kind selects pods everywhere, host-network pods nowhere', () => {
    const world = new World([ccnp({ endpointSelector: {}, ingress: [{}] })]);
    expect(world.ask('n/fe', 'm/fe')).toBe('deny');
    expect(world.ask('n/fe', 'm/agent')).toBe('allow');
  });

  it('CNP-7: a node selector needs the host firewall', () => {
    const policy = ccnp({ nodeSelector: { matchLabels: { zone: 'a' } }, ingress: [{ fromEntities: ['world'] }] });
    const world = new World([policy]);
    expect(world.ask('n/fe', 'node-1')).toBe('deny');
    expect(world.ask('8.8.8.8', 'node-1')).toBe('allow');
    expect(world.ask('n/fe', 'm/agent')).toBe('deny');
    expect(world.ask('n/fe', 'node-2')).toBe('allow');
    const off = new World([policy], { 'enable-policy': 'default' });
    expect(off.ask('n/fe', 'node-1')).toBe('allow');
    expect(off.codes).toContain('cilium.host_firewall_off');
  });
});

describe('labels', () => {
  it('CNP-10: a key with a source', () => {
    expect(ingress({ fromEndpoints: [{ matchLabels: { 'k8s:app': 'fe' } }] }).ask('n/fe', 'n/web')).toBe('allow');
    expect(ingress({ fromEndpoints: [{ matchLabels: { 'any:app': 'fe' } }] }).ask('n/fe', 'n/web')).toBe('allow');
    expect(ingress({ fromEndpoints: [{ matchLabels: { 'container:app': 'fe' } }] }).ask('n/fe', 'n/web')).toBe('deny');
  });

  it.each([
    ['io.cilium.k8s.policy.serviceaccount', 'front', 'allow'],
    ['io.cilium.k8s.policy.serviceaccount', 'other', 'deny'],
    ['io.cilium.k8s.policy.cluster', 'default', 'allow'],
    ['io.cilium.k8s.policy.cluster', 'other', 'deny'],
    ['io.cilium.k8s.namespace.labels.team', 'web', 'allow'],
    ['io.cilium.k8s.namespace.labels.team', 'ops', 'deny'],
  ])('CNP-11: %s %s', (key, value, verdict) => {
    expect(ingress({ fromEndpoints: [{ matchLabels: { [key]: value } }] }).ask('n/fe', 'n/web')).toBe(verdict);
  });

  it('CNP-12, CNP-24: a reserved label is an entity, and opens the scope', () => {
    const world = ingress({ fromEndpoints: [{ matchLabels: { 'reserved:remote-node': '' } }] });
    expect(world.ask('node-2', 'n/web')).toBe('allow');
    expect(world.ask('n/fe', 'n/web')).toBe('deny');
    const notWorld = ingress({
      fromEndpoints: [{ matchExpressions: [{ key: 'reserved:world', operator: 'DoesNotExist' }] }],
    });
    expect(notWorld.ask('m/fe', 'n/web')).toBe('allow');
    expect(notWorld.ask('node-2', 'n/web')).toBe('allow');
    expect(notWorld.ask('8.8.8.8', 'n/web')).toBe('deny');
  });

  it('CNP-13: labels that make no identity are absent', () => {
    const byHash = { endpointSelector: { matchLabels: { 'pod-template-hash': 'x' } }, ingress: [{}] };
    expect(new World([cnp(byHash)]).ask('n/fe', 'n/web')).toBe('allow');
    const byApp = { endpointSelector: WEB, ingress: [{}] };
    expect(new World([cnp(byApp)], { ...ON, labels: 'k8s:!app' }).ask('n/fe', 'n/web')).toBe('allow');
    expect(new World([cnp(byApp)], { ...ON, labels: 'k8s:tier' }).ask('n/fe', 'n/web')).toBe('allow');
    expect(new World([cnp(byApp)], { ...ON, labels: 'k8s:app' }).ask('n/fe', 'n/web')).toBe('deny');
  });

  it('CNP-14: an absent label passes DoesNotExist, outside the cluster too', () => {
    const expression = { key: 'k8s:io.cilium.k8s.policy.cluster', operator: 'DoesNotExist' };
    const elsewhere = { key: 'k8s:io.kubernetes.pod.namespace', operator: 'NotIn', values: ['n'] };
    const world = ingress({ fromEndpoints: [{ matchExpressions: [expression, elsewhere] }] });
    expect(world.ask('8.8.8.8', 'n/web')).toBe('allow');
    expect(world.ask('m/fe', 'n/web')).toBe('deny');
  });

  it('CNP-15: NetworkPolicy selectors see the labels of identities', () => {
    const from = [{ podSelector: { matchLabels: { 'io.cilium.k8s.policy.serviceaccount': 'front' } } }];
    const policy = rawNetworkPolicy('n/k', { podSelector: {}, ingress: [{ from }] });
    expect(new World([policy]).ask('n/fe', 'n/web')).toBe('allow');
    expect(new World([policy], {}, { combination: 'spec' }).ask('n/fe', 'n/web')).toBe('deny');
  });
});

describe('peers of NetworkPolicy', () => {
  const from = (peer: object, options: Readonly<Record<string, string>>): World =>
    new World([rawNetworkPolicy('n/k', { podSelector: {}, ingress: [{ from: [peer] }] })], options);
  const notWeb = { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['web'] }] } };
  const asked = (world: World): string[] =>
    ['m/fe', 'n/fe', '8.8.8.8', 'node-2'].map((source) => world.ask(source, 'n/web'));

  it('CNP-16: are pods of the cluster where its label is added, else whoever lacks the labels', () => {
    expect(asked(from(notWeb, { version: 'v1.19.0' }))).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(asked(from(notWeb, { version: 'v1.17.0' }))).toEqual(['allow', 'deny', 'allow', 'allow']);
  });

  it.each([
    { ...notWeb, podSelector: { matchLabels: { app: 'fe' } } },
    { namespaceSelector: { matchLabels: { team: 'ops' } } },
    { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } },
    { podSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } },
  ])('CNP-16: are pods where a label is asked for: %j', (peer) => {
    const world = from(peer, { ...ON, 'policy-default-local-cluster': 'false' });
    expect(world.ask('8.8.8.8', 'n/web')).toBe('deny');
    expect([world.ask('m/fe', 'n/web'), world.ask('n/fe', 'n/web')]).toContain('allow');
  });
});

describe('scope of endpoint peers', () => {
  it('CNP-20: peers of a namespaced policy are in its namespace', () => {
    for (const peer of [{}, { matchLabels: { app: 'fe' } }]) {
      const world = ingress({ fromEndpoints: [peer] });
      expect([world.ask('n/fe', 'n/web'), world.ask('m/fe', 'n/web')]).toEqual(['allow', 'deny']);
      expect(world.ask('8.8.8.8', 'n/web')).toBe('deny');
    }
  });

  it('CNP-21: peers of the cluster-wide kind are pods of any namespace', () => {
    const world = new World([ccnp({ endpointSelector: WEB, ingress: [{ fromEndpoints: [{}] }] })]);
    expect(world.ask('m/fe', 'n/web')).toBe('allow');
    expect(world.ask('node-2', 'n/web')).toBe('deny');
    expect(world.ask('8.8.8.8', 'n/web')).toBe('deny');
  });

  it('CNP-22, CNP-23: a namespace key crosses namespaces', () => {
    const expression = { key: 'io.kubernetes.pod.namespace', operator: 'Exists' };
    expect(ingress({ fromEndpoints: [{ matchExpressions: [expression] }] }).ask('m/fe', 'n/web')).toBe('allow');
    const labels = { 'k8s:io.cilium.k8s.namespace.labels.team': 'ops' };
    expect(ingress({ fromEndpoints: [{ matchLabels: labels }] }).ask('m/fe', 'n/web')).toBe('allow');
  });

  it.each([
    [{}, 'deny'],
    [{ version: 'v1.19.0' }, 'deny'],
    [{ version: 'v1.18.0' }, 'allow'],
    [{ version: 'v1.18.0', 'policy-default-local-cluster': 'true' }, 'deny'],
    [{ version: 'v1.20.0', 'policy-default-local-cluster': 'false' }, 'allow'],
    [{ version: 'v1.17.0', 'policy-default-local-cluster': 'true' }, 'allow'],
  ] as const)('CNP-25: with %j a peer that no cluster is named for is outside it: %s', (options, verdict) => {
    for (const key of ['io.kubernetes.pod.namespace', 'io.cilium.k8s.namespace.labels.team']) {
      const expression = { key, operator: 'NotIn', values: ['n'] };
      const policy = cnp({ endpointSelector: {}, ingress: [{ fromEndpoints: [{ matchExpressions: [expression] }] }] });
      const world = new World([policy], { ...ON, ...options });
      expect([world.ask('8.8.8.8', 'n/web'), world.ask('m/fe', 'n/web')]).toEqual([verdict, 'allow']);
    }
  });
});

describe('peers', () => {
  it('CNP-31, CNP-32: no peers with ports is anybody, the empty rule and list nobody', () => {
    expect(ingress({ toPorts: [port('8080')] }).ask('8.8.8.8', 'n/web')).toBe('allow');
    expect(ingress({}).ask('n/fe', 'n/web')).toBe('deny');
    expect(ingress({ fromEndpoints: [] }).ask('n/fe', 'n/web')).toBe('deny');
    expect(ingress({ fromEndpoints: [], toPorts: [port('8080')] }).ask('n/fe', 'n/web')).toBe('deny');
  });

  it.each([
    ['host', ['allow', 'deny', 'allow', 'deny', 'deny']],
    ['remote-node', ['deny', 'allow', 'deny', 'deny', 'deny']],
    ['world', ['deny', 'deny', 'deny', 'allow', 'deny']],
    ['cluster', ['allow', 'allow', 'allow', 'deny', 'allow']],
    ['all', ['allow', 'allow', 'allow', 'allow', 'allow']],
    ['none', ['deny', 'deny', 'deny', 'deny', 'deny']],
    ['health', ['deny', 'deny', 'deny', 'deny', 'deny']],
    ['kube-apiserver', ['unknown', 'unknown', 'unknown', 'unknown', 'deny']],
  ])('CNP-33, CNP-34, CNP-35: %s', (entity, verdicts) => {
    const world = egress({ toEntities: [entity] });
    const found = ['node-1', 'node-2', 'm/agent', '8.8.8.8', 'm/fe'].map((to) => world.ask('n/fe', to));
    expect(found).toEqual(verdicts);
  });

  it('CNP-44: namespace is the endpoints of the own namespace', () => {
    const world = new World([ccnp({ endpointSelector: {}, egress: [{ toEntities: ['namespace'] }] })]);
    const found = ['n/web', 'm/fe', 'm/agent', 'node-2', '8.8.8.8'].map((to) => world.ask('n/fe', to));
    expect(found).toEqual(['allow', 'deny', 'deny', 'deny', 'deny']);
  });

  it('CNP-35: kube-apiserver is the addresses behind the Service', () => {
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: 6443 }],
      endpoints: [{ addresses: ['172.18.0.3', 'api.example.org'] }],
    };
    const world = new World([cnp({ endpointSelector: {}, egress: [{ toEntities: ['kube-apiserver'] }] }), slice]);
    expect(['node-1', 'node-2', '8.8.8.8'].map((to) => world.ask('n/fe', to))).toEqual(['deny', 'allow', 'deny']);
  });

  it('CNP-36: blocks match addresses outside the cluster, nodes by a switch', () => {
    const policy = cnp({ endpointSelector: {}, egress: [{ toCIDR: ['0.0.0.0/0', '9.9.9.9'] }] });
    const asked = ['8.8.8.8', 'm/fe', 'node-2'];
    expect(asked.map((to) => new World([policy]).ask('n/fe', to))).toEqual(['allow', 'deny', 'deny']);
    const nodes = new World([policy], ON, { cidrMatches: { pods: false, nodes: true } });
    expect(asked.map((to) => nodes.ask('n/fe', to))).toEqual(['allow', 'deny', 'allow']);
  });

  it('CNP-37: CIDR sets with exceptions and groups', () => {
    const group = {
      apiVersion: 'cilium.io/v2alpha1',
      kind: 'CiliumCIDRGroup',
      metadata: { name: 'g', labels: { use: 'dns' } },
      spec: { externalCIDRs: ['8.8.0.0/16', 'nonsense'] },
    };
    for (const member of [
      { cidr: '8.8.0.0/16', except: ['8.8.4.0/24'] },
      { cidrGroupRef: 'g', except: ['8.8.4.0/24'] },
      { cidrGroupSelector: { matchLabels: { use: 'dns' } }, except: ['8.8.4.0/24'] },
    ]) {
      const world = new World([group, cnp({ endpointSelector: {}, egress: [{ toCIDRSet: [member] }] })]);
      expect(['8.8.8.8', '8.8.4.4', '9.9.9.9'].map((to) => world.ask('n/fe', to))).toEqual(['allow', 'deny', 'deny']);
    }
    expect(egress({ toCIDRSet: [{ cidrGroupRef: 'missing' }] }).codes).toContain('cilium.cidr_group_missing');
    expect(egress({ toCIDRSet: [{ cidr: '8.0.0.0/8', cidrGroupRef: 'g' }] }).refused).toBe(true);
  });

  it('CNP-38: node selectors match other nodes, by a switch', () => {
    const policy = cnp({ endpointSelector: {}, egress: [{ toNodes: [{}] }] });
    expect(['node-1', 'node-2'].map((to) => new World([policy]).ask('n/fe', to))).toEqual(['deny', 'allow']);
    const zone = cnp({ endpointSelector: {}, egress: [{ toNodes: [{ matchLabels: { zone: 'a' } }] }] });
    expect(new World([zone]).ask('n/fe', 'node-2')).toBe('deny');
    expect(new World([policy], { 'enable-policy': 'default' }).refused).toBe(true);
  });

  it('CNP-39, CNP-40: services are their pods or their addresses', () => {
    const service = (name: string, spec: object): unknown => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'n', labels: { tier: 'back' } },
      spec: { ports: [{ port: 80 }], ...spec },
    });
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'out', namespace: 'n', labels: { 'kubernetes.io/service-name': 'out' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['8.8.8.8'] }, { addresses: ['10.0.2.1'] }],
    };
    const objects = [service('web', { selector: { app: 'web' } }), service('out', {}), slice];
    const world = (toServices: unknown): World =>
      new World([...objects, cnp({ endpointSelector: {}, egress: [{ toServices: [toServices] }] })]);
    const asked = ['n/web', '8.8.8.8', 'm/fe', '9.9.9.9'];
    const verdicts = (found: World): string[] => asked.map((to) => found.ask('n/fe', to));
    expect(verdicts(world({ k8sService: { serviceName: 'web' } }))).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(verdicts(world({ k8sService: { serviceName: 'out', namespace: 'n' } }))).toEqual([
      'deny',
      'allow',
      'deny',
      'deny',
    ]);
    expect(verdicts(world({ k8sService: { serviceName: 'web', namespace: 'm' } }))).toEqual([
      'deny',
      'deny',
      'deny',
      'deny',
    ]);
    const selector = { matchLabels: { tier: 'back' } };
    expect(verdicts(world({ k8sServiceSelector: { selector } }))).toEqual(['allow', 'allow', 'deny', 'deny']);
  });

  it('CNP-41: cloud groups are unknown outside the cluster', () => {
    const world = egress({ toGroups: [{ aws: { securityGroupsIds: ['sg-1'] } }] });
    expect(['8.8.8.8', 'n/web'].map((to) => world.ask('n/fe', to))).toEqual(['unknown', 'deny']);
  });

  it.each([
    [{ matchName: 'Example.org.' }, 'example.org', 'allow'],
    [{ matchName: 'example.org' }, 'a.example.org', 'deny'],
    [{ matchPattern: '*.example.org' }, 'a.example.org', 'allow'],
    [{ matchPattern: '*.example.org' }, 'a.b.example.org', 'deny'],
    [{ matchPattern: '*.example.org' }, 'example.org', 'deny'],
    [{ matchPattern: '*example.org' }, 'example.org', 'allow'],
    [{ matchPattern: '**.example.org' }, 'a.b.example.org', 'allow'],
    [{ matchPattern: '*' }, 'a.b.c', 'allow'],
    [{ matchName: 'example.org' }, '8.8.8.8', 'unknown conditionally'],
    [{ matchName: 'example.org' }, 'n/web', 'deny'],
  ])('CNP-42: %j and %s', (name, to, verdict) => {
    expect(egress({ toFQDNs: [name] }).ask('n/fe', to)).toBe(verdict);
  });

  it('CNP-43: required labels narrow the endpoint peers of every rule', () => {
    const requires = cnp({ endpointSelector: WEB, ingress: [{ fromRequires: [{ matchLabels: { tier: 'a' } }] }] }, 'r');
    const allows = cnp({ endpointSelector: WEB, ingress: [{ fromEndpoints: [{}] }, { fromEntities: ['world'] }] });
    const world = new World([requires, allows]);
    expect(['n/fe', '8.8.8.8'].map((from) => world.ask(from, 'n/web'))).toEqual(['deny', 'allow']);
    const later = new World([requires, allows], { ...ON, version: '1.19.2' });
    expect(later.ask('n/fe', 'n/web')).toBe('allow');
  });
});

describe('ports and requests', () => {
  it.each([
    ['8080', {}, 8080, 'allow'],
    ['8080', {}, 8081, 'deny'],
    ['0', {}, 1, 'allow'],
    ['010', {}, 8, 'allow'],
    ['8000', { endPort: 8090 }, 8090, 'allow'],
    ['8000', { endPort: 8090 }, 8091, 'deny'],
    ['8080', { endPort: 80 }, 8080, 'allow'],
    ['HTTP', {}, 8080, 'allow'],
    ['http', {}, 80, 'deny'],
    ['missing', {}, 8080, 'deny'],
  ])('CNP-50, CNP-52: port %s %j asked for %d', (text, more, number, verdict) => {
    expect(ingress({ toPorts: [port(text, more)] }).ask('n/fe', 'n/web', { port: number })).toBe(verdict);
  });

  it('CNP-51, CNP-54: ANY is TCP, UDP and SCTP; no ports is every protocol', () => {
    const any = ingress({ toPorts: [{ ports: [{ port: '8080' }] }] });
    const flows = [{ protocol: TCP }, { protocol: UDP }, { protocol: SCTP }, { protocol: ICMP, port: null }];
    expect(flows.map((flow) => any.ask('n/fe', 'n/web', flow))).toEqual(['allow', 'allow', 'allow', 'deny']);
    expect(ingress({ fromEntities: ['all'] }).ask('n/fe', 'n/web', { protocol: ICMP, port: null })).toBe('allow');
    const without = new World(
      [cnp({ endpointSelector: WEB, ingress: [{ toPorts: [{ ports: [{ port: '8080' }] }] }] })],
      ON,
      { sctp: false },
    );
    expect(without.ask('n/fe', 'n/web', { protocol: SCTP })).toBe('deny');
  });

  it('CNP-67: ICMP type 0 is every type of its family', () => {
    const world = ingress({ icmps: [{ fields: [{ type: 'EchoReply' }] }] });
    const ask = (protocol: Flow['protocol']): string =>
      world.ask('n/fe', 'n/web', { protocol, port: null, icmp: { type: 13, code: 0 } });
    expect([ask(ICMP), ask(ICMPV6)]).toEqual(['allow', 'deny']);
  });

  it('CNP-53: ICMP types by number and name', () => {
    for (const type of [8, '8', 'EchoRequest']) {
      const world = ingress({ icmps: [{ fields: [{ type }] }] });
      const echo = (number: number): Partial<Flow> => ({ protocol: ICMP, port: null, icmp: { type: number, code: 0 } });
      expect([echo(8), echo(13), {}].map((flow) => world.ask('n/fe', 'n/web', flow))).toEqual([
        'allow',
        'deny',
        'deny',
      ]);
    }
  });

  it('CNP-55: a port name with two numbers is unknown on egress', () => {
    const other = rawPod('m/other', { ip: '10.0.2.9', ports: [{ name: 'http', containerPort: 80 }] });
    const policy = cnp({ endpointSelector: {}, egress: [{ toPorts: [port('http')] }] });
    expect(new World([policy]).ask('n/fe', 'n/web')).toBe('allow');
    expect(new World([policy, other]).ask('n/fe', 'n/web')).toBe('unknown');
    const deny = cnp({
      endpointSelector: {},
      egress: [{ toEntities: ['all'] }],
      egressDeny: [{ toPorts: [port('http')] }],
    });
    expect(new World([deny]).ask('n/fe', 'n/web')).toBe('deny');
    expect(new World([deny, other]).ask('n/fe', 'n/web')).toBe('unknown');
    const requests = {
      toPorts: [{ ports: [{ port: 'http', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }],
    };
    const open = cnp({ endpointSelector: {}, enableDefaultDeny: { egress: false }, egress: [requests] });
    const post: Partial<Flow> = { l7: { protocol: 'http', method: 'POST' } };
    const before = { version: '1.17.0' };
    expect(new World([open], before).ask('n/fe', 'n/web', post)).toBe('deny');
    expect(new World([open, other], before).ask('n/fe', 'n/web', post)).toBe('unknown');
  });

  const http = {
    toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules: { http: [{ method: 'GET', path: '/a/.*' }] } }],
  };
  const get = (path: string): Partial<Flow> => ({ l7: { protocol: 'http', method: 'GET', path, headers: {} } });

  it('CNP-56, CNP-57: HTTP rules', () => {
    const world = ingress(http);
    expect(world.ask('n/fe', 'n/web')).toBe('allow conditionally');
    expect([get('/a/b'), get('/b'), get('/x/a/b')].map((flow) => world.ask('n/fe', 'n/web', flow))).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(
      new World([cnp({ endpointSelector: WEB, ingress: [http] })], { ...ON, 'enable-l7-proxy': 'false' }).refused,
    ).toBe(true);
  });

  it('CNP-64: paths are cleaned first', () => {
    const asked = (on: Record<string, string>): string[] => {
      const world = new World([cnp({ endpointSelector: WEB, ingress: [http] })], { ...ON, ...on });
      return ['/a/../b', '/x/..//a/b'].map((path) => world.ask('n/fe', 'n/web', get(path)));
    };
    expect([asked({}), asked({ 'http-normalize-path': 'false' })]).toEqual([
      ['deny', 'allow'],
      ['allow', 'deny'],
    ]);
  });

  it('CNP-57: headers', () => {
    const rules = {
      http: [{ headers: ['X-A: 1', 'X-B'], headerMatches: [{ name: 'X-C', value: '2', mismatch: 'LOG' }] }],
    };
    const world = ingress({ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] });
    const asked = (headers: Readonly<Record<string, string>>): string =>
      world.ask('n/fe', 'n/web', { l7: { protocol: 'http', method: 'GET', path: '/', headers } });
    expect([asked({ 'x-a': '1', 'x-b': 'any' }), asked({ 'x-a': '2', 'x-b': '' }), asked({ 'x-a': '1' })]).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
  });

  it('CNP-58: an allow without requests lifts the restriction', () => {
    const world = new World([cnp({ endpointSelector: WEB, ingress: [http, { fromEndpoints: [{}] }] })]);
    expect(world.ask('n/fe', 'n/web', get('/b'))).toBe('allow');
    expect(world.ask('m/fe', 'n/web', get('/b'))).toBe('deny');
  });

  it('CNP-59, CNP-60: server names, and requests inside TLS', () => {
    const tls = (sni: string): Partial<Flow> => ({ port: 443, l7: { protocol: 'tls', fields: { sni } } });
    const names = egress({ toPorts: [{ ...(port('443') as object), serverNames: ['*.example.org'] }] });
    expect(
      [tls('A.example.org'), tls('example.org'), get('/')].map((flow) =>
        names.ask('n/fe', '8.8.8.8', { ...flow, port: 443 }),
      ),
    ).toEqual(['allow', 'deny', 'deny']);
    const inside: Partial<Flow> = { port: 443, l7: { protocol: 'http', path: '/a', fields: { sni: 'example.org' } } };
    const rules = { http: [{ path: '/a' }] };
    expect(egress({ toPorts: [{ ...(port('443') as object), rules }] }).ask('n/fe', '8.8.8.8', inside)).toBe('deny');
    const opened = egress({
      toPorts: [{ ...(port('443') as object), rules, terminatingTLS: { secret: { name: 's' } } }],
    });
    expect(opened.ask('n/fe', '8.8.8.8', inside)).toBe('allow');
  });

  it('CNP-61: gRPC calls are HTTP', () => {
    const rules = { http: [{ method: 'POST', path: '/shop.Cart/Add' }] };
    const world = ingress({ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] });
    const call = (method: string): string =>
      world.ask('n/fe', 'n/web', { l7: { protocol: 'grpc', fields: { method } } });
    expect([call('shop.Cart/Add'), call('shop.Cart/Clear')]).toEqual(['allow', 'deny']);
  });

  it('CNP-56: DNS and Kafka rules', () => {
    const names = { matchName: 'example.org', matchPattern: '*.example.org' };
    const dns = egress({ toPorts: [{ ports: [{ port: '53' }], rules: { dns: [names] } }] });
    const lookup = (name: string): string =>
      dns.ask('n/fe', '8.8.8.8', { protocol: UDP, port: 53, l7: { protocol: 'dns', fields: { name } } });
    expect([lookup('a.example.org.'), lookup('example.org'), lookup('example.com')]).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
    const rules = { kafka: [{ role: 'produce', topic: 'orders' }] };
    const kafka = ingress({ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] });
    const send = (apiKey: string, topic: string): string =>
      kafka.ask('n/fe', 'n/web', { l7: { protocol: 'kafka', fields: { apiKey, topic } } });
    expect([send('produce', 'orders'), send('fetch', 'orders'), send('produce', 'x')]).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
  });

  it('CNP-62: a listener closes what it has no chain for', () => {
    const config = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumClusterwideEnvoyConfig',
      metadata: { name: 'e' },
      spec: {
        resources: [
          {
            '@type': 'type.googleapis.com/envoy.config.listener.v3.Listener',
            name: 'l',
            filter_chains: [
              { filter_chain_match: { destination_port: 80 }, filters: [{ name: 'envoy.filters.network.tcp_proxy' }] },
            ],
          },
        ],
      },
    };
    const listener = { name: 'l', envoyConfig: { kind: 'CiliumClusterwideEnvoyConfig', name: 'e' } };
    const policy = cnp({ endpointSelector: {}, egress: [{ toPorts: [{ ...(port('0') as object), listener }] }] });
    const world = new World([config, policy]);
    const flow = (number: number): Partial<Flow> => ({ port: number, l7: { protocol: 'http', path: '/' } });
    expect([world.ask('n/fe', '8.8.8.8', flow(80)), world.ask('n/fe', '8.8.8.8', flow(443))]).toEqual([
      'allow',
      'deny',
    ]);
    expect(new World([policy]).ask('n/fe', '8.8.8.8')).toBe('unknown');
  });

  it('CNP-63: authentication', () => {
    const rule = (mode: string): unknown => ({ fromEndpoints: [{}], authentication: { mode } });
    expect(ingress(rule('required')).ask('n/fe', 'n/web')).toBe('allow conditionally');
    expect(ingress(rule('disabled')).ask('n/fe', 'n/web')).toBe('allow');
    expect(ingress(rule('test-always-fail')).ask('n/fe', 'n/web')).toBe('deny');
    const off = new World([cnp({ endpointSelector: WEB, ingress: [rule('required')] })], {
      ...ON,
      'mesh-auth-mutual-enabled': 'false',
    });
    expect(off.ask('n/fe', 'n/web')).toBe('deny');
  });
});

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
    expect(new World([open], { ...ON, 'enable-non-default-deny-policies': 'false' }).ask('n/fe', 'n/web')).toBe('deny');
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

  it('CNP-75: without default deny requests are refused before 1.18 only', () => {
    const rules = { http: [{ path: '/a' }] };
    const rule = { toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] };
    const policy = cnp({ endpointSelector: WEB, ingress: [rule], enableDefaultDeny: { ingress: false } });
    const path = (text: string): Partial<Flow> => ({ l7: { protocol: 'http', path: text } });
    const asked = (version: string): string[] => {
      const world = new World([policy], { version });
      const flows = [path('/a'), path('/b'), { port: 9999 }];
      return flows.map((flow) => world.ask('n/fe', 'n/web', flow));
    };
    expect(asked('1.17.9')).toEqual(['allow', 'deny', 'allow']);
    expect(asked('1.18.0')).toEqual(['allow', 'allow', 'allow']);
    const isolated = new World([policy, cnp({ endpointSelector: WEB, ingress: [{}] }, 'other')]);
    expect(isolated.ask('n/fe', 'n/web', path('/b'))).toBe('deny');
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
  ])('a pattern that cannot be run: %s', (path, refused, verdict) => {
    const rules = { http: [{ path }] };
    const world = ingress({ toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }], rules }] });
    expect(world.refused).toBe(refused);
    expect(world.ask('n/fe', 'n/web', { l7: { protocol: 'http', path: '/b' } })).toBe(verdict);
  });
});
