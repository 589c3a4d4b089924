import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '#engine';
import { factsOf, knownCni } from '#engine/testing';

import { AuditContext } from '../context/audit-context.js';
import { DEFAULT_SETTINGS } from '../context/audit-settings.js';
import { byService, dns, localRedirect, namespace, node, pod } from '../testing/objects.js';
import { dnsRules } from './default-deny.js';

const ports = ['UDP', 'TCP'].map((protocol) => ({
  name: `dns-${protocol.toLowerCase()}`,
  containerPort: 53,
  protocol,
}));
const cache = (name: string): unknown => pod(`kube-system/${name}`, { labels: { 'k8s-app': 'node-local-dns' }, ports });
const redirect = localRedirect(
  'kube-system/nodelocaldns',
  byService('kube-system/kube-dns'),
  { 'k8s-app': 'node-local-dns' },
  ...ports.map(({ name, protocol }) => ({ port: '53', name, protocol })),
);

describe('rules for DNS', () => {
  const peersWith = (...objects: readonly unknown[]) => {
    const cni = knownCni('cilium', { version: '1.19.4', options: { 'enable-local-redirect-policy': 'true' } });
    const snapshot = compileSnapshot(factsOf(node(), namespace('shop'), ...dns(), ...objects), { cni });
    return dnsRules(new AuditContext(snapshot, DEFAULT_SETTINGS)).flatMap(({ peers }) => peers);
  };
  const pods = (app: string): object => ({ type: 'pods', namespace: 'kube-system', labels: { 'k8s-app': app } });

  it('admit the resolvers by the labels that their Service selects', () => {
    expect(peersWith(cache('cache-1'))).toEqual([pods('kube-dns')]);
  });

  it('admit the caches to which a policy redirects their clients, once for all that are alike', () => {
    expect(peersWith(cache('cache-1'), cache('cache-2'), redirect)).toEqual([pods('kube-dns'), pods('node-local-dns')]);
  });
});
