import { describe, expect, it } from '@jest/globals';

import { World } from '../../testing/cilium-world.js';

const port = (number: unknown, name?: string, protocol: unknown = 'TCP'): object => ({
  port: number,
  protocol,
  ...(name === undefined ? {} : { name }),
});
const service = (more: object = {}): object => ({ serviceMatcher: { serviceName: 's', namespace: 'n', ...more } });
const address = (more: object = {}): object => ({
  addressMatcher: { ip: '169.254.20.10', toPorts: [port('53')], ...more },
});
const backend = (toPorts: unknown = [port('5353')]): object => ({ localEndpointSelector: {}, toPorts });

function codes(redirectFrontend: unknown, redirectBackend: unknown = backend()): readonly string[] {
  const policy = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumLocalRedirectPolicy',
    metadata: { name: 'r', namespace: 'n' },
    spec: { redirectFrontend, redirectBackend },
  };
  return new World([policy]).snapshot.diagnostics.map(({ code }) => code);
}

describe('a CiliumLocalRedirectPolicy is refused (SVC-16)', () => {
  it('unless it names a Service of its namespace or an address', () => {
    expect(codes(service())).toEqual([]);
    expect(codes(address())).toEqual([]);
    expect(codes(undefined)).toEqual(['cilium.redirect']);
    expect(codes(service(), null)).toEqual(['cilium.redirect']);
    expect(codes({})).toEqual(['cilium.redirect_frontend']);
    expect(codes({ ...service(), ...address() })).toEqual(['cilium.redirect_frontend']);
    expect(codes(service({ namespace: 'm' }))).toEqual(['cilium.redirect_namespace']);
    expect(codes(service({ serviceName: '' }))).toEqual(['cilium.redirect_service']);
    expect(codes(address({ ip: '169.254.20' }))).toEqual(['cilium.redirect_address']);
    expect(codes(address({ toPorts: [] }))).toEqual(['cilium.redirect_ports']);
  });

  it('where ports are none, or of no protocol that it takes', () => {
    for (const odd of ['0', '65536', '080', 'http', 53]) {
      expect(codes(service(), backend([port(odd)]))).toContain('cilium.redirect_port');
    }
    expect(codes(service(), backend([port('5353', 'dns', 'SCTP')]))).toContain('cilium.redirect_protocol');
    expect(codes(service(), backend([]))).toEqual(['cilium.redirect_ports']);
    expect(codes(service(), backend({}))).toContain('cilium.redirect_ports');
    expect(codes(service(), { ...backend(), localEndpointSelector: [] })).toEqual(['selector.type']);
  });

  it('where one of several ports has no name', () => {
    const two = [port('53', 'dns', 'UDP'), port('53', 'dns-tcp')];
    expect(codes(address({ toPorts: two }), backend([port('5353', 'dns', 'UDP'), port('5353', 'dns-tcp')]))).toEqual(
      [],
    );
    expect(codes(address({ toPorts: [port('53', 'dns', 'UDP'), port('53')] }), backend(two))).toEqual([
      'cilium.redirect_port_name',
    ]);
    expect(codes(address({ toPorts: two }), backend([port('5353')]))).toEqual(['cilium.redirect_port_name']);
  });

  it('where the port that is redirected has another protocol than the first target', () => {
    expect(codes(address({ toPorts: [port('53', 'dns', 'UDP')] }))).toEqual(['cilium.redirect_protocol']);
  });
});
