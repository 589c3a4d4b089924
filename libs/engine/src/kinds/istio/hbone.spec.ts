import { describe, expect, it } from '@jest/globals';

import { rawNetworkPolicy } from '../../testing/index.js';
import { authorization, MESH, world, from, to } from '../../testing/mesh.js';
import { PolicyWorld } from '../../testing/policy-world.js';

/** The mesh on a Calico that marks what is the mesh's. */
const marked = (...objects: readonly unknown[]): PolicyWorld =>
  new PolicyWorld([...MESH, ...objects], { options: { 'istio-ambient-mode': 'enabled' } });

describe('the mesh and NetworkPolicy', () => {
  const netpol = (port: number, namespace = 'amb'): unknown => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'n', namespace },
    spec: { podSelector: {}, ingress: [{ ports: [{ port }] }] },
  });

  it('IM-33 tells of an ambient workload that does not open 15008', () => {
    expect(world(netpol(80)).problems).toEqual(['suspect istio.port_15008 /spec/ingress']);
    expect(world(netpol(15008)).problems).toEqual([]);
    expect(world(netpol(80, 'plain')).problems).toEqual([]);
  });

  it('IM-69 tells of none where packets of the mesh name the port of the workload', () => {
    expect(marked(netpol(80)).problems).toEqual([]);
  });

  it('IM-34 tells of 15006', () => {
    expect(world(netpol(15006, 'side')).problems).toEqual(['suspect istio.port_15006 /spec/ingress/0/ports/0/port']);
  });
});

describe('what the CNI sees of the mesh', () => {
  const opened = (...ports: readonly number[]): unknown => openedBy('in', ...ports);
  const openedBy = (name: string, ...ports: readonly number[]): unknown =>
    rawNetworkPolicy(`amb/${name}`, {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [
        {
          from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'fe' } } }],
          ports: ports.map((port) => ({ port })),
        },
      ],
    });
  const clients = ['amb/fe', 'side/fe', 'plain/fe'];

  it.each([
    [[8080], 'TCP/8080', ['deny', 'unknown', 'allow']],
    [[15008], 'TCP/8080', ['allow', 'unknown', 'deny']],
    [[8080, 15008], 'TCP/8080', ['allow', 'allow', 'allow']],
    [[8080, 15008], 'TCP/9090', ['allow', 'unknown', 'deny']],
    [[8080, 15008], 'UDP/8080', ['deny', 'deny', 'deny']],
  ] as const)('IM-35 ports %j let pass %s from ambient, sidecar and plain clients: %j', (ports, port, verdicts) => {
    const w = world(opened(...ports));
    expect(clients.map((client) => w.ask(client, 'amb/web', port))).toEqual(verdicts);
  });

  it.each([
    [[8080], 'TCP/8080', ['allow', 'unknown', 'allow']],
    [[15008], 'TCP/8080', ['deny', 'unknown', 'deny']],
    [[9090], 'TCP/8080', ['deny', 'deny', 'deny']],
  ] as const)('IM-69 ports %j let pass %s from ambient, sidecar and plain clients: %j', (ports, port, verdicts) => {
    const w = marked(opened(...ports));
    expect(clients.map((client) => w.ask(client, 'amb/web', port))).toEqual(verdicts);
  });

  it('IM-69 holds for egress, to sidecars too', () => {
    const out = rawNetworkPolicy('amb/out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ ports: [{ port: 8080 }] }],
    });
    const asked = (w: PolicyWorld): string[] =>
      ['amb/web', 'side/web', '8.8.8.8'].map((server) => w.ask('amb/fe', server, 'TCP/8080'));
    expect(asked(marked(out))).toEqual(['allow', 'allow', 'allow']);
    expect(asked(world(out))).toEqual(['deny', 'deny', 'allow']);
  });

  it('IM-35 judges all rules together where a sidecar may use either port', () => {
    const asked = (...objects: readonly unknown[]): string => world(...objects).ask('side/fe', 'amb/web', 'TCP/8080');
    expect(asked(openedBy('port', 8080), openedBy('hbone', 15008))).toBe('allow');
    expect(asked(openedBy('port', 8080), openedBy('other', 9090))).toBe('unknown');
    expect(asked(openedBy('one', 9090), openedBy('other', 9091))).toBe('deny');
    const { verdict, ingress } = world(openedBy('port', 8080), openedBy('hbone', 15008)).decide(
      'side/fe',
      'amb/web',
      'TCP/8080',
    );
    expect([verdict, ingress.determining.map(({ policy }) => policy.name)]).toEqual(['allow', ['port', 'hbone']]);
  });

  it('IM-35 leaves the port of the workload to the mesh', () => {
    const w = world(opened(15008), authorization({ ...from({ namespaces: ['amb'] }), ...to({ ports: ['8080'] }) }));
    expect([w.ask('amb/fe', 'amb/web', 'TCP/8080'), w.ask('amb/fe', 'amb/web', 'TCP/9090')]).toEqual(['allow', 'deny']);
  });

  it('IM-35 holds for egress, and not for clients that are denied as peers', () => {
    const out = rawNetworkPolicy('amb/out', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }], ports: [{ port: 8080 }] }],
    });
    const w = world(out);
    expect(['amb/web', 'side/web', '8.8.8.8'].map((server) => w.ask('amb/fe', server, 'TCP/8080'))).toEqual([
      'deny',
      'deny',
      'deny',
    ]);
    expect(world(opened(15008)).ask('amb/web', 'amb/web', 'TCP/8080')).toBe('allow');
  });
});
