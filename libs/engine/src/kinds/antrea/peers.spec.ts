import { describe, expect, it } from '@jest/globals';

import {
  antreaCluster,
  antreaNamespaced,
  antreaObject,
  antreaWorld,
  drop,
  refusals,
  SERVER_PODS,
  SERVER_SERVICE,
} from '../../testing/index.js';
import type { PolicyWorld } from '../../testing/index.js';

describe('Antrea peers', () => {
  const from = (peer: object, ...more: readonly unknown[]): PolicyWorld =>
    antreaWorld(antreaCluster('c', { ingress: [drop({ from: [peer] })] }), ...more);
  const to = (peer: object, ...more: readonly unknown[]): PolicyWorld =>
    antreaWorld(antreaCluster('c', { egress: [drop({ to: [peer] })] }), ...more);

  it('AT-21 reads no peers as everyone', () => {
    const w = antreaWorld(antreaCluster('c', { ingress: [drop({ from: [] })] }));
    expect([w.ask('203.0.113.9', 'b/server'), w.ask('node:node-2', 'b/server')]).toEqual(['deny', 'deny']);
  });

  it('AT-22 reads selectors over all namespaces, in NetworkPolicy over its own', () => {
    const client = { podSelector: { matchLabels: { app: 'client' } } };
    expect(from(client).ask('a/client', 'b/server')).toBe('deny');
    expect(
      antreaWorld(antreaNamespaced('n', { ingress: [drop({ from: [client] })] })).ask('a/client', 'b/server'),
    ).toBe('allow');
    expect(from({}).ask('a/client', 'b/server')).toBe('allow');
    const own = antreaWorld(antreaNamespaced('n', { ingress: [drop({ from: [{}] })] }));
    expect([own.ask('b/other', 'b/server'), own.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
  });

  it('AT-23 compares namespaces with the subject, and passes empty criteria over', () => {
    const self = from({ namespaces: { match: 'Self' } });
    expect([self.ask('b/other', 'b/server'), self.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
    const same = from({ namespaces: { sameLabels: ['team'] } });
    expect([same.ask('b/other', 'b/server'), same.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
    expect(same.ask('kube-system/dns', 'kube-system/dns')).toBe('allow');
    expect(from({ namespaces: {} }).ask('a/client', 'b/server')).toBe('deny');
  });

  it('AT-24 matches pods by address and leaves exceptions out', () => {
    const w = from({ ipBlock: { cidr: '10.0.0.0/24', except: ['10.0.0.1/32'] } });
    expect([w.ask('b/other', 'b/server'), w.ask('a/client', 'b/server')]).toEqual(['deny', 'allow']);
    expect(refusals(from({ ipBlock: { cidr: '10.0.0.0/24', except: ['10.0.0.0/24'] } }))).toEqual([
      'error antrea.except /spec/ingress/0/from/0/ipBlock/except/0',
    ]);
    expect(from({ group: 'nobody' }).ask('a/client', 'b/server')).toBe('allow');
  });

  it('AT-29 follows names; those of headless Services lead to pods', () => {
    const service = (clusterIP: string): unknown => ({
      ...SERVER_SERVICE,
      spec: { clusterIP, selector: { app: 'server' } },
    });
    const name = { fqdn: '*.B.svc.cluster.local' };
    expect(to(name, service('None')).ask('a/client', 'b/server')).toBe('deny');
    expect(to(name, service('10.96.0.5')).ask('a/client', 'b/server')).toBe('allow');
    const wild = to({ fqdn: '*foobar.com' });
    const names = ['foobar.com', 'www.Foobar.com', 'test.uswest.foobar.com', 'foobar.org'];
    expect(names.map((host) => wild.ask('a/client', host))).toEqual(['deny', 'deny', 'deny', 'allow']);
    expect(wild.ask('a/client', '203.0.113.9')).toBe('unknown');
    expect(refusals(to({ fqdn: 'a b' }))).toEqual(['error antrea.fqdn /spec/egress/0/to/0/fqdn']);
  });

  it('AT-37 matches nodes by their labels, and pods by their account', () => {
    const w = to({ nodeSelector: { matchLabels: { zone: 'y' } } });
    expect([w.ask('a/client', 'node:node-2'), w.ask('a/client', 'node:node-1')]).toEqual(['deny', 'allow']);
    const account = from({ serviceAccount: { name: 'default', namespace: 'a' } });
    expect([account.ask('a/client', 'b/server'), account.ask('b/other', 'b/server')]).toEqual(['deny', 'allow']);
  });

  it('AT-38 matches external entities by their addresses', () => {
    const vm = antreaObject(
      'ExternalEntity',
      { name: 'vm', namespace: 'a', labels: { role: 'vm' } },
      { endpoints: [{ ip: '203.0.113.7' }] },
    );
    const w = from({ externalEntitySelector: { matchLabels: { role: 'vm' } } }, vm);
    expect(['203.0.113.7', '203.0.113.8', 'a/client'].map((peer) => w.ask(peer, 'b/server'))).toEqual([
      'deny',
      'allow',
      'allow',
    ]);
  });

  it('AT-39 leaves open whether an outside address is a pod of the cluster set', () => {
    const w = from({ ...SERVER_PODS, scope: 'ClusterSet' });
    expect([w.ask('203.0.113.9', 'b/other'), w.ask('b/server', 'b/other'), w.ask('a/client', 'b/other')]).toEqual([
      'unknown',
      'deny',
      'allow',
    ]);
  });
});
