import { describe, expect, it } from '@jest/globals';

import { finish } from '../base/index.js';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import type { CniDetection } from '../model/index.js';
import { factsOf, knownCni, namedPeer, rawNamespace, rawPod } from '../testing/index.js';
import type { Answer } from './answer.js';
import { ask } from './ask.js';
import { openConnections } from './list/index.js';
import type { PeerQuery } from './question.js';
import { verdictOf } from './verdict-of.js';

const ANYWHERE: PeerQuery = { type: 'hypothetical', namespace: 'n', labels: {}, serviceAccount: 'default' };

const peer = (one: string | PeerQuery): PeerQuery => (typeof one === 'string' ? namedPeer(one) : one);

const proxy = { labels: { app: 'proxy' }, ports: [{ name: 'http', containerPort: 8081 }] };
const PODS = [
  rawNamespace('n'),
  rawPod('n/near', { ip: '10.0.1.1', node: 'n1' }),
  rawPod('n/far', { ip: '10.0.2.1', node: 'n2' }),
  rawPod('n/db', { labels: { app: 'db' }, ip: '10.0.2.2', node: 'n2' }),
];
const PROXY = rawPod('n/proxy', { ...proxy, ip: '10.0.1.3', node: 'n1' }) as { readonly status: object };
const HTTP = { name: 'http', port: 80, targetPort: 8080 };

const service = (spec: object = {}): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'db', namespace: 'n' },
  spec: { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], selector: { app: 'db' }, ports: [HTTP], ...spec },
});

const target = (port: string, name = 'http'): object => ({ port, name, protocol: 'TCP' });

function redirect(frontend: object = {}, toPorts: readonly object[] = [target('9090')], more: object = {}): unknown {
  const serviceMatcher = { serviceName: 'db', namespace: 'n' };
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumLocalRedirectPolicy',
    metadata: { name: 'near', namespace: 'n' },
    spec: {
      redirectFrontend:
        'addressMatcher' in frontend ? frontend : { serviceMatcher: { ...serviceMatcher, ...frontend } },
      redirectBackend: { localEndpointSelector: { matchLabels: { app: 'proxy' } }, toPorts },
      ...more,
    },
  };
}

const ON = { 'enable-local-redirect-policy': 'true' };
const cilium = (version: string, options: Readonly<Record<string, string>> = ON): CniDetection =>
  knownCni('cilium', { version, options });

class Cluster {
  readonly snapshot: CompiledSnapshot;

  constructor(objects: readonly unknown[], cni: CniDetection = cilium('1.19.4'), proxy: unknown = PROXY) {
    this.snapshot = compileSnapshot(factsOf(...PODS, proxy, ...objects), { cni });
  }

  answer(from: string | PeerQuery, to = 'service:n/db', port: number | string = 80): Answer {
    const question = { source: peer(from), destination: peer(to), protocol: TCP, port };
    const result = ask(this.snapshot, question);
    const alone = verdictOf(this.snapshot, question, 'enforced');
    if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
    expect(alone.verdict).toBe(result.answer.verdict);
    return result.answer;
  }

  /** Where a connection may end, as `name:port`. */
  ends(from: string | PeerQuery, to?: string, port?: number | string): readonly string[] {
    return this.answer(from, to, port)
      .flows.map(({ destination, port: there }) => `${destination.name}:${String(there)}`)
      .sort();
  }

  /** What a list says of the same. */
  listed(verdict: 'allow' | 'unknown' = 'allow'): readonly string[] {
    const opened = finish(
      openConnections(this.snapshot, {
        verdict,
        ...{ by: 'pod', reading: 'enforced', source: null, focus: [], outside: false, nodes: false },
        destination: peer('service:n/db'),
        protocol: TCP,
        ports: null,
      }),
    );
    if ('error' in opened) throw new Error(opened.error.message);
    return [...opened.found.rows()]
      .flatMap((rows) => rows ?? [])
      .map(({ source, destination, pairs, of }) => `${source.name} ${destination.name} ${pairs}/${of}`)
      .sort();
  }
}

