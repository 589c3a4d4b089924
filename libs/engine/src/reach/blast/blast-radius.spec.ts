import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../../compile/index.js';
import type { CompiledSnapshot, Endpoint } from '../../compile/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../../testing/index.js';
import { isEmpty } from '../connection-set.js';
import { connectionsBetween } from '../connections-between.js';
import { BlastRadius, compromised } from './blast-radius.js';

const rawNode = (name: string, address: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});
const apiServer = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'default', name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  endpoints: [{ addresses: ['192.0.2.10'] }],
};
const from = (app: string): unknown => [{ podSelector: { matchLabels: { app } } }];
const only = (app: string, source: string): unknown =>
  rawNetworkPolicy(`shop/${app}-in`, {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Ingress'],
    ingress: [{ from: from(source), ports: [{ port: 80 }] }],
  });
const noEgress = rawNetworkPolicy('shop/closed', {
  podSelector: { matchLabels: { app: 'db' } },
  policyTypes: ['Egress'],
  egress: [],
});
const internetOnly = rawNetworkPolicy('shop/web-out', {
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Egress'],
  egress: [
    { to: [{ podSelector: {} }] },
    { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '169.254.0.0/16'] } }], ports: [{ port: 443 }] },
  ],
});

/** A chain web → api → db, an agent on the network of api's node; db can open nothing. */
const CHAIN: readonly unknown[] = [
  rawNode('n1', '172.18.0.1'),
  rawNode('n2', '172.18.0.2'),
  rawNamespace('shop'),
  rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.1', node: 'n1' }),
  rawPod('shop/api', { labels: { app: 'api' }, ip: '10.0.0.2', node: 'n2' }),
  rawPod('shop/db', { labels: { app: 'db' }, ip: '10.0.0.3', node: 'n3' }),
  rawPod('shop/agent', { labels: { app: 'agent' }, ip: '172.18.0.2', node: 'n2', hostNetwork: true }),
  only('web', 'nobody'),
  only('api', 'web'),
  only('db', 'api'),
  noEgress,
  internetOnly,
];

const world = (...extra: readonly unknown[]): CompiledSnapshot => compileSnapshot(factsOf(...CHAIN, ...extra));
const pod = (snapshot: CompiledSnapshot, name: string): Endpoint => snapshot.directory.pod('shop', name) as Endpoint;
const names = (endpoints: readonly Endpoint[]): string[] => endpoints.map(({ name }) => name);

/** The same by asking about every pair, hop by hop. */
function slowly(snapshot: CompiledSnapshot, start: Endpoint, hops: number, forward: boolean): Map<Endpoint, number> {
  const found = new Map([[start, 0]]);
  for (let hop = 1; hop <= hops; hop++) {
    for (const [a, at] of [...found]) {
      for (const b of at === hop - 1 ? snapshot.endpoints : []) {
        const [source, destination] = forward ? [a, b] : [b, a];
        if (found.has(b) || isEmpty(connectionsBetween(snapshot, source, destination, 'intended').allowed)) continue;
        found.set(b, hop);
      }
    }
  }
  found.delete(start);
  return found;
}

describe('BlastRadius', () => {
  it('finds what asking pair by pair finds, each way, at each number of hops', () => {
    const snapshot = world();
    const radius = new BlastRadius(snapshot, 'intended');
    for (const start of snapshot.endpoints) {
      for (const hops of [1, 2, 3]) {
        for (const direction of ['from', 'to'] as const) {
          const reach = radius.of([start], { hops, direction });
          const slow = slowly(snapshot, start, hops, direction === 'from');
          expect(new Map(reach.targets.map(({ endpoint, hop }) => [endpoint, hop]))).toEqual(slow);
        }
      }
    }
  });

  it('gives the path to a target in the direction of the connections', () => {
    const snapshot = world();
    const radius = new BlastRadius(snapshot, 'intended');
    const db = pod(snapshot, 'db');
    expect(radius.of([pod(snapshot, 'web')], { hops: 1 }).pathTo(db)).toEqual([]);
    const reach = radius.of([pod(snapshot, 'web')], { hops: 2 });
    expect(names(reach.pathTo(db))).toEqual(['web', 'api', 'db']);
    const back = radius.of([db], { hops: 2, direction: 'to' });
    expect(names(back.pathTo(pod(snapshot, 'web')))).toEqual(['web', 'api', 'db']);
  });

  it('gives the paths of a walk after others, and while another is under way', () => {
    const snapshot = world();
    const blast = new BlastRadius(snapshot, 'intended');
    const [web, api, db] = ['web', 'api', 'db'].map((name) => pod(snapshot, name)) as [Endpoint, Endpoint, Endpoint];
    const one = blast.of([web], { hops: 2, weigh: () => blast.of([api]).targets.length });
    const other = blast.of([db], { hops: 2, direction: 'to' });
    expect(names(one.pathTo(db))).toEqual(['web', 'api', 'db']);
    expect(names(other.pathTo(web))).toEqual(['web', 'api', 'db']);
    expect(one.weight).toBe(one.targets.length * blast.of([api]).targets.length);
    expect(blast.of([web], { hops: 2 }).targets).toEqual(one.targets);
  });

  it('reaches pods of its own node by the exemption, and no pod of another', () => {
    const snapshot = world();
    const radius = new BlastRadius(snapshot, 'intended');
    const targets = names(radius.of([snapshot.directory.node('n1') as Endpoint]).targets.map((t) => t.endpoint));
    expect(targets).toContain('web');
    expect(targets).not.toContain('api');
  });

  it('tells internet, metadata and API server apart', () => {
    const snapshot = world(apiServer);
    const radius = new BlastRadius(snapshot, 'intended');
    const states = (name: string): unknown =>
      Object.fromEntries(radius.of([pod(snapshot, name)]).landmarks.map((each) => [each.name, each.state]));
    expect(states('web')).toEqual({ internet: 'reachable', metadata: 'unreachable', apiServer: 'unreachable' });
    expect(states('db')).toEqual({ internet: 'unreachable', metadata: 'unreachable', apiServer: 'unreachable' });
    expect(states('api')).toEqual({ internet: 'reachable', metadata: 'reachable', apiServer: 'reachable' });
    const later = radius.of([pod(snapshot, 'web')], { hops: 2 }).landmarks[1];
    expect(later).toMatchObject({ name: 'metadata', state: 'reachable', hop: 2 });
    expect(names(later?.via ?? [])[0]).toBe('web');
  });

  it('says that it does not know where the API server is', () => {
    const snapshot = world();
    const reach = new BlastRadius(snapshot, 'intended').of([pod(snapshot, 'api')]);
    expect(reach.landmarks.find(({ name }) => name === 'apiServer')?.state).toBe('unknown');
  });

  it('counts by namespace and hop, and weighs', () => {
    const snapshot = world();
    const radius = new BlastRadius(snapshot, 'intended');
    const weigh = ({ labels }: Endpoint): number => (labels['app'] === 'db' ? 10 : 0);
    const reach = radius.of([pod(snapshot, 'web')], { hops: 2, weigh });
    expect(reach.weight).toBe(10);
    expect(reach.byHop.reduce((a, b) => a + b)).toBe(reach.targets.length);
    expect(reach.byNamespace.find(({ namespace }) => namespace === 'shop')?.total).toBe(4);
  });

  it('takes a node with everything on it', () => {
    const snapshot = world();
    const lost = compromised(snapshot, [snapshot.directory.node('n2') as Endpoint]);
    expect(names(lost).sort()).toEqual(['agent', 'api', 'n2']);
  });
});
