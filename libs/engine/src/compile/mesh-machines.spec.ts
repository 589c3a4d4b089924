import { describe, expect, it } from '@jest/globals';

import { rawNamespace, rawNetworkPolicy } from '../testing/index.js';
import { authentication, authorization, from, meshConfig, mode, networking, world } from '../testing/mesh.js';

const MACHINE = '10.9.0.7';
const entry = (spec: object = {}, name = 'vm', more: object = {}): unknown =>
  networking('WorkloadEntry', 'side', name, { address: MACHINE, serviceAccount: 'legacy', ...spec }, more);
const PRINCIPAL = { principals: ['cluster.local/ns/side/sa/legacy'] };
const only = (source: object, namespace = 'side'): unknown => authorization(from(source), namespace);

describe('a machine that is of the mesh (IM-53)', () => {
  it('has the identity of its entry, and no other address has', () => {
    const asked = (source: object, ...objects: readonly unknown[]): readonly string[] => {
      const w = world(only(source), ...objects);
      return [MACHINE, '10.9.0.8', 'side/fe', 'plain/fe'].map((client) => w.ask(client, 'side/web'));
    };
    expect(asked(PRINCIPAL, entry())).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(asked({ principals: ['cluster.local/ns/side/sa/leg*'] }, entry())).toEqual([
      'allow',
      'deny',
      'deny',
      'deny',
    ]);
    expect(asked({ serviceAccounts: ['side/legacy'] }, entry())).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(asked({ namespaces: ['side'] }, entry())).toEqual(['allow', 'deny', 'allow', 'deny']);
    expect(asked({ notNamespaces: ['side'] }, entry())).toEqual(['deny', 'allow', 'deny', 'allow']);
    expect(asked({ ipBlocks: ['10.9.0.0/16'] }, entry())).toEqual(['allow', 'allow', 'deny', 'deny']);
    expect(asked(PRINCIPAL)).toEqual(['deny', 'deny', 'deny', 'deny']);
    // Without an account it has no proxy; endpoints of a ServiceEntry are written alike.
    expect(asked({ namespaces: ['side'] }, entry({ serviceAccount: '' }))).toEqual(['deny', 'deny', 'allow', 'deny']);
    const inline = { hosts: ['a.example.com'], endpoints: [{ address: MACHINE, serviceAccount: 'legacy' }] };
    expect(asked(PRINCIPAL, networking('ServiceEntry', 'side', 'a', inline))[0]).toBe('allow');
  });

  it('is let in where mutual TLS is strict', () => {
    const strict = authentication('strict', 'side', mode('STRICT'));
    const asked = (...objects: readonly unknown[]): readonly string[] =>
      [MACHINE, '10.9.0.8', 'plain/fe'].map((client) => world(strict, ...objects).ask(client, 'side/web'));
    expect(asked()).toEqual(['deny', 'deny', 'deny']);
    expect(asked(entry())).toEqual(['allow', 'deny', 'deny']);
    expect(asked(entry({ serviceAccount: '', labels: { 'security.istio.io/tlsMode': 'istio' } }))[0]).toBe('unknown');
  });

  it('holds to the policies that select its labels', () => {
    const labels = { app: 'legacy' };
    const policy = authorization(
      { selector: { matchLabels: labels }, ...from({ namespaces: ['side', 'amb'] }) },
      'side',
    );
    const asked = (...objects: readonly unknown[]): readonly string[] => {
      const w = world(policy, ...objects);
      return ['side/fe', 'plain/fe', 'amb/fe'].map((client) => w.ask(client, MACHINE));
    };
    expect(asked(entry({ labels }))).toEqual(['allow', 'deny', 'unknown']);
    expect(asked(entry({}, 'vm', { labels }))).toEqual(['allow', 'deny', 'unknown']);
    expect(asked(entry({ labels: { app: 'other' } }))).toEqual(['allow', 'allow', 'allow']);
    // How traffic gets to its proxy is set up on the machine.
    const captured = meshConfig('defaultConfig:', '  interceptionMode: NONE');
    expect(asked(entry({ labels }), captured)[1]).toBe('deny');
    // Addresses are seen, whoever is known.
    const byAddress = authorization({ selector: { matchLabels: labels }, ...from({ ipBlocks: ['10.2.0.2'] }) }, 'side');
    const there = world(byAddress, entry({ labels }));
    expect(['amb/fe', 'amb/web'].map((client) => there.ask(client, MACHINE))).toEqual(['allow', 'deny']);
    // What it is not told to be spoken to by mutual TLS is perhaps in plain text.
    const plain = { ...labels, 'security.istio.io/tlsMode': 'disabled' };
    expect(asked(entry({ labels: plain }))).toEqual(['unknown', 'deny', 'unknown']);
    const strict = authentication('strict', 'side', mode('STRICT'));
    expect(['side/fe', 'plain/fe'].map((client) => world(strict, entry()).ask(client, MACHINE))).toEqual([
      'allow',
      'deny',
    ]);
  });

  it('judges a client that it perhaps does not know by all rules together, as itself and as nobody', () => {
    const asked = (spec: object): string => world(authorization(spec, 'side'), entry()).ask('amb/fe', MACHINE);
    const known = { source: { principals: ['*'] } };
    const unknown = { source: { notPrincipals: ['*'] } };
    const requests = { to: [{ operation: { notMethods: ['POST'] } }] };
    expect(asked({ rules: [{ from: [known, unknown] }] })).toBe('allow');
    expect(asked({ rules: [{ from: [known] }, { from: [unknown] }] })).toBe('allow');
    expect(
      asked({
        rules: [
          { from: [known], ...requests },
          { from: [unknown], ...requests },
        ],
      }),
    ).toBe('allow');
    expect(asked({ action: 'DENY', rules: [{ from: [known] }, { from: [unknown] }] })).toBe('deny');
    expect(asked({ rules: [{ from: [known], ...requests }] })).toBe('unknown');
    expect(asked({ rules: [{ from: [unknown] }] })).toBe('unknown');
    // No request passes surely that only a known client, or only an unknown one, may make.
    const either = [
      { from: [known], to: [{ operation: { methods: ['GET'] } }] },
      { from: [unknown], to: [{ operation: { methods: ['POST'] } }] },
    ];
    expect(asked({ rules: either })).toBe('unknown');
    expect(asked({ rules: [...either, { to: [{ operation: { paths: ['/health'] } }] }] })).toBe('allow');
  });

  it('is refused by its own proxy what that does not see', () => {
    const closed = networking('Sidecar', 'side', 'default', {
      egress: [{ hosts: ['~/*'] }],
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
    });
    const w = world(closed, entry());
    expect([w.ask(MACHINE, '203.0.113.9'), w.ask('10.9.0.8', '203.0.113.9')]).toEqual(['deny', 'allow']);
    expect(w.ask('side/fe', MACHINE)).toBe('deny');
  });

  it('is left open where its address is that of several, or of another network', () => {
    const asked = (...objects: readonly unknown[]): string =>
      world(only(PRINCIPAL), ...objects).ask(MACHINE, 'side/web');
    expect(asked(entry(), entry({ serviceAccount: 'other' }, 'vm-2'))).toBe('unknown');
    expect(asked(entry(), entry({}, 'vm-2'))).toBe('allow');
    expect(asked(entry({ network: 'vm-net' }))).toBe('unknown');
    const root = rawNamespace('istio-system', { 'topology.istio.io/network': 'vm-net' });
    expect(asked(entry({ network: 'vm-net' }), root)).toBe('allow');
  });

  it('is an address outside to all other policies', () => {
    const closed = rawNetworkPolicy('side/np', { ingress: [{ from: [{ podSelector: {} }] }] });
    const open = rawNetworkPolicy('side/np', { ingress: [{ from: [{ ipBlock: { cidr: `${MACHINE}/32` } }] }] });
    const asked = (policy: unknown): string => world(policy, only(PRINCIPAL), entry()).ask(MACHINE, 'side/web');
    expect([asked(closed), asked(open)]).toEqual(['deny', 'allow']);
  });
});
