import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '#engine';
import { factsOf } from '#engine/testing';

import { API_SERVER, denyAll, dns, namespace, node, pod } from '../testing/objects.js';
import { fillPattern, PATTERNS } from './patterns.js';

const two = [
  node(),
  namespace('shop'),
  namespace('pay'),
  pod('shop/web', { port: 8080 }),
  pod('pay/api', { port: 80 }),
];
const fill = (id: string, ...objects: unknown[]) =>
  fillPattern(compileSnapshot(factsOf(...two, ...objects)), id, 'shop');
const changes = (filled: ReturnType<typeof fill>): string[] =>
  filled === null || !('prediction' in filled)
    ? []
    : filled.prediction.changes.map((one) => `${one.source} -> ${one.destination} +${one.opens} -${one.closes}`);

describe('patterns', () => {
  it.each(PATTERNS.map(({ id }) => id))('%s is filled in as valid policies of the namespace', (id) => {
    const filled = fill(id, ...dns(), ...API_SERVER);
    expect(filled).toMatchObject({ pattern: { id }, manifest: expect.stringContaining('namespace: shop') });
  });

  it('default-deny closes the namespace and leaves DNS open', () => {
    const told = changes(fill('default-deny', ...dns(5353)));
    expect(told).toContain('pay/api[Pod] -> shop/web[Pod] +none -all');
    expect(told).toContain(
      'shop/web[Pod] -> kube-system/coredns[Pod] +none -TCP 1-5352, 5354-65535; UDP 1-5352, 5354-65535; SCTP any',
    );
    expect(fill('default-deny', ...dns(5353))).toMatchObject({ prediction: { opened: 0 } });
  });

  it('allow-dns opens the ports of the resolvers and nothing else', () => {
    expect(changes(fill('allow-dns', ...dns(5353), denyAll('shop', 'Egress')))).toContain(
      'shop/web[Pod] -> kube-system/coredns[Pod] +TCP 5353; UDP 5353 -none',
    );
  });

  it('namespace-isolation closes what comes from elsewhere', () => {
    const told = changes(fill('namespace-isolation'));
    expect(told).toContain('pay/api[Pod] -> shop/web[Pod] +none -all');
    expect(told.filter((line) => line.startsWith('shop/'))).toEqual([]);
  });

  it('apiserver-egress opens the endpoint, not the Service', () => {
    expect(changes(fill('apiserver-egress', ...API_SERVER, denyAll('shop', 'Egress')))).toContain(
      'shop/web[Pod] -> 172.18.0.10-172.18.0.10 +TCP 6443 -none',
    );
  });

  it('say what the inventory lacks', () => {
    expect(fill('allow-dns')).toMatchObject({ missing: expect.stringContaining('no cluster DNS') });
    expect(fill('apiserver-egress')).toMatchObject({ missing: expect.stringContaining('default/kubernetes') });
    expect(fillPattern(compileSnapshot(factsOf(...two)), 'default-deny', 'none')).toMatchObject({
      missing: 'there is no namespace `none`',
    });
    expect(fill('no-such-pattern')).toBeNull();
  });
});
