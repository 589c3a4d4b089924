import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { CALICO_CNI, factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { ask } from './ask.js';
import { followEndpoints, translateService } from './translate-service.js';

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

  it('lends its name to its pods: a number is a port of theirs, a name that of the port it stands for', () => {
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

  it('may have endpoints that were set by hand', () => {
    const byHand = service({ clusterIP: 'None' });
    expect(reached(snapshotOf(byHand, slice(['203.0.113.9'])), 443)).toEqual(['203.0.113.9:443']);
    expect(reached(snapshotOf(byHand, slice(['203.0.113.9'], false)), 443)).toEqual(['noEndpoints']);
    expect(reached(snapshotOf(byHand), 443)).toEqual(['noEndpoints']);
  });
});

describe('a port of a Service', () => {
  it('by name is one of a container that serves', () => {
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

  it('says of which family a connection is, whatever its backends speak besides', () => {
    expect(verdict(['10.96.0.7'])).toBe('allowed');
    expect(verdict(['fd00:96::7'])).toBe('denied');
    expect(verdict(['10.96.0.7', 'fd00:96::7'])).toBe('mixed');
    expect(verdict([])).toBe('mixed');
  });
});
