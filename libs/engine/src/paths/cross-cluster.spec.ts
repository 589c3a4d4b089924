import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import type { CompiledSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { crossClusterPath } from './cross-cluster.js';

const node = (name: string, address: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});
const pod = (app: string, ip: string, on: string): unknown => rawPod(`shop/${app}`, { labels: { app }, ip, node: on });
const cluster = (cni: 'calico' | 'none', ...raws: readonly unknown[]): CompiledSnapshot => {
  const facts = factsOf(rawNamespace('shop'), ...raws);
  const detected = compileSnapshot(facts).cni;
  const enforced = cni === 'calico' ? ({ enforced: 'yes', policyEngine: 'calico', networking: 'calico' } as const) : {};
  return compileSnapshot(facts, { cni: { ...detected, ...enforced } });
};
const from = (...cidrs: readonly string[]): unknown =>
  rawNetworkPolicy('shop/db', {
    podSelector: { matchLabels: { app: 'db' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: cidrs.map((cidr) => ({ ipBlock: { cidr } })) }],
  });
const A = cluster('calico', node('a1', '192.168.1.1'), pod('web', '10.1.0.1', 'a1'));
const B = (...policies: readonly unknown[]): CompiledSnapshot =>
  cluster('calico', node('b1', '192.168.2.1'), pod('db', '10.2.0.1', 'b1'), ...policies);
const question = {
  source: { type: 'pod', namespace: 'shop', name: 'web' },
  destination: { type: 'pod', namespace: 'shop', name: 'db' },
  protocol: TCP,
  port: 5432,
} as const;
const all = (snapshot: CompiledSnapshot) => ({ snapshot, sees: () => true });
const asked = (a: CompiledSnapshot, b: CompiledSnapshot) => {
  const result = crossClusterPath(all(a), all(b), question);
  if (result.type !== 'found') throw new Error(result.error.message);
  return result.answer;
};

describe('crossClusterPath', () => {
  it('allows where both halves do, however the source is seen', () => {
    expect(asked(A, B())).toMatchObject({
      verdict: 'allowed',
      routes: [{ kind: 'pod-address', target: '10.2.0.1:5432', doubts: [] }],
    });
    expect(asked(A, B(from('10.1.0.0/16', '192.168.0.0/16'))).verdict).toBe('allowed');
  });

  it('denies where either half certainly does', () => {
    expect(asked(A, B(from('10.9.0.0/16'))).verdict).toBe('denied');
    const closed = cluster(
      'calico',
      node('a1', '192.168.1.1'),
      pod('web', '10.1.0.1', 'a1'),
      rawNetworkPolicy('shop/out', { podSelector: {}, policyTypes: ['Egress'] }),
    );
    expect(asked(closed, B()).verdict).toBe('denied');
  });

  it('does not know where it depends on masquerading, and says so', () => {
    const answer = asked(A, B(from('10.1.0.0/16')));
    expect(answer.verdict).toBe('undetermined');
    expect(answer.routes[0]?.ingress.map(({ seenAs, verdict }) => [seenAs, verdict])).toEqual([
      ['10.1.0.1', 'allowed'],
      ['192.168.1.1', 'denied'],
    ]);
    expect(answer.routes[0]?.doubts[0]).toContain('masquerading');
  });

  it('does not know where the ranges of the clusters overlap', () => {
    const same = cluster(
      'calico',
      node('a1', '192.168.1.1'),
      pod('web', '10.1.0.1', 'a1'),
      pod('other', '10.2.0.1', 'a1'),
    );
    expect(asked(same, B())).toMatchObject({ verdict: 'undetermined' });
    expect(asked(same, B()).routes[0]?.doubts[0]).toContain('the same address');
  });

  it('goes by identities where ClusterMesh joins both, unless an address is somebody else’s too', () => {
    const meshed = (name: string, ...pods: readonly unknown[]): CompiledSnapshot => {
      const cni = { ...knownCni('cilium'), networking: 'cilium', options: { 'cluster-name': name } } as const;
      return compileSnapshot(factsOf(rawNamespace('shop'), ...pods), { cni });
    };
    const east = meshed('east', pod('web', '10.1.0.1', 'a1'));
    const west = meshed('west', pod('db', '10.2.0.1', 'b1'));
    const byMesh = (a: CompiledSnapshot, b: CompiledSnapshot) =>
      asked(a, b).routes.find(({ kind }) => kind === 'cluster-mesh');
    expect(byMesh(east, west)).toMatchObject({ verdict: 'allowed', doubts: [] });
    expect(byMesh(east, meshed('west', pod('db', 'fd00::2', 'b1')))).toMatchObject({ target: '[fd00::2]:5432' });
    const waiting = ['a', 'b', 'c', 'd', 'e'].map((name) => rawPod(`shop/${name}`, { ip: '' }));
    const namespace = { ...question, destination: { type: 'namespace', name: 'shop' } } as const;
    expect(
      crossClusterPath(all(east), all(meshed('west', ...waiting, pod('z', '10.2.0.1', 'b1'))), namespace),
    ).toMatchObject({
      answer: { routes: expect.arrayContaining([expect.objectContaining({ kind: 'cluster-mesh' })]) },
    });
    const alike = meshed('west', pod('db', '10.2.0.1', 'b1'), pod('other', '10.1.0.1', 'b1'));
    expect(byMesh(east, alike)).toMatchObject({
      verdict: 'undetermined',
      doubts: [expect.stringContaining('does not lead across')],
    });
  });

  it('leads through a Service that ClusterMesh makes global to what the other cluster shares of it (SVC-12)', () => {
    const meshed = (name: string, ...raws: readonly unknown[]): CompiledSnapshot => {
      const cni = { ...knownCni('cilium'), networking: 'cilium', options: { 'cluster-name': name } } as const;
      return compileSnapshot(factsOf(rawNamespace('shop'), ...raws), { cni });
    };
    const service = (port: object, more: object = {}): unknown => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'db', namespace: 'shop', annotations: { 'service.cilium.io/global': 'true', ...more } },
      spec: { clusterIP: '10.96.0.9', selector: { app: 'db' }, ports: [{ name: 'sql', ...port }] },
    });
    const here = (more: object = {}, ...raws: readonly unknown[]) =>
      meshed('east', pod('web', '10.1.0.1', 'a1'), service({ port: 5432 }, more), ...raws);
    const there = (more: object = {}, ...raws: readonly unknown[]) =>
      meshed('west', pod('db', '10.2.0.1', 'b1'), service({ port: 6000, targetPort: 7000 }, more), ...raws);
    const ways = (a: CompiledSnapshot, b: CompiledSnapshot) => {
      const destination = { type: 'service', namespace: 'shop', name: 'db' } as const;
      const result = crossClusterPath(all(a), all(b), { ...question, destination });
      return result.type === 'found' ? result.answer.routes.map(({ target, verdict }) => [target, verdict]) : [];
    };
    expect(ways(here(), there())).toEqual([['10.2.0.1:7000', 'allowed']]);
    expect(ways(here(), there({}, from('10.9.0.0/16')))).toEqual([['10.2.0.1:7000', 'denied']]);
    expect(ways(here(), there({ 'service.cilium.io/shared': 'false' }))).toEqual([]);
    expect(ways(here({ 'service.cilium.io/global': 'false' }), there())).toEqual([]);
    const local = { 'service.cilium.io/affinity': 'local' };
    expect(ways(here(local), there())).toHaveLength(1);
    expect(ways(here(local, pod('db', '10.1.0.2', 'a1')), there())).toEqual([]);
  });
});
