import { describe, expect, it } from '@jest/globals';

import { finish } from '../base/index.js';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { formatConnections } from '../reach/connection-set.js';
import { CALICO_CNI, factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { ask } from './ask.js';
import { openConnections } from './list/index.js';
import { followEndpoints, translateService } from './translate-service.js';
import { verdictOf } from './verdict-of.js';

const db = { app: 'db' };
const dual = { ips: ['10.0.0.2', 'fd00::2'], node: 'n1' };
const base = [
  rawNamespace('n'),
  rawPod('n/client', { ips: ['10.0.0.1', 'fd00::1'], node: 'n1' }),
  rawPod('n/db', { ...dual, labels: db, ports: [{ name: 'sql', containerPort: 5432 }] }),
];
const service = (spec: object): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db', namespace: 'n' },
  spec: { ports: [{ name: 'main', port: 80, targetPort: 'sql' }], ...spec },
});
const slice = (addresses: readonly string[], ready = true): unknown => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'db-1', namespace: 'n', labels: { 'kubernetes.io/service-name': 'db' } },
  addressType: 'IPv4',
  ports: [{ name: 'main', port: 5432, protocol: 'TCP' }],
  endpoints: [{ addresses, conditions: { ready } }],
});

const snapshotOf = (...objects: readonly unknown[]): CompiledSnapshot =>
  compileSnapshot(factsOf(...base, ...objects), { cni: CALICO_CNI });

type Way = typeof translateService;

function reached(snapshot: CompiledSnapshot, port: number | string | null, way: Way = translateService): string[] {
  const fact = snapshot.index.services.get('n/db');
  if (fact === undefined) throw new Error('no Service n/db');
  const found = way(snapshot, fact, TCP, port);
  if (found.type !== 'backends') return [found.type];
  return found.backends.map(({ endpoint, port: there }) => `${endpoint.name}:${there}`);
}

describe('a headless Service', () => {
  const headless = { clusterIP: 'None', selector: db };

  it('lends its name to its pods: a number is a port of theirs, a name that of the port it stands for (SVC-8)', () => {
    const snapshot = snapshotOf(service(headless));
    expect(reached(snapshot, 80)).toEqual(['db:80']);
    expect(reached(snapshot, 5432)).toEqual(['db:5432']);
    expect(reached(snapshot, 'main')).toEqual(['db:5432']);
    expect(reached(snapshot, null)).toEqual(['db:5432']);
  });

  it('is followed by proxies to the ports of its endpoints', () => {
    const snapshot = snapshotOf(service(headless));
    expect(reached(snapshot, 80, followEndpoints)).toEqual(['db:5432']);
    expect(reached(snapshot, 5432, followEndpoints)).toEqual(['noPort']);
  });

  it('may have endpoints that were set by hand (SVC-2)', () => {
    const byHand = service({ clusterIP: 'None' });
    expect(reached(snapshotOf(byHand, slice(['203.0.113.9'])), 443)).toEqual(['203.0.113.9:443']);
    expect(reached(snapshotOf(byHand, slice(['203.0.113.9'], false)), 443)).toEqual(['noEndpoints']);
    expect(reached(snapshotOf(byHand), 443)).toEqual(['noEndpoints']);
  });
});

describe('pods behind a Service', () => {
  const waiting = rawPod('n/waiting', {
    ip: '10.0.0.9',
    labels: db,
    ports: [{ name: 'sql', containerPort: 5432 }],
  }) as {
    status: object;
  };
  const unready = { ...waiting, status: { ...waiting.status, conditions: [{ type: 'Ready', status: 'False' }] } };

  it('are those that are ready, unless it publishes all (SVC-2, SVC-4)', () => {
    expect(reached(snapshotOf(unready, service({ selector: db })), 80)).toEqual(['db:5432']);
    const all = service({ selector: db, publishNotReadyAddresses: true });
    expect(reached(snapshotOf(unready, all), 80).sort()).toEqual(['db:5432', 'waiting:5432']);
  });

  it('may each be sent to, whichever is preferred (SVC-6)', () => {
    const hints = { forZones: [{ name: 'a' }] };
    const endpoints = ['10.0.0.2', '203.0.113.9'].map((address) => ({ addresses: [address], hints }));
    const preferring = service({ selector: db, trafficDistribution: 'PreferClose', sessionAffinity: 'ClientIP' });
    const found = snapshotOf(preferring, { ...(slice([]) as object), endpoints });
    expect(reached(found, 80)).toEqual(['db:5432', '203.0.113.9:5432']);
  });
});

