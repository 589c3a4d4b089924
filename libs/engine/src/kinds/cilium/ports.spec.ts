import { describe, expect, it } from '@jest/globals';
import type { Flow } from '../../eval/flow.js';
import { ICMP, ICMPV6, SCTP, TCP, UDP } from '../../model/index.js';
import { rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { ccnp, cnp, WEB, ON, World, ingress, egress, port } from '../../testing/cilium-world.js';

const HTTP_PORT = [{ port: '8080', protocol: 'TCP' }];

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

  describe('CNP-55: a port name of egress', () => {
    const second = rawPod('m/second', { ip: '10.0.2.8', ports: [{ name: 'http', containerPort: 80 }] });
    const nameless = rawPod('m/nameless', { ip: '10.0.2.9' });
    const allow = cnp({ endpointSelector: {}, egress: [{ toPorts: [port('http')] }] });
    const deny = cnp({
      endpointSelector: {},
      egress: [{ toEntities: ['all'] }],
      egressDeny: [{ toPorts: [port('http')] }],
    });
    const standard = rawNetworkPolicy('n/standard', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 'http' }] }],
    });
    /** What becomes of web, which has the name, of a pod that lacks it, and of an address outside. */
    const asked = (policy: unknown, version: string | null, ...pods: readonly unknown[]): string[] => {
      const world = new World([policy, nameless, ...pods], version === null ? {} : { engine: 'cilium', version });
      return ['n/web', 'm/nameless', '8.8.8.8'].map((to) => world.ask('n/fe', to));
    };

    it.each([null, '1.20.2'])('is that of each destination (version %s)', (version) => {
      for (const pods of [[], [second]]) {
        expect(asked(allow, version, ...pods)).toEqual(['allow', 'deny', 'deny']);
        expect(asked(deny, version, ...pods)).toEqual(['deny', 'allow', 'allow']);
        expect(asked(standard, version, ...pods)).toEqual(['allow', 'deny', 'deny']);
      }
    });

    it('is none of a pod on the host network', () => {
      const port9100 = [{ name: 'metrics', containerPort: 9100 }];
      const pods = [
        rawPod('m/exporter', { ip: '172.18.0.2', node: 'node-1', hostNetwork: true, ports: port9100 }),
        rawPod('m/other', { ip: '10.0.2.10', ports: port9100 }),
      ];
      const own = cnp({ endpointSelector: {}, egress: [{ toEntities: ['all'], toPorts: [port('metrics')] }] });
      const standard = rawNetworkPolicy('n/standard', {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ ports: [{ port: 'metrics' }] }],
      });
      for (const policy of [own, standard]) {
        const asked = (version: string): string[] => {
          const world = new World([policy, ...pods], { engine: 'cilium', version });
          return ['m/exporter', 'm/other'].map((to) => world.ask('n/web', to, { port: 9100 }));
        };
        expect(asked('1.20.0')).toEqual(['deny', 'allow']);
        expect(asked('1.19.3')).toEqual(['allow', 'allow']);
      }
    });

    it('is the one number of the cluster before 1.20', () => {
      expect(asked(allow, '1.19.3')).toEqual(['allow', 'allow', 'allow']);
      expect(asked(deny, '1.19.3')).toEqual(['deny', 'deny', 'deny']);
      expect(asked(standard, '1.19.3')).toEqual(['allow', 'allow', 'allow']);
      expect(asked(allow, '1.19.3', second)).toEqual(['deny', 'deny', 'deny']);
      expect(asked(deny, '1.19.3', second)).toEqual(['allow', 'allow', 'allow']);
      expect(asked(standard, '1.19.3', second)).toEqual(['deny', 'deny', 'deny']);
    });

    it('is open where the version is not known and the two differ', () => {
      expect(asked(allow, '')).toEqual(['allow', 'unknown', 'unknown']);
      expect(asked(allow, '', second)).toEqual(['unknown', 'deny', 'deny']);
      expect(asked(deny, '', second)).toEqual(['unknown', 'allow', 'allow']);
      expect(asked(standard, '')).toEqual(['allow', 'unknown', 'unknown']);
      expect(asked(standard, '', second)).toEqual(['unknown', 'deny', 'deny']);
    });
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

  it.each([
    [
      { ports: [{ port: '80', protocol: 'tcp' }] },
      '',
      'expected TCP, UDP, SCTP or ANY, found text `tcp`; write it in capitals',
    ],
    [{ ports: [{ port: '80', protocol: '' }] }, '', 'expected TCP, UDP, SCTP or ANY, found text ``'],
    [{ ports: HTTP_PORT, rules: {} }, '', 'needs exactly one of `http`, `dns`, `kafka` and `l7proto`'],
    [
      { ports: HTTP_PORT, rules: { http: [], kafka: [] } },
      '',
      'needs exactly one of `http`, `dns`, `kafka` and `l7proto`',
    ],
    [{ ports: HTTP_PORT, rules: {} }, '1.15.4', null],
    [{ ports: HTTP_PORT, rules: { http: [] } }, '', null],
  ])('CNP-56 CNP-51: %j in release `%s` gives %j', (rule, version, message) => {
    const policy = cnp({ endpointSelector: WEB, ingress: [{ toPorts: [rule] }] });
    const { refused, messages } = new World([policy], { ...ON, version });
    expect([refused, messages[0] ?? null]).toEqual([message !== null, message]);
  });

  it.each([
    ['serverNames', { serverNames: ['a.org'] }],
    ['a listener', { listener: { name: 'l', envoyConfig: { name: 'c' } } }],
    ['terminatingTLS', { terminatingTLS: { secret: { name: 's' } } }],
  ])('CNP-86: %s lets nothing pass where the proxy is off, and the policy stands', (_, asks) => {
    const rule = { toEntities: ['world'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }], ...asks }] };
    const other = { toEntities: ['world'], toPorts: [port('80')] };
    const verdicts = (off: string, more: object = {}): unknown[] => {
      const policy = cnp({ endpointSelector: {}, egress: [rule, other], ...more });
      const world = new World([policy], { ...ON, 'enable-l7-proxy': off });
      const l7 = { protocol: 'tls', fields: { sni: 'a.org' } };
      return [world.refused, ...[443, 80].map((number) => world.ask('n/fe', '8.8.8.8', { port: number, l7 }))];
    };
    expect(verdicts('false')).toEqual([false, 'deny', 'allow']);
    expect(verdicts('false', { enableDefaultDeny: { egress: false } })).toEqual([false, 'allow', 'allow']);
    expect(verdicts('true')[1]).not.toBe('deny');
  });

  const RESOLVER = { toEntities: ['world'] };
  it.each([
    ['without ports', { ...RESOLVER }, 'deny'],
    ['for every port', { ...RESOLVER, toPorts: [{ ports: [{ port: '0', protocol: 'UDP' }] }] }, 'deny'],
    ['for a range', { ...RESOLVER, toPorts: [{ ports: [{ port: '50', endPort: 60, protocol: 'UDP' }] }] }, 'deny'],
    ['by address', { toCIDR: ['0.0.0.0/0'] }, 'deny'],
    ['for the port', { ...RESOLVER, toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }] }, 'allow'],
    ['for the port among others', { toPorts: [{ ports: [{ port: '80' }, { port: '53', endPort: 53 }] }] }, 'allow'],
    ['for the port over TCP', { ...RESOLVER, toPorts: [{ ports: [{ port: '53', protocol: 'TCP' }] }] }, 'deny'],
  ])('CNP-58: a rule %s beside a DNS rule', (_, other, verdict) => {
    const dns = [{ matchName: 'a.org' }];
    const rule = { ...RESOLVER, toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns } }] };
    const policies = [
      cnp({ endpointSelector: {}, egress: [rule] }),
      cnp({ endpointSelector: {}, egress: [other] }, 'other'),
    ];
    const world = new World(policies, { ...ON, engine: 'cilium', version: '1.19.1' });
    const ask = (name: string): string =>
      world.ask('n/fe', '8.8.8.8', { protocol: UDP, port: 53, l7: { protocol: 'dns', fields: { name } } });
    expect([ask('a.org'), ask('b.org')]).toEqual(['allow', verdict]);
    expect(world.ask('n/fe', '8.8.8.8', { protocol: UDP, port: 54 })).toBe(
      new World(policies.slice(1), ON).ask('n/fe', '8.8.8.8', { protocol: UDP, port: 54 }),
    );
  });

  it.each([
    [
      'a rule with a mode',
      cnp({ endpointSelector: {}, egress: [{ ...RESOLVER, authentication: { mode: 'disabled' } }] }),
    ],
    ['a NetworkPolicy', rawNetworkPolicy('n/other', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] })],
  ])('CNP-58: %s without ports lifts a DNS rule here, as is told where we differ', (_, other) => {
    const toPorts = [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName: 'a.org' }] } }];
    const rule = cnp({ endpointSelector: {}, egress: [{ ...RESOLVER, toPorts }] }, 'dns');
    const ask = (...policies: readonly unknown[]): string =>
      new World(policies, { ...ON, engine: 'cilium', version: '1.19.1' }).ask('n/fe', '8.8.8.8', {
        protocol: UDP,
        port: 53,
        l7: { protocol: 'dns', fields: { name: 'b.org' } },
      });
    expect([ask(rule), ask(rule, other)]).toEqual(['deny', 'allow']);
  });

  it('CNP-56 CNP-68: DNS and Kafka rules', () => {
    const names = [{ matchName: 'example.org' }, { matchPattern: '*.example.org' }];
    const dns = egress({ toPorts: [{ ports: [{ port: '53' }], rules: { dns: names } }] });
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

  it('CNP-69: a policy for nodes has DNS rules alone, on egress, from 1.17 on', () => {
    const dns = { ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName: 'example.com' }] } };
    const http = { ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ path: '/' }] } };
    const refused = (spec: object, version: string): boolean =>
      new World([ccnp({ nodeSelector: {}, ...spec })], { ...ON, version }).refused;
    const versions = ['1.16.9', '1.17.0', ''];
    expect(versions.map((version) => refused({ egress: [{ toPorts: [dns] }] }, version))).toEqual([true, false, false]);
    expect(versions.map((version) => refused({ egress: [{ toPorts: [http] }] }, version))).toEqual([true, true, true]);
    expect(versions.map((version) => refused({ ingress: [{ toPorts: [http] }] }, version))).toEqual([true, true, true]);
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
