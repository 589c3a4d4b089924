import { describe, expect, it } from '@jest/globals';
import { rawNetworkPolicy } from '../../testing/index.js';
import { cnp, ccnp, WEB, ON, World, ingress, port, withRules } from '../../testing/cilium-world.js';

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
    ['a header match with a Secret of no name', withRules({ http: [{ headerMatches: [{ name: 'a', secret: {} }] }] })],
    [
      'a listener without a name',
      cnp({
        endpointSelector: {},
        egress: [{ toPorts: [{ ...(port('80') as object), listener: { envoyConfig: { name: 'e' } } }] }],
      }),
    ],
    [
      'a listener of another kind',
      cnp({
        endpointSelector: {},
        egress: [
          {
            toPorts: [
              { ...(port('80') as object), listener: { name: 'l', envoyConfig: { kind: 'Gateway', name: 'e' } } },
            ],
          },
        ],
      }),
    ],
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

  it.each([
    [{ matchLabels: { 'io.kubernetes.pod.namespace': 'm' } }, 'allow', ['cilium.other_namespace']],
    [{ matchLabels: { 'any:io.kubernetes.pod.namespace': 'm' } }, 'allow', ['cilium.other_namespace']],
    [{ matchLabels: { 'io.kubernetes.pod.namespace': 'n' } }, 'deny', []],
    [
      { matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'In', values: ['m'] }] },
      'allow',
      ['cilium.other_namespace'],
    ],
    [
      {
        matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'm' },
        matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'In', values: ['m'] }],
      },
      'allow',
      ['cilium.other_namespace'],
    ],
  ])('CNP-4: a selector that asks for another namespace selects nobody: %j', (endpointSelector, verdict, codes) => {
    const world = new World([cnp({ endpointSelector, ingress: [{}] })]);
    expect(['n/web', 'm/fe'].map((to) => world.ask('m/fe', to))).toEqual([verdict, 'allow']);
    expect(world.codes).toEqual(codes);
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

  it.each([
    ['true', 'world', 'deny', 'deny'],
    ['true', 'world-ipv4', 'allow', 'deny'],
    ['true', 'world-ipv6', 'deny', 'allow'],
    ['false', 'world', 'allow', 'allow'],
    ['false', 'world-ipv4', 'deny', 'deny'],
  ])('CNP-91: with enable-ipv6 `%s`, reserved:%s', (six, key, of4, of6) => {
    const options = { ...ON, 'enable-ipv4': 'true', 'enable-ipv6': six };
    const from = { fromEndpoints: [{ matchLabels: { [`reserved:${key}`]: '' } }] };
    const world = new World([cnp({ endpointSelector: WEB, ingress: [from] })], options);
    expect(world.ask('8.8.8.8', 'n/web')).toBe(of4);
    expect(world.ask('2001:db8:9::1', 'n/web')).toBe(of6);
    const entity = { endpointSelector: WEB, ingress: [{ fromEntities: ['world'] }] };
    expect(new World([cnp(entity)], options).ask('8.8.8.8', 'n/web')).toBe('allow');
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
    const labelled = { engine: 'cilium', version: 'v1.19.0', 'enable-node-selector-labels': 'true' };
    expect(asked(from(notWeb, labelled))).toEqual(['allow', 'deny', 'deny', 'allow']);
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