describe('a port of a Service', () => {
  it('by name is one of a container that serves (SVC-7)', () => {
    const init = rawPod('n/init', { ...dual, labels: db }) as { spec: object };
    const ports = [{ name: 'sql', containerPort: 1 }];
    const withInit = { ...init, spec: { ...init.spec, initContainers: [{ name: 'i', image: 'i', ports }] } };
    expect(reached(snapshotOf(service({ selector: db }), withInit), 80)).toEqual(['db:5432']);
  });
});

describe('the address of a Service', () => {
  const onlyIpv4 = rawNetworkPolicy('n/db', {
    podSelector: { matchLabels: db },
    ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
  });
  const verdict = (clusterIPs: readonly string[]): string => {
    const snapshot = snapshotOf(onlyIpv4, service({ selector: db, clusterIPs, clusterIP: clusterIPs[0] }));
    const result = ask(snapshot, {
      source: { type: 'pod', namespace: 'n', name: 'client' },
      destination: { type: 'service', namespace: 'n', name: 'db' },
      protocol: TCP,
      port: 80,
    });
    return result.type === 'answer' ? result.answer.verdict : result.error.code;
  };

  it('says of which family a connection is, whatever its backends speak besides (SVC-9)', () => {
    expect(verdict(['10.96.0.7'])).toBe('allowed');
    expect(verdict(['fd00:96::7'])).toBe('denied');
    expect(verdict(['10.96.0.7', 'fd00:96::7'])).toBe('mixed');
    expect(verdict([])).toBe('mixed');
  });
});

