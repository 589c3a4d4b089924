import { describe, expect, it } from '@jest/globals';

import { finish } from '../base/index.js';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot, Endpoint } from '../compile/index.js';
import { reachabilityDrift } from '../drift/index.js';
import { ICMP } from '../model/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { BlastRadius } from './blast/index.js';
import { formatConnections, wholeOf } from './connection-set.js';
import type { ConnectionSet } from './connection-set.js';
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

const ping = calico({ action: 'Allow', protocol: 'ICMP', icmp: { type: 8 } });

/** What the list of all connections says of two pods. */
function listed(...policies: readonly unknown[]): readonly string[] {
  return rowsOf(compile(...policies));
}

function rowsOf(snapshot: CompiledSnapshot, ports: ConnectionSet | null = null): readonly string[] {
  const list = finish(ConnectionList.open(snapshot, { reading: 'intended', ports }));
  return [...list.rows()]
    .flatMap((rows) => rows ?? [])
    .filter(({ source, destination }) => source.name === 'a' && destination.name === 'b')
    .map(({ connections }) => formatConnections(connections));
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

  it('are told by types of IGMP too (AT-27)', () => {
    const members = {
      apiVersion: 'crd.antrea.io/v1beta1',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'members' },
      spec: {
        priority: 1,
        appliedTo: [{ podSelector: { matchLabels: { app: 'a' } } }],
        egress: [{ action: 'Drop', protocols: [{ igmp: { igmpType: 0x16 } }] }],
      },
    };
    expect(listed(members)).toEqual(['TCP any; UDP any; SCTP any; IGMP type 0-21, 23-255']);
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

  it('are listed where they are asked for, though no rule names them', () => {
    expect(rowsOf(compile(), new Map([[ICMP, wholeOf(ICMP)]]))).toEqual(['ICMP']);
    expect(rowsOf(compile(ping), new Map([[ICMP, wholeOf(ICMP)]]))).toEqual(['ICMP type 8']);
    expect(rowsOf(compile(ping), new Map([[ICMP, [[0, 0]]]]))).toEqual([]);
  });

  it('are drift where nothing else changes', () => {
    const closed = calico();
    const told = (before: unknown, after: unknown): readonly unknown[] =>
      reachabilityDrift(compile(before), compile(after), { reading: 'intended' }).flatMap((entry) =>
        'example' in entry && entry.sources.some(({ name }) => name === 'a')
          ? [[entry.type, ...[entry.before, entry.after].map(formatConnections), entry.example.port]]
          : [],
      );
    expect(told(closed, ping)).toEqual([['opened', 'none', 'ICMP type 8', 8]]);
    expect(told(ping, closed)).toEqual([['closed', 'ICMP type 8', 'none', 8]]);
    expect(
      told(calico({ action: 'Deny', protocol: 'ICMP' }, { action: 'Allow' }), calico({ action: 'Allow' })),
    ).toEqual([['widened', 'TCP any; UDP any; SCTP any', 'all', 0]]);
    expect(told(calico({ action: 'Allow', protocol: 112 }), closed)).toEqual([['closed', 'VRRP', 'none', 0]]);
  });

  it('let something be reached, and where ICMP alone does, end the way', () => {
    const pods = [rawPod('n/c', { labels: { app: 'c' }, ip: '10.0.0.3', node: 'node-3' })];
    const onlyFromB = {
      apiVersion: 'projectcalico.org/v3',
      kind: 'NetworkPolicy',
      metadata: { name: 'q', namespace: 'n' },
      spec: {
        selector: "app == 'c'",
        types: ['Ingress'],
        ingress: [{ action: 'Allow', source: { selector: "app == 'b'" } }],
      },
    };
    const reached = (policy: unknown): readonly string[] => {
      const snapshot = compile(...pods, onlyFromB, policy);
      const { targets } = new BlastRadius(snapshot, 'intended').of([pod(snapshot, 'a')], { hops: 3 });
      return targets.map(({ endpoint, hop }) => `${endpoint.name} ${hop}`);
    };
    expect(reached(ping)).toEqual(['b 1']);
    expect(reached(calico({ action: 'Allow', protocol: 112 }))).toEqual(['b 1', 'c 2']);
    expect(reached(calico())).toEqual([]);
    const back = compile(...pods, onlyFromB, ping);
    const who = new BlastRadius(back, 'intended').of([pod(back, 'b')], { direction: 'to' }).targets;
    expect(who.map(({ endpoint }) => endpoint.name).sort()).toEqual(['a', 'c']);
    // Who can only send ICMP to `b` cannot go on to `c` from there.
    const radius = new BlastRadius(back, 'intended');
    const ways = (direction: 'from' | 'to', name: string): readonly string[] =>
      radius
        .of([pod(back, name)], { direction, hops: 3 })
        .targets.map(({ endpoint, hop }) => `${endpoint.name} ${String(hop)}`)
        .sort();
    expect(['a', 'b', 'c'].map((name) => ways('from', name))).toEqual([['b 1'], ['a 1', 'c 1'], ['a 1', 'b 1']]);
    expect(['a', 'b', 'c'].map((name) => ways('to', name))).toEqual([['b 1', 'c 1'], ['a 1', 'c 1'], ['b 1']]);
  });

  it('add nothing where no connection is', () => {
    const closed = rawNetworkPolicy('n/closed', { podSelector: {}, policyTypes: ['Ingress'] });
    expect(listed(closed)).toEqual([]);
    expect(listed(calico({ action: 'Deny', protocol: 'ICMP' }))).toEqual([]);
  });
});
