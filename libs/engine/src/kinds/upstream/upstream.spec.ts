import { describe, expect, it } from '@jest/globals';

import { TCP } from '../../model/index.js';
import { ReachMatrix } from '../../reach/matrix/index.js';
import {
  ALL_PODS,
  anp,
  banp,
  CLIENT,
  cnp,
  isolateClient,
  isolateServer,
  rule,
  SERVER,
  world,
} from '../../testing/upstream.js';

describe('upstream policy: evaluation', () => {
  it('UP-1 admin before NetworkPolicy, baseline after it', () => {
    const deny = [rule('Deny', [SERVER])];
    expect(world([anp(1, { egress: deny })]).ask('a/client', 'b/server')).toBe('deny');
    const allow = anp(1, { ingress: [{ action: 'Allow', from: [CLIENT] }] });
    expect(world([allow, isolateServer]).ask('a/client', 'b/server')).toBe('allow');
    expect(
      world([banp({ ingress: [{ action: 'Allow', from: [CLIENT] }] }), isolateServer]).ask('a/client', 'b/server'),
    ).toBe('deny');
    expect(world([banp({ egress: deny })]).ask('a/client', 'b/server')).toBe('deny');
  });

  it('UP-2 lower priority first, then the order of rules', () => {
    const first = anp(1, { egress: [rule('Allow', [SERVER])] });
    const second = anp(2, { egress: [rule('Deny', [ALL_PODS])] });
    expect(world([second, first]).ask('a/client', 'b/server')).toBe('allow');
    expect(world([second, first]).ask('a/client', 'b/other')).toBe('deny');
    const both = anp(1, { egress: [rule('Deny', [SERVER]), rule('Allow', [SERVER])] });
    expect(world([both]).ask('a/client', 'b/server')).toBe('deny');
  });

  it('UP-3 pass leaves the tier', () => {
    const pass = cnp('Admin', 1, { egress: [rule('Pass', [SERVER])] });
    const deny = cnp('Admin', 2, { egress: [rule('Deny', [SERVER])] });
    expect(world([pass, deny]).ask('a/client', 'b/server')).toBe('allow');
    expect(world([pass, deny, isolateClient]).ask('a/client', 'b/server')).toBe('deny');
    const baseline = [
      cnp('Baseline', 1, { egress: [rule('Pass', [SERVER])] }),
      cnp('Baseline', 2, { egress: [rule('Deny', [SERVER])] }),
    ];
    expect(world(baseline).ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-4 isolation counts per direction, unless the engine decides both at once', () => {
    const policies = [isolateServer, banp({ egress: [rule('Deny', [CLIENT])] })];
    expect(world(policies).ask('b/server', 'a/client')).toBe('deny');
    expect(world(policies, { knpDecidesBothDirections: true }).ask('b/server', 'a/client')).toBe('allow');
  });

  it('UP-6 equal priorities that disagree are unknown, those that agree are not', () => {
    const allow = cnp('Admin', 5, { egress: [rule('Accept', [SERVER])] }, 'x');
    const deny = cnp('Admin', 5, { egress: [rule('Deny', [ALL_PODS])] }, 'y');
    expect(world([allow, deny]).ask('a/client', 'b/server')).toBe('unknown');
    expect(world([allow, deny]).ask('a/client', 'b/other')).toBe('deny');
  });

  it('UP-6 rules of one policy keep their order among equal priorities', () => {
    const ordered = cnp('Admin', 5, { egress: [rule('Accept', [SERVER]), rule('Deny', [SERVER])] }, 'x');
    const agrees = cnp('Admin', 5, { egress: [rule('Deny', [CLIENT]), rule('Accept', [SERVER])] }, 'y');
    expect(world([ordered, agrees]).ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-6 a pass counts as what it leads to', () => {
    const pass = cnp('Admin', 5, { egress: [rule('Pass', [SERVER])] }, 'x');
    const allow = cnp('Admin', 5, { egress: [rule('Accept', [SERVER])] }, 'y');
    const deny = cnp('Admin', 5, { egress: [rule('Deny', [SERVER])] }, 'z');
    expect(world([pass, allow]).ask('a/client', 'b/server')).toBe('allow');
    expect(world([pass, allow, isolateClient]).ask('a/client', 'b/server')).toBe('unknown');
    expect(world([pass, deny]).ask('a/client', 'b/server')).toBe('unknown');
    expect(world([pass, deny, isolateClient]).ask('a/client', 'b/server')).toBe('deny');
  });

  it('UP-6 the matrix of all pairs brackets ties as the answers do', () => {
    const policies = [
      cnp('Admin', 5, { egress: [rule('Pass', [SERVER]), rule('Deny', [ALL_PODS])] }, 'x'),
      cnp('Admin', 5, { egress: [rule('Accept', [ALL_PODS])] }, 'y'),
      isolateClient,
    ];
    const tied = world(policies);
    const set = tied.snapshot.intended.sets[0];
    if (set === undefined) throw new Error('no policy set');
    const matrix = new ReachMatrix(set, tied.snapshot.endpoints);
    const port = matrix.ports.find((candidate) => candidate.protocol === TCP);
    if (port === undefined) throw new Error('no port class');
    const classOf = (name: string): number => {
      const index = tied.snapshot.endpoints.findIndex((endpoint) => endpoint.name === name);
      return matrix.classes.classOf[index] as number;
    };
    const reaches = (from: string, to: string, bracket: 'certain' | 'possible'): boolean => {
      let found = false;
      matrix.forEachSource(
        [port],
        (source, [row]) => {
          const bit = classOf(to);
          if (source === classOf(from)) found = ((row?.[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
        },
        bracket,
      );
      return found;
    };
    for (const [from, to] of [
      ['client', 'server'],
      ['server', 'other'],
      ['other', 'server'],
    ] as const) {
      const verdict = tied.ask(from === 'client' ? 'a/client' : `b/${from}`, `b/${to}`);
      const expected = reaches(from, to, 'certain') ? 'allow' : reaches(from, to, 'possible') ? 'unknown' : 'deny';
      expect(`${from} ${to} ${expected}`).toBe(`${from} ${to} ${verdict}`);
    }
  });

  it('UP-7 and UP-8 host-network pods are neither subject nor pod peer', () => {
    const denied = world([anp(1, { egress: [rule('Deny', [SERVER])], ingress: [{ action: 'Deny', from: [SERVER] }] })]);
    expect(denied.ask('b/agent', 'b/other')).toBe('allow');
    expect(denied.ask('b/other', 'b/agent')).toBe('allow');
    expect(denied.ask('8.8.8.8', 'b/other')).toBe('allow');
  });

  it('UP-9 networks match pods and ICMP, one family each', () => {
    const policy = cnp('Admin', 1, { egress: [rule('Deny', [{ networks: ['10.0.0.0/8'] }])] });
    expect(world([policy]).ask('a/client', 'b/server', 'ICMP')).toBe('deny');
    expect(world([policy]).ask('a/client', '8.8.8.8')).toBe('allow');
  });

  it('UP-10 nodes are chosen by label and matched by address', () => {
    const nodes = { nodes: { matchLabels: { zone: 'y' } } };
    const policy = world([cnp('Admin', 1, { egress: [rule('Deny', [nodes])] })], { podToOwnNode: false });
    expect(policy.ask('a/client', 'node:node-2')).toBe('deny');
    expect(policy.ask('a/client', 'node:node-1')).toBe('allow');
    expect(policy.ask('a/client', 'b/other')).toBe('allow');
    const all = world([anp(1, { egress: [rule('Deny', [{ nodes: {} }])] })], { podToOwnNode: false });
    expect(all.ask('a/client', 'b/agent')).toBe('deny');
  });

  it('UP-11 domain names: exact, or any depth below', () => {
    const policies = [
      anp(1, { egress: [rule('Allow', [{ domainNames: ['*.example.com', 'one.org.'] }])] }),
      anp(2, { egress: [rule('Deny', [{ networks: ['0.0.0.0/0', '::/0'] }])] }),
    ];
    const names = world(policies);
    expect(names.ask('a/client', 'a.example.com')).toBe('allow');
    expect(names.ask('a/client', 'b.A.example.com')).toBe('allow');
    expect(names.ask('a/client', 'example.com')).toBe('deny');
    expect(names.ask('a/client', 'one.org')).toBe('allow');
    expect(names.ask('a/client', '8.8.8.8')).toBe('unknown');
    expect(names.ask('a/client', 'b/server')).toBe('deny');
  });

  it('UP-12 domain names outside an allow fail closed', () => {
    const policy = anp(1, { egress: [rule('Pass', [{ domainNames: ['example.com'] }])] });
    expect(world([policy]).ask('a/client', 'b/server')).toBe('deny');
  });

  it('UP-13 ports', () => {
    const ports = [
      { portNumber: { port: 80 } },
      { portRange: { protocol: 'UDP', start: 100, end: 200 } },
      { namedPort: 'dns' },
    ];
    const policy = world([anp(1, { egress: [rule('Deny', [ALL_PODS], { ports })] })]);
    const asked = ['TCP/80', 'UDP/80', 'UDP/100', 'UDP/200', 'UDP/201', 'UDP/53', 'TCP/53', 'ICMP'];
    expect(asked.filter((port) => policy.ask('a/client', 'b/server', port) === 'deny')).toEqual([
      'TCP/80',
      'UDP/100',
      'UDP/200',
      'UDP/53',
    ]);
    const protocols = [
      { sctp: { destinationPort: { number: 9 } } },
      { tcp: { destinationPort: { range: { start: 1, end: 5 } } } },
    ];
    const second = world([cnp('Baseline', 0, { egress: [rule('Deny', [ALL_PODS], { protocols })] })]);
    expect(['SCTP/9', 'TCP/9', 'TCP/5', 'TCP/6'].map((port) => second.ask('a/client', 'b/server', port))).toEqual([
      'deny',
      'allow',
      'deny',
      'allow',
    ]);
  });

  it('UP-14 an unknown or empty peer fails closed', () => {
    const ports = [{ portNumber: { port: 80 } }];
    for (const strange of [{}, { services: { name: 'x' } }]) {
      const deny = world([anp(1, { egress: [rule('Deny', [SERVER, strange], { ports })] })]);
      expect(deny.ask('a/client', '8.8.8.8', 'UDP/1')).toBe('deny');
      expect(deny.problems).toEqual(['error adminpolicy.peer_unknown /spec/egress/0/to/1']);
      expect(world([anp(1, { egress: [rule('Pass', [strange])] })]).ask('a/client', 'b/server')).toBe('deny');
      const allow = anp(1, { egress: [rule('Allow', [SERVER, strange])] });
      expect(world([allow, isolateClient]).ask('a/client', 'b/server')).toBe('deny');
      expect(world([allow]).ask('a/client', 'b/server')).toBe('allow');
    }
    const nodes = anp(1, { ingress: [{ action: 'Deny', from: [{ nodes: {} }] }] });
    expect(world([nodes]).ask('a/client', 'b/server')).toBe('deny');
  });

  it('UP-15 peers of former versions may or may not match', () => {
    const policy = world([anp(1, { egress: [rule('Deny', [{ namespaces: { sameLabels: ['team'] } }])] })]);
    expect(policy.ask('a/client', 'b/server')).toBe('unknown');
    expect(policy.ask('a/client', '8.8.8.8')).toBe('allow');
    expect(policy.problems).toEqual(['unsupported adminpolicy.peer_removed /spec/egress/0/to/0/namespaces']);
  });

  it('UP-16 a protocol match of a newer API may or may not match', () => {
    const protocols = [{ tcp: { destinationPort: { number: 80 } } }, { gre: {} }];
    const policy = world([cnp('Admin', 1, { egress: [rule('Deny', [SERVER], { protocols })] })]);
    expect(policy.ask('a/client', 'b/server', 'TCP/80')).toBe('deny');
    expect(policy.ask('a/client', 'b/server', 'TCP/81')).toBe('unknown');
    expect(policy.ask('a/client', 'b/other', 'TCP/81')).toBe('allow');
  });
});

describe('upstream policy: what is refused', () => {
  const refusals: readonly (readonly [string, unknown, string])[] = [
    ['UP-20 no priority', anp(undefined, {}), 'adminpolicy.number /spec/priority'],
    ['UP-20 a priority beyond the end', anp(1001, {}), 'adminpolicy.number /spec/priority'],
    ['UP-20 a priority as text', cnp('Admin', '1', {}), 'adminpolicy.number /spec/priority'],
    ['UP-20 another tier', cnp('Default', 1, {}), 'adminpolicy.tier /spec/tier'],
    ['UP-21 another name', banp({}, 'other'), 'adminpolicy.singleton /metadata/name'],
    ['UP-22 an empty subject', anp(1, { subject: {} }), 'adminpolicy.subject /spec/subject'],
    ['UP-22 a subject with both', anp(1, { subject: { ...ALL_PODS, ...CLIENT } }), 'adminpolicy.subject /spec/subject'],
    ['UP-22 a subject of another sort', anp(1, { subject: { nodes: {} } }), 'adminpolicy.subject /spec/subject'],
    [
      'UP-22 a peer with two fields',
      anp(1, { egress: [rule('Deny', [{ ...ALL_PODS, ...CLIENT }])] }),
      'adminpolicy.peer_mixed /spec/egress/0/to/0',
    ],
    ['UP-23 no peers', anp(1, { ingress: [{ action: 'Deny' }] }), 'adminpolicy.peers_missing /spec/ingress/0/from'],
    [
      'UP-23 another action',
      cnp('Admin', 1, { egress: [rule('Allow', [ALL_PODS])] }),
      'adminpolicy.action /spec/egress/0/action',
    ],
    [
      'UP-23 pass in the baseline',
      banp({ egress: [rule('Pass', [ALL_PODS])] }),
      'adminpolicy.action /spec/egress/0/action',
    ],
    [
      'UP-23 a name that is no text',
      anp(1, { egress: [rule('Deny', [ALL_PODS], { name: 7 })] }),
      'adminpolicy.name /spec/egress/0/name',
    ],
    [
      'UP-24 too many rules',
      cnp('Admin', 1, { egress: Array.from({ length: 26 }, () => rule('Deny', [ALL_PODS])) }),
      'adminpolicy.limit /spec/egress',
    ],
    [
      'UP-25 two fields in a port',
      anp(1, { egress: [rule('Deny', [ALL_PODS], { ports: [{ portNumber: { port: 1 }, namedPort: 'x' }] })] }),
      'adminpolicy.port /spec/egress/0/ports/0',
    ],
    [
      'UP-25 an empty range',
      anp(1, { egress: [rule('Deny', [ALL_PODS], { ports: [{ portRange: { start: 2, end: 2 } }] })] }),
      'adminpolicy.port_range /spec/egress/0/ports/0/portRange',
    ],
    [
      'UP-25 a protocol without a port',
      cnp('Admin', 1, { egress: [rule('Deny', [ALL_PODS], { protocols: [{ tcp: {} }] })] }),
      'adminpolicy.type /spec/egress/0/protocols/0/tcp/destinationPort',
    ],
    [
      'UP-25 no protocols',
      cnp('Admin', 1, { egress: [rule('Deny', [ALL_PODS], { protocols: [] })] }),
      'adminpolicy.ports_empty /spec/egress/0/protocols',
    ],
    [
      'UP-25 a port name that is no text',
      anp(1, { egress: [rule('Deny', [ALL_PODS], { ports: [{ namedPort: 8080 }] })] }),
      'adminpolicy.named_port /spec/egress/0/ports/0/namedPort',
    ],
    [
      'UP-26 a network twice',
      anp(1, { egress: [rule('Deny', [{ networks: ['10.0.0.0/8', '10.0.0.0/8'] }])] }),
      'adminpolicy.networks /spec/egress/0/to/0/networks/1',
    ],
    [
      'UP-26 an empty list of domain names',
      anp(1, { egress: [rule('Allow', [{ domainNames: [] }])] }),
      'adminpolicy.domain_names /spec/egress/0/to/0/domainNames',
    ],
    [
      'UP-26 no network',
      anp(1, { egress: [rule('Deny', [{ networks: ['10.0.0.0'] }])] }),
      'cidr.invalid /spec/egress/0/to/0/networks/0',
    ],
    ...['010.0.0.0/8', '10.0.0.0/08', '::ffff:10.0.0.0/104', '0000:0000:0000:0000:0000:0064:255.255.255.255/128'].map(
      (network): [string, unknown, string] => [
        `UP-26 a network in the form of ${network}`,
        cnp('Admin', 1, { egress: [rule('Deny', [{ networks: [network] }])] }),
        'cidr.form /spec/egress/0/to/0/networks/0',
      ],
    ),
    [
      'UP-26 no domain name',
      anp(1, { egress: [rule('Allow', [{ domainNames: ['a.*.com'] }])] }),
      'adminpolicy.domain_name /spec/egress/0/to/0/domainNames/0',
    ],
  ];

  it.each(refusals)('%s', (_, policy, problem) => {
    const refused = world([policy, anp(2, {}, 'fine')]);
    expect(refused.problems).toEqual([`error ${problem}`]);
    expect(refused.ask('a/client', 'b/server')).toBe('allow');
  });

  it('UP-27 a port name beside networks is an error and matches pods only', () => {
    const ports = [{ namedPort: 'http' }];
    const policy = world([anp(1, { egress: [rule('Deny', [{ networks: ['0.0.0.0/0'] }], { ports })] })]);
    expect(policy.problems).toEqual(['error adminpolicy.named_port_peer /spec/egress/0/ports']);
    expect(policy.ask('a/client', '8.8.8.8', 'TCP/8080')).toBe('allow');
  });

  it('UP-28 a missing selector is read as empty, with a warning where it is required', () => {
    const peer = { pods: { podSelector: {} } };
    const first = world([anp(1, { egress: [rule('Deny', [peer])] })]);
    expect(first.problems).toEqual(['suspect adminpolicy.selector_missing /spec/egress/0/to/0/pods/namespaceSelector']);
    expect(first.ask('a/client', 'b/server')).toBe('deny');
    expect(world([cnp('Admin', 1, { egress: [rule('Deny', [peer])] })]).problems).toEqual([]);
  });

  it('takes any value without a throw', () => {
    const junk: readonly unknown[] = [
      null,
      0,
      '',
      'x',
      [],
      {},
      [[]],
      [null],
      { toString: 1 },
      JSON.parse('{"__proto__":1}'),
    ];
    for (const value of junk) {
      for (const key of ['priority', 'subject', 'ingress', 'egress', 'tier']) {
        const spec = { [key]: value };
        const bad = [anp(1, spec, 'j1'), cnp('Admin', 1, spec, 'j2'), banp(spec)];
        expect(() => world(bad).ask('a/client', 'b/server')).not.toThrow();
      }
      const rules = {
        egress: [value, rule('Deny', [value], { ports: [value] })],
        ingress: [{ from: value, protocols: value }],
      };
      expect(() => world([anp(1, rules), cnp('Admin', 1, rules), banp(rules)])).not.toThrow();
    }
  });
});