describe('a CiliumLocalRedirectPolicy for a Service (SVC-15)', () => {
  it('leads clients to its pods on their own node, and leaves those on other nodes alone', () => {
    const cluster = new Cluster([service(), redirect()]);
    expect(cluster.ends('n/near')).toEqual(['proxy:9090']);
    expect(cluster.ends('n/far')).toEqual(['db:8080']);
    expect(cluster.listed()).toEqual(['far db 1/1', 'near proxy 1/1']);
    expect(cluster.answer('n/near').summary).toContain('n/proxy');
  });

  it('is judged by policy as what its pods are', () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'only-db', namespace: 'n' },
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }] }],
      },
    };
    const cluster = new Cluster([service(), redirect(), policy]);
    expect(cluster.answer('n/near').verdict).toBe('denied');
    expect(cluster.answer('n/far').verdict).toBe('allowed');
  });

  it('leads nobody while its pods are not ready', () => {
    const conditions = [{ type: 'Ready', status: 'False' }];
    const waiting = { ...PROXY, status: { ...PROXY.status, conditions } };
    const cluster = new Cluster([service(), redirect()], undefined, waiting);
    expect(cluster.ends('n/near')).toEqual(['db:8080']);
  });

  it('spares its own pods where it says so', () => {
    const spares = { skipRedirectFromBackend: true };
    const cluster = new Cluster([service(), redirect({}, undefined, spares)]);
    expect(cluster.ends('n/proxy')).toEqual(['db:8080']);
    expect(cluster.ends('n/near')).toEqual(['proxy:9090']);
    expect(cluster.listed()).toContain('proxy db 1/1');
    expect(new Cluster([service(), redirect()]).ends('n/proxy')).toEqual(['proxy:9090']);
  });

  it('is about the ports that it lists', () => {
    const cluster = new Cluster([service(), redirect({ toPorts: [target('81')] })]);
    expect(cluster.ends('n/near')).toEqual(['db:8080']);
    expect(new Cluster([service(), redirect({ toPorts: [target('80')] })]).ends('n/near')).toEqual(['proxy:9090']);
  });

  it('leads each of several ports to the target of its name, at pods that have such a port', () => {
    const ports = [HTTP, { name: 'admin', port: 81 }, { name: 'other', port: 82 }];
    const cluster = new Cluster([service({ ports }), redirect({}, [target('8081'), target('9091', 'admin')])]);
    expect(cluster.ends('n/near', undefined, 80)).toEqual(['proxy:8081']);
    expect(cluster.ends('n/near', undefined, 81)).toEqual(['db:81']);
    expect(cluster.ends('n/near', undefined, 82)).toEqual(['db:82']);
  });

  it('leads one port to the target of its name, else to the first', () => {
    const two = [target('9091', 'admin'), target('9090')];
    expect(new Cluster([service(), redirect({}, two)]).ends('n/near')).toEqual(['proxy:9090']);
    const others = [target('9091', 'admin'), target('9092', 'other')];
    expect(new Cluster([service(), redirect({}, others)]).ends('n/near')).toEqual(['proxy:9091']);
  });

  it('leads clients of a NodePort by its own address from 1.18 on', () => {
    const objects = [service({ type: 'NodePort' }), redirect()];
    expect(new Cluster(objects, cilium('1.18.0')).ends('n/near')).toEqual(['proxy:9090']);
    expect(new Cluster(objects, cilium('1.17.9')).ends('n/near')).toEqual(['db:8080']);
  });

  it('counts with the switch alone, and under Cilium alone', () => {
    const objects = [service(), redirect()];
    expect(new Cluster(objects, cilium('1.19.4', { 'enable-policy': 'default' })).ends('n/near')).toEqual(['db:8080']);
    expect(new Cluster(objects, cilium('1.19.4', {})).ends('n/near')).toEqual(['proxy:9090']);
    expect(new Cluster(objects, knownCni('calico')).ends('n/near')).toEqual(['db:8080']);
  });

  it('leads clients whose node is not known to whatever any node leads to', () => {
    const cluster = new Cluster([service(), redirect()]);
    expect(cluster.ends(ANYWHERE)).toEqual(['db:8080', 'proxy:9090']);
  });

  it('leads clients past a Service that keeps to nodes or has no endpoint', () => {
    const local = new Cluster([service({ internalTrafficPolicy: 'Local' }), redirect()]);
    expect(local.ends('n/near')).toEqual(['proxy:9090']);
    expect(local.ends('n/far')).toEqual(['db:8080']);
    const empty = new Cluster([service({ selector: { app: 'none' } }), redirect()]);
    expect(empty.answer('n/near').verdict).toBe('allowed');
    expect(empty.answer('n/far')).toMatchObject({ verdict: 'denied', reason: 'NO_ENDPOINT_ON_NODE' });
  });
});

describe('a CiliumLocalRedirectPolicy for an address (SVC-17)', () => {
  const metadata = redirect({ addressMatcher: { ip: '169.254.169.254', toPorts: [target('80')] } });

  it('leads clients of its port to its pods on their own node', () => {
    const cluster = new Cluster([metadata]);
    expect(cluster.ends('n/near', '169.254.169.254')).toEqual(['proxy:9090']);
    expect(cluster.ends('n/near', '169.254.169.254', 81)).toEqual(['169.254.169.254:81']);
    expect(cluster.ends('n/far', '169.254.169.254')).toEqual(['169.254.169.254:80']);
  });

  it('is refused where the agent takes other addresses only', () => {
    const only = (blocks: string): CniDetection => cilium('1.19.4', { ...ON, 'lrp-address-matcher-cidrs': blocks });
    const at = (cni: CniDetection): readonly string[] => new Cluster([metadata], cni).ends('n/near', '169.254.169.254');
    expect(at(only('10.0.0.0/8'))).toEqual(['169.254.169.254:80']);
    expect(at(only('10.0.0.0/8,169.254.0.0/16'))).toEqual(['proxy:9090']);
  });

  it('takes the address of a Service over in old releases, not in new ones, and perhaps between', () => {
    const objects = [service(), redirect({ addressMatcher: { ip: '10.96.0.7', toPorts: [target('80')] } })];
    expect(new Cluster(objects, cilium('1.16.9')).ends('n/near')).toEqual(['proxy:9090']);
    expect(new Cluster(objects, cilium('1.20.0')).ends('n/near')).toEqual(['db:8080']);
    const asked = { ...ON, 'enable-lrp-address-matcher-override': 'true' };
    expect(new Cluster(objects, cilium('1.17.15', asked)).ends('n/near')).toEqual(['proxy:9090']);
    const between = new Cluster(objects, cilium('1.18.5')).answer('n/near');
    expect(between).toMatchObject({ verdict: 'undetermined', reason: 'ADDRESS_UNKNOWN' });
    expect(between.summary).toContain('CiliumLocalRedirectPolicy n/near');
  });

  it('leaves a list of who reaches that Service as open as an answer', () => {
    const objects = [service(), redirect({ addressMatcher: { ip: '10.96.0.7', toPorts: [target('80')] } })];
    const [settled, between] = ['1.20.0', '1.18.5'].map((version) => new Cluster(objects, cilium(version)));
    expect([settled?.listed(), settled?.listed('unknown')]).toEqual([between?.listed('unknown'), []]);
    expect(between?.listed()).toEqual([]);
  });
});