describe('endpoints of one family (SVC-13)', () => {
  const six = rawPod('n/six', { ip: 'fd00::3' });
  const sixth = rawPod('n/sixth', { ip: 'fd00::6' });
  const four = rawPod('n/four', { ip: '10.0.0.8' });
  const closed = rawNetworkPolicy('n/closed', { podSelector: {}, policyTypes: ['Ingress'] });
  const open = rawNetworkPolicy('n/db', { podSelector: { matchLabels: db }, ingress: [{}] });
  const sliceOf = (family: 4 | 6, addresses: readonly string[], ports = 'main', ready = true): object => ({
    ...(slice([], ready) as object),
    metadata: { name: `db-${family}-${ports}`, namespace: 'n', labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: `IPv${family}`,
    ports: [{ name: ports, port: 5432, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: READY.get(ready) })),
  });
  const READY = new Map<boolean, object>([
    [true, { ready: true }],
    [false, { ready: false, serving: true, terminating: true }],
  ]);
  const both = { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd00:96::7'] };
  const told = (client: string, port: number | null, ...objects: readonly unknown[]): string => {
    const question = {
      source: { type: 'pod', namespace: 'n', name: client },
      destination: { type: 'service', namespace: 'n', name: 'db' },
      protocol: TCP,
      port,
    } as const;
    const snapshot = snapshotOf(six, sixth, four, closed, ...objects);
    const result = ask(snapshot, question);
    const alone = verdictOf(snapshot, question, 'intended');
    if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
    expect(alone.verdict).toBe(result.answer.intended.verdict);
    return `${result.answer.intended.verdict} ${result.answer.intended.reason}`;
  };
  const mixed = [sliceOf(4, ['10.0.0.2']), sliceOf(6, ['fd00::3'])];

  it('are none of a Service that has the other alone', () => {
    const four = service({ clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] });
    expect(reached(snapshotOf(six, four, ...mixed), 80)).toEqual(['db:5432']);
    expect(told('client', 80, open, four, ...mixed)).toMatch(/^allowed /);
    expect(told('client', 80, open, four, sliceOf(6, ['fd00::2']))).toBe('denied SERVICE_WITHOUT_READY_ENDPOINTS');
    expect(reached(snapshotOf(six, four, ...mixed), 80, followEndpoints)).toEqual(['db:5432', 'six:5432']);
  });

  it('are none of a Service whose selector chooses a pod that cannot speak its family', () => {
    const chosen = { ...(six as object), metadata: { name: 'six', namespace: 'n', labels: db } };
    const spec = { selector: db, clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'] };
    const targets = service({ ...spec, ports: [{ name: 'main', port: 80, targetPort: 5432 }] });
    expect(reached(snapshotOf(chosen, targets), 80)).toEqual(['db:5432']);
  });

  it('are no matter to a client that does not speak it', () => {
    expect(told('four', 80, open, service(both), ...mixed)).toMatch(/^allowed /);
    expect(told('sixth', 80, open, service(both), ...mixed)).toMatch(/^denied /);
    expect(told('client', 80, open, service(both), ...mixed)).toMatch(/^mixed /);
    expect(told('four', 80, open, service(both), sliceOf(6, ['fd00::3']))).toBe('denied NO_COMMON_ADDRESS_FAMILY');
  });

  it('are looked for port by port', () => {
    const ports = [80, 81].map((port) => ({ name: `p${port}`, port }));
    const slices = [sliceOf(4, ['10.0.0.2'], 'p80'), sliceOf(6, ['fd00::3'], 'p81')];
    expect(told('four', null, open, service({ ...both, ports }), ...slices)).toMatch(/^mixed /);
    expect(told('four', 80, open, service({ ...both, ports }), ...slices)).toMatch(/^allowed /);
  });

  it('serve in the family of their slice alone', () => {
    const onlyIpv4 = rawNetworkPolicy('n/db', {
      podSelector: { matchLabels: db },
      ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
    });
    const named = service({ clusterIP: 'None' });
    expect(told('client', 5432, onlyIpv4, named, sliceOf(4, ['10.0.0.2']))).toMatch(/^allowed /);
    expect(told('client', 5432, onlyIpv4, named, sliceOf(4, ['10.0.0.2']), sliceOf(6, ['fd00::2']))).toMatch(/^mixed /);
  });

  it('that go away serve where none of the family is ready', () => {
    const slices = [sliceOf(4, ['10.0.0.2'], 'main', false), sliceOf(6, ['fd00::3'])];
    expect(reached(snapshotOf(six, service(both), ...slices), 80)).toEqual(['db:5432', 'six:5432']);
  });
});

describe('endpoints of a Service that go away (SVC-3)', () => {
  const endpoint = (name: string, node: string, conditions: object): object => ({
    addresses: [name === 'db' ? '10.0.0.2' : '203.0.113.9'],
    nodeName: node,
    conditions,
  });
  const leaving = { ready: false, serving: true, terminating: true };
  const reachedBy = (policy: 'Cluster' | 'Local', ...endpoints: readonly object[]): string[] => {
    const spec = { selector: db, clusterIP: '10.96.0.7', internalTrafficPolicy: policy };
    return reached(snapshotOf(service(spec), { ...(slice([]) as object), endpoints }), 80);
  };

  it('are sent to as long as they serve and no other is ready', () => {
    expect(reachedBy('Cluster', endpoint('db', 'n1', leaving))).toEqual(['db:5432']);
    expect(reachedBy('Cluster', endpoint('db', 'n1', leaving), endpoint('other', 'n2', {}))).toEqual([
      '203.0.113.9:5432',
    ]);
    expect(reachedBy('Cluster', endpoint('db', 'n1', { ...leaving, serving: false }))).toEqual(['noEndpoints']);
    expect(reachedBy('Cluster', endpoint('db', 'n1', { ...leaving, terminating: false }))).toEqual(['noEndpoints']);
  });

  it('are sent to by each node for itself where a Service keeps to nodes', () => {
    const both = [endpoint('db', 'n1', leaving), endpoint('other', 'n2', {})];
    expect(reachedBy('Local', ...both)).toEqual(['db:5432', '203.0.113.9:5432']);
  });

  it('are none of the name of a headless Service', () => {
    const left = { ...(slice([]) as object), endpoints: [endpoint('db', 'n1', leaving)] };
    expect(reached(snapshotOf(service({ clusterIP: 'None', selector: db }), left), 5432)).toEqual(['noEndpoints']);
  });
});

describe('an alias of a Service (SVC-10)', () => {
  const alias = (name: string, externalName: string): unknown => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'n' },
    spec: { type: 'ExternalName', externalName },
  });
  const asked = (port: number, sees: (namespace: string) => boolean, ...objects: readonly unknown[]) =>
    ask(
      snapshotOf(...objects),
      {
        source: { type: 'pod', namespace: 'n', name: 'client' },
        destination: { type: 'service', namespace: 'n', name: 'alias' },
        protocol: TCP,
        port,
      },
      sees,
    );
  const listed = (sees: (namespace: string) => boolean, ...objects: readonly unknown[]) => {
    const opened = finish(
      openConnections(
        snapshotOf(...objects),
        {
          ...{
            by: 'pod',
            reading: 'intended',
            verdict: 'allow',
            source: null,
            focus: [],
            outside: false,
            nodes: false,
          },
          ...{ destination: { type: 'service', namespace: 'n', name: 'alias' }, protocol: null, ports: null },
        },
        sees,
      ),
    );
    if ('error' in opened) return opened;
    const rows = [...opened.found.rows()].flatMap((some) => some ?? []);
    return rows.map((row) => `${row.source.name} → ${row.destination.name}: ${formatConnections(row.connections)}`);
  };
  const leading = (externalName: string): unknown => alias('alias', externalName);
  const everything = (): boolean => true;
  const target = service({ selector: db, clusterIP: '10.96.0.7' });

  it('is that Service, with its ports and endpoints, whichever the domain is', () => {
    for (const name of ['db.n.svc.cluster.local', 'DB.n.svc.example.org.', 'second.n.svc.cluster.local']) {
      const second = alias('second', 'db.n.svc.cluster.local');
      const found = asked(80, everything, target, second, alias('alias', name));
      if (found.type !== 'answer') throw new Error(found.error.message);
      expect(found.answer).toMatchObject({ verdict: 'allowed', destination: { label: 'Service n/alias' } });
      const why = found.answer.steps.find(({ hop }) => hop === 'translation')?.why;
      expect(why).toBe('n/alias is an alias of n/db; n/db leads to 1 ready endpoint on port 5432');
    }
    expect(asked(81, everything, target, alias('alias', 'db.n.svc.cluster.local'))).toMatchObject({
      error: { code: 'SERVICE_PORT_UNKNOWN' },
    });
  });

  it('leads out where no Service has that name here, and nowhere in a circle', () => {
    for (const name of ['example.org', 'other.n.svc.cluster.local', 'db', 'db.n.svc']) {
      const found = asked(80, everything, target, alias('alias', name));
      expect(found).toMatchObject({ answer: { flows: [{ destination: { label: name } }] } });
    }
    const circle = [alias('alias', 'second.n.svc.cluster.local'), alias('second', 'alias.n.svc.cluster.local')];
    expect(asked(80, everything, ...circle)).toMatchObject({
      answer: { verdict: 'denied', summary: 'Service `n/alias` is an alias that leads to itself → denied' },
    });
  });

  it('leads to nothing where the caller does not see it', () => {
    const elsewhere = [{ ...(target as object), metadata: { name: 'db', namespace: 'm' } }, leading('db.m.svc.x')];
    const sees = (name: string): boolean => name !== 'm';
    const error = { code: 'ENDPOINT_NOT_FOUND', message: expect.stringContaining('`m/db`') };
    expect(asked(80, sees, ...elsewhere)).toMatchObject({ error });
    expect(listed(sees, ...elsewhere)).toMatchObject({ error });
  });

  it('is that Service in lists of connections too', () => {
    expect(listed(everything, target, leading('db.n.svc.x'))).toEqual(['client → db: TCP 5432']);
  });
});

