import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot, Endpoint } from '../compile/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { formatConnections } from './connection-set.js';
import { ConnectionList } from './list/index.js';
import { otherConnections } from './other-protocols.js';

const INVENTORY = [
  rawNamespace('n'),
  rawPod('n/a', { labels: { app: 'a' }, ip: '10.0.0.1', node: 'node-1' }),
  rawPod('n/b', { labels: { app: 'b' }, ip: '10.0.0.2', node: 'node-2' }),
];
const calico = (...ingress: readonly object[]): unknown => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'n' },
  spec: { selector: "app == 'b'", types: ['Ingress'], ingress },
});
const compile = (...policies: readonly unknown[]): CompiledSnapshot =>
  compileSnapshot(factsOf(...INVENTORY, ...policies), {});
const pod = (snapshot: CompiledSnapshot, name: string): Endpoint => snapshot.directory.pod('n', name) as Endpoint;

/** What the list between two pods says, and what the pair does. */
function listed(...policies: readonly unknown[]): readonly string[] {
  const snapshot = compile(...policies);
  const [a, b] = [pod(snapshot, 'a'), pod(snapshot, 'b')];
  const opened = ConnectionList.open(snapshot, {
    reading: 'intended',
    sources: new Set([a]),
    destinations: new Map([[b, null]]),
  });
  let step = opened.next();
  while (step.done !== true) step = opened.next();
  return [...step.value.rows()].flatMap((rows) => (rows ?? []).map((row) => formatConnections(row.connections)));
}

describe('protocols beyond TCP, UDP and SCTP', () => {
  it('are told where a rule names them', () => {
    expect(listed()).toEqual(['all']);
    expect(listed(calico({ action: 'Allow' }))).toEqual(['all']);
    expect(listed(calico({ action: 'Allow', protocol: 'TCP', destination: { ports: [80] } }))).toEqual(['TCP 80']);
    expect(listed(calico({ action: 'Allow', protocol: 'ICMP' }))).toEqual(['ICMP']);
    expect(listed(calico({ action: 'Allow', protocol: 'ICMP', icmp: { type: 8 } }))).toEqual(['ICMP type 8']);
    expect(listed(calico({ action: 'Allow', protocol: 112 }))).toEqual(['VRRP']);
    expect(listed(calico({ action: 'Allow', protocol: 'UDPLite' }))).toEqual(['UDPLITE any']);
  });

  it('are missing from `all` where a rule excludes them', () => {
    const ports = 'TCP any; UDP any; SCTP any';
    expect(listed(calico({ action: 'Deny', protocol: 'ICMP' }, { action: 'Allow' }))).toEqual([ports]);
    expect(listed(calico({ action: 'Deny', protocol: 'ICMP', icmp: { type: 8 } }, { action: 'Allow' }))).toEqual([
      `${ports}; ICMP type 0-7, 9-255`,
    ]);
    expect(listed(calico({ action: 'Allow', notProtocol: 'ICMP' }))).toEqual([ports]);
  });

  it('are unknown where the code decides', () => {
    const snapshot = compile(calico({ action: 'Allow', protocol: 'ICMP', icmp: { type: 3, code: 1 } }));
    const { allowed, unknown } = otherConnections(snapshot, pod(snapshot, 'a'), pod(snapshot, 'b'), 'intended');
    expect([formatConnections(allowed), formatConnections(unknown)]).toEqual(['none', 'ICMP type 3']);
  });

  it('add nothing where no connection is', () => {
    const closed = rawNetworkPolicy('n/closed', { podSelector: {}, policyTypes: ['Ingress'] });
    expect(listed(closed)).toEqual([]);
    expect(listed(calico({ action: 'Deny', protocol: 'ICMP' }))).toEqual([]);
  });
});
