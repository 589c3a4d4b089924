import { describe, expect, it } from '@jest/globals';
import { cnp, ccnp, WEB, ON, World, ingress, egress, port } from '../../testing/cilium-world.js';

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
    const policy = ccnp({ endpointSelector: {}, egress: [{ toEntities: ['namespace'] }] });
    const world = new World([policy]);
    const found = ['n/web', 'm/fe', 'm/agent', 'node-2', '8.8.8.8'].map((to) => world.ask('n/fe', to));
    expect(found).toEqual(['allow', 'deny', 'deny', 'deny', 'deny']);
    expect(new World([policy], { version: '1.20.2' }).refused).toBe(true);
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

  it("CNP-46: the address of the nodes' DNS cache is the host's, for certain from 1.17", () => {
    const told = (rule: object, version: string): string =>
      new World([cnp({ endpointSelector: {}, egress: [rule] })], {
        ...ON,
        'node-dns-cache': '169.254.20.10',
        version,
      }).ask('n/fe', '169.254.20.10');
    const block = { toCIDR: ['169.254.20.10/32'] };
    const entity = (name: string): object => ({ toEntities: [name] });
    expect(['host', 'cluster', 'all'].map((name) => told(entity(name), '1.18.2'))).toEqual(['allow', 'allow', 'allow']);
    expect(['world', 'remote-node'].map((name) => told(entity(name), '1.18.2'))).toEqual(['deny', 'deny']);
    expect(told(block, '1.18.2')).toBe('deny');
    expect([entity('host'), entity('world'), block].map((rule) => told(rule, '1.16.5'))).toEqual(
      Array.from({ length: 3 }, () => 'unknown'),
    );
    expect(egress(block).ask('n/fe', '169.254.20.10')).toBe('allow');
  });

  it('CNP-36: blocks match addresses outside the cluster, nodes by a switch', () => {
    const policy = cnp({ endpointSelector: {}, egress: [{ toCIDR: ['0.0.0.0/0'] }] });
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
    for (const except of ['8.8.4.0/24', '::ffff:8.8.4.0/120']) {
      const grouped = cnp({
        endpointSelector: {},
        egress: [{ toCIDRSet: [{ cidrGroupRef: 'g', except: [except] }] }],
      });
      const refused = (version: string): boolean => new World([group, grouped], { ...ON, version }).refused;
      expect(['1.16.5', '1.17.0'].map(refused)).toEqual([true, false]);
    }
    expect(egress({ toCIDRSet: [{ cidrGroupRef: 'missing' }] }).codes).toContain('cilium.cidr_group_missing');
    expect(egress({ toCIDRSet: [{ cidr: '8.0.0.0/8', cidrGroupRef: 'g' }] }).refused).toBe(true);
  });

  it('CNP-37: an exception that is larger than its block leaves nothing of it, and is refused from 1.20', () => {
    const policy = cnp({
      endpointSelector: {},
      egress: [{ toCIDRSet: [{ cidr: '8.8.0.0/16', except: ['8.0.0.0/8'] }] }],
    });
    const told = (version: string): unknown[] => {
      const world = new World([policy], { ...ON, version });
      return [world.refused, world.ask('n/fe', '8.8.8.8'), world.ask('n/fe', '9.9.9.9')];
    };
    expect(told('1.19.1')).toEqual([false, 'deny', 'deny']);
    expect(told('1.20.0')).toEqual([true, 'allow', 'allow']);
    expect(new World([policy]).refused).toBe(true);
    const elsewhere = { cidr: '8.8.0.0/16', except: ['8.9.0.0/24'] };
    const outside = new World([cnp({ endpointSelector: {}, egress: [{ toCIDRSet: [elsewhere] }] })], {
      version: '1.19.1',
    });
    expect(outside.refused).toBe(true);
  });

  it.each([
    ['beside a reserved key', { 'reserved:remote-node': '', zone: 'b' }, [], 'allow'],
    ['as any:', { 'reserved:remote-node': '', 'any:zone': 'b' }, [], 'allow'],
    ['of another value', { 'reserved:remote-node': '', zone: 'a' }, [], 'deny'],
    ['of source k8s', { 'reserved:remote-node': '', 'k8s:zone': 'b' }, [], 'deny'],
    ['that is there', { 'reserved:remote-node': '' }, [{ key: 'zone', operator: 'Exists' }], 'allow'],
    ['that must differ', { 'reserved:remote-node': '' }, [{ key: 'zone', operator: 'NotIn', values: ['b'] }], 'deny'],
    [
      'where no namespace is',
      { zone: 'b' },
      [{ key: 'io.kubernetes.pod.namespace', operator: 'DoesNotExist' }],
      'allow',
    ],
    ['of the cluster', { 'reserved:remote-node': '', 'k8s:io.cilium.k8s.policy.cluster': 'default' }, [], 'allow'],
    ['in the own namespace', { zone: 'b' }, [], 'deny'],
  ])('CNP-90: a node has a label %s', (_, matchLabels, matchExpressions, verdict) => {
    const policy = cnp({ endpointSelector: {}, egress: [{ toEndpoints: [{ matchLabels, matchExpressions }] }] });
    const world = new World([policy], { ...ON, engine: 'cilium', version: '1.20.2', 'cluster-name': 'default' });
    expect(['node-2', 'node-1', '8.8.8.8'].map((to) => world.ask('n/fe', to))).toEqual([verdict, 'deny', 'deny']);
    const without = { 'enable-node-selector-labels': 'false', engine: 'cilium', version: '1.20.2' };
    const differs = matchExpressions.some(({ operator }) => operator === 'NotIn');
    expect(new World([policy], without).ask('n/fe', 'node-2')).toBe(differs ? 'allow' : 'deny');
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

  it.each([
    [{ fromEndpoints: [] }, 'deny'],
    [{ fromCIDR: [] }, 'deny'],
    [{ fromEntities: ['all'], fromNodes: [] }, 'deny'],
    [{ fromEndpoints: [{}], fromCIDRSet: [] }, 'deny'],
    [{ fromEndpoints: [{}], fromGroups: [] }, 'allow'],
    [{ fromGroups: [] }, 'allow'],
  ])('CNP-32: beside a port %j is %s for a peer', (peers, verdict) => {
    const policy = cnp({ endpointSelector: WEB, ingress: [{ ...peers, toPorts: [port('80')] }] });
    expect(new World([policy]).ask('n/fe', 'n/web', { port: 80 })).toBe(verdict);
    const portless = new World([cnp({ endpointSelector: WEB, ingress: [peers] })]);
    expect(portless.ask('n/fe', 'n/web')).toBe('fromEndpoints' in peers ? verdict : 'deny');
  });

  it.each([
    [{ toFQDNs: [] }, 'is empty, which counts as absent, so its ports are for any peer'],
    [{ toServices: [] }, 'is empty, which counts as absent, so its ports are for any peer'],
    [{ toCIDR: ['10.0.0.0/8'], toEntities: [] }, 'matches nobody, as `toEntities` beside it is empty'],
  ])('CNP-32: %j is told of', (peers, message) => {
    const world = new World([cnp({ endpointSelector: {}, egress: [{ ...peers, toPorts: [port('443')] }] })]);
    expect(world.messages).toEqual([message]);
    expect(world.ask('n/fe', '8.8.8.8', { port: 443 })).toBe('toCIDR' in peers ? 'deny' : 'allow');
    expect(world.ask('n/fe', '8.8.8.8', { port: 80 })).toBe('deny');
  });

  const services = (rule: object, deny: boolean, ...objects: unknown[]): string[] => {
    const open = { egress: [{ toEntities: ['all'] }], egressDeny: [rule] };
    const world = new World([...objects, cnp({ endpointSelector: {}, ...(deny ? open : { egress: [rule] }) })]);
    return ['n/web', '8.8.8.8'].map((to) => world.ask('n/fe', to, { port: 443 }));
  };
  const webService = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'n', labels: { tier: 'back' } },
    spec: { ports: [{ port: 80 }], selector: { app: 'web' } },
  };
  const bareService = { ...webService, metadata: { name: 'bare', namespace: 'n' }, spec: { ports: [{ port: 80 }] } };
  const byName = (serviceName: string): object => ({ toServices: [{ k8sService: { serviceName } }] });

  it('CNP-83: a rule that denies Services denies nobody, beside ports everybody', () => {
    expect(services(byName('web'), true, webService)).toEqual(['allow', 'allow']);
    expect(services({ ...byName('web'), toPorts: [port('443')] }, true, webService)).toEqual(['deny', 'deny']);
    expect(services({ ...byName('web'), toPorts: [port('80')] }, true, webService)).toEqual(['allow', 'allow']);
  });

  it('CNP-84: ports beside Services that lead nowhere are for any peer', () => {
    const beside = (name: string): object => ({ ...byName(name), toPorts: [port('443')] });
    expect(services(beside('web'), false, webService)).toEqual(['allow', 'deny']);
    expect(services(beside('bare'), false, bareService)).toEqual(['allow', 'allow']);
    expect(services(beside('gone'), false)).toEqual(['allow', 'allow']);
    expect(services(byName('gone'), false)).toEqual(['deny', 'deny']);
    expect(services({ ...byName('gone'), toPorts: [port('80')] }, false)).toEqual(['deny', 'deny']);
  });

  it.each([
    ['fromEntities', ['nowhere']],
    ['fromCIDR', ['10.0.0.0/40']],
    ['fromCIDRSet', [{}]],
    ['fromNodes', [{ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }]],
  ])('CNP-32: what stands beside an empty list has to be readable: %s', (field, value) => {
    expect(ingress({ fromEndpoints: [], [field]: value }).refused).toBe(true);
  });

  it.each([
    ['web'],
    [{ k8sService: 'web' }],
    [{ k8sService: { serviceName: 7 } }],
    [{ k8sService: { serviceName: 'web', namespace: [] } }],
    [{ k8sServiceSelector: { selector: {}, namespace: 7 } }],
  ])('CNP-40: %j is no Service', (service) => {
    expect(egress({ toServices: [service] }).refused).toBe(true);
  });

  it.each(['First', 'a b', '', 'a..b', 7])('CNP-37: `%s` names no group of blocks', (cidrGroupRef) => {
    expect(ingress({ fromCIDRSet: [{ cidrGroupRef }] }).refused).toBe(true);
  });

  const CLUSTER = 'io.cilium.k8s.policy.cluster';
  const MESH = { ...ON, 'cluster-id': '3', 'cluster-name': 'here' };
  it.each([
    ['1.18.4', {}, 'unknown'],
    ['1.19.1', {}, 'deny'],
    ['1.19.1', { matchLabels: { [CLUSTER]: 'there' } }, 'unknown'],
    ['1.19.1', { matchLabels: { [`k8s:${CLUSTER}`]: 'here' } }, 'deny'],
    ['1.19.1', { matchExpressions: [{ key: CLUSTER, operator: 'Exists' }] }, 'unknown'],
    ['1.19.1', { matchExpressions: [{ key: CLUSTER, operator: 'DoesNotExist' }] }, 'deny'],
  ])('CNP-87: in a mesh of release %s %j is %s for a private address', (version, peer, verdict) => {
    const policy = cnp({ endpointSelector: WEB, ingress: [{ fromEndpoints: [peer] }] });
    const local = { 'policy-default-local-cluster': String(version === '1.19.1') };
    const world = new World([policy], { ...MESH, ...local, engine: 'cilium', version });
    expect(world.ask('10.77.0.1', 'n/web')).toBe(verdict);
    expect(world.ask('203.0.113.9', 'n/web')).toBe('deny');
    const alone = new World([policy], { ...ON, ...local, engine: 'cilium', version });
    expect(alone.ask('10.77.0.1', 'n/web')).toBe('deny');
  });

  it('CNP-40: a name beside a selector of Services is ignored', () => {
    const none = { matchLabels: { tier: 'none' } };
    const both = { k8sService: { serviceName: 'web' }, k8sServiceSelector: { selector: none } };
    expect(services({ toServices: [both] }, false, webService)).toEqual(['deny', 'deny']);
  });

  it('CNP-41: cloud groups are unknown outside the cluster', () => {
    const world = egress({ toGroups: [{ aws: { securityGroupsIds: ['sg-1'] } }] });
    expect(['8.8.8.8', 'n/web'].map((to) => world.ask('n/fe', to))).toEqual(['unknown', 'deny']);
  });

  it('CNP-47: before 1.20 a policy with cloud groups leaves the word to the one that is derived from it', () => {
    const groups = [{ aws: { securityGroupsIds: ['sg-1'] } }];
    const spec = { endpointSelector: {}, egress: [{ toGroups: groups }, { toEntities: ['cluster'] }] };
    const parent = cnp(spec) as { metadata: object };
    const uid = '11bba160-ddca-11e8-b697-0800273b04ff';
    const original = { ...parent, metadata: { ...parent.metadata, uid } };
    const derived = cnp(
      { endpointSelector: {}, egress: [{ toCIDRSet: [{ cidr: '8.8.8.8/32' }] }] },
      `p-togroups-${uid}`,
    );
    const labels = { 'io.cilium.network.policy.parent.uuid': uid };
    const derivative = { ...(derived as object), metadata: { ...(derived as typeof original).metadata, labels } };
    const asked = (version: string, ...policies: unknown[]): string[] => {
      const world = new World(policies, { ...ON, version });
      return ['8.8.8.8', '9.9.9.9', 'n/web'].map((to) => world.ask('n/fe', to));
    };
    expect(asked('1.19.2', original, derivative)).toEqual(['allow', 'deny', 'deny']);
    expect(asked('1.19.2', original)).toEqual(['unknown', 'unknown', 'allow']);
    expect(asked('1.20.0', original, derivative)).toEqual(['allow', 'unknown', 'allow']);
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
    expect([later.ask('n/fe', 'n/web'), later.refused]).toEqual(['allow', true]);
  });

  it.each(['010.0.0.0/8', '10.0.0.0/08', '10.0.0.01'])('CNP-36: the agent refuses the zero of %s', (block) => {
    expect(egress({ toCIDR: [block] }).codes).toContain('cilium.cidr_zero');
  });

  it('CNP-36: IPv4 that is written as IPv6 is nobody, and no exception of IPv4', () => {
    const mapped = '::ffff:8.0.0.0/104';
    for (const rule of [{ toCIDR: [mapped] }, { toCIDRSet: [{ cidr: mapped, except: ['::ffff:8.8.0.0/112'] }] }]) {
      const world = egress(rule);
      expect([world.ask('n/fe', '8.1.1.1'), world.refused]).toEqual(['deny', false]);
    }
    expect(egress({ toCIDR: [mapped, '8.0.0.0/8'] }).ask('n/fe', '8.1.1.1')).toBe('allow');
    const mixed = egress({ toCIDRSet: [{ cidr: '8.0.0.0/8', except: ['::ffff:8.8.0.0/112'] }] });
    expect([mixed.codes, mixed.refused]).toEqual([['cilium.cidr_mapped', 'cilium.cidr_except'], true]);
  });

  it('CNP-36: the API server refuses an address without the length of its prefix', () => {
    expect(egress({ toCIDR: ['9.9.9.9'] }).codes).toEqual(['cidr.invalid']);
  });

  it.each([
    ['a/b/c', true],
    ['Example.org/app', true],
    ['my-source:app', true],
    ['k8s:a:b', true],
    ['k8s:io.cilium.k8s.namespace.labels.example.org/app', false],
  ])('CNP-10: the key %s, refused: %s', (key, refused) => {
    expect(egress({ toEndpoints: [{ matchLabels: { [key]: 'x' } }] }).refused).toBe(refused);
  });
});