describe('a Service that keeps clients to their own node (SVC-5)', () => {
  const kept = service({ selector: db, clusterIP: '10.96.0.7', internalTrafficPolicy: 'Local' });
  const far = rawPod('n/far', { ip: '10.0.0.5', node: 'n2' });
  const unplaced = rawPod('n/unplaced', { ip: '10.0.0.6' });
  const from = (name: string, objects: readonly unknown[] = [kept]) => {
    const question = {
      source: { type: 'pod', namespace: 'n', name },
      destination: { type: 'service', namespace: 'n', name: 'db' },
      protocol: TCP,
      port: 80,
    } as const;
    const snapshot = snapshotOf(far, unplaced, ...objects);
    const result = ask(snapshot, question);
    const alone = verdictOf(snapshot, question, 'enforced');
    if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
    expect(alone.verdict).toBe(result.answer.verdict);
    return result.answer;
  };

  it('leads to the endpoints there, and nowhere where it has none', () => {
    expect(from('client').verdict).toBe('allowed');
    expect(from('far')).toMatchObject({
      verdict: 'denied',
      reason: 'NO_ENDPOINT_ON_NODE',
      summary: 'no endpoint of n/db is ready on node n2, and its internalTrafficPolicy is Local → denied',
    });
    const second = rawPod('n/db-2', {
      ip: '10.0.0.7',
      node: 'n2',
      labels: db,
      ports: [{ name: 'sql', containerPort: 1 }],
    });
    const answer = from('far', [kept, second]);
    expect(answer.flows.map(({ destination, port }) => `${destination.name}:${String(port)}`)).toEqual(['db-2:1']);
  });

  it('leads to any where the node of a client is not known, and says so', () => {
    const answer = from('unplaced');
    expect(answer.verdict).toBe('allowed');
    expect(answer.assumptions).toContainEqual(expect.stringContaining('internalTrafficPolicy is Local'));
  });

  it('is no matter of a headless one, whose name is that of its endpoints', () => {
    const headless = service({ selector: db, clusterIP: 'None', internalTrafficPolicy: 'Local' });
    expect(from('far', [headless]).verdict).toBe('allowed');
  });
});
