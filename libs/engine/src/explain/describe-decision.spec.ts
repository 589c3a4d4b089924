import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import type { Endpoint } from '../compile/index.js';
import { evaluatePair } from '../eval/index.js';
import { TCP } from '../model/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { describeFlow } from './describe-decision.js';

const INVENTORY = [
  rawNamespace('shop', { 'istio.io/dataplane-mode': 'ambient' }),
  rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.1', node: 'node-1', serviceAccount: 'web' }),
  rawPod('shop/db', { labels: { app: 'db' }, ip: '10.0.0.2', node: 'node-2', serviceAccount: 'db' }),
];

const object = (apiVersion: string, kind: string, name: string, spec: unknown, namespace?: string): unknown => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec,
});
const admin = (action: string): unknown =>
  object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'admin', {
    priority: 1,
    subject: { namespaces: {} },
    ingress: [{ name: 'web', action, from: [{ namespaces: {} }] }],
  });
const BASELINE = object('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', 'default', {
  subject: { namespaces: {} },
  ingress: [{ name: 'all', action: 'Deny', from: [{ namespaces: {} }] }],
});
const onPort = (name: string, port: number): unknown =>
  rawNetworkPolicy(`shop/${name}`, { podSelector: { matchLabels: { app: 'db' } }, ingress: [{ ports: [{ port }] }] });

/** The line about `shop/web` → `shop/db` on port 80. */
function line(...policies: readonly unknown[]): string {
  const snapshot = compileSnapshot(factsOf(...INVENTORY, ...policies), {});
  const pod = (name: string): Endpoint => snapshot.directory.pod('shop', name) as Endpoint;
  const flow = { protocol: TCP, port: 80, family: 4 } as const;
  const text = describeFlow(evaluatePair(snapshot, pod('web'), pod('db'), flow, 'intended'), 'shop/web', 'shop/db');
  const start = 'egress shop/web: open, no policy isolates it → ingress shop/db: ';
  expect(text.slice(0, start.length)).toBe(start);
  return text.slice(start.length);
}

describe('the line about a flow', () => {
  it('tells what passed the decision on', () => {
    expect(line(admin('Pass'))).toBe('passed on by admin#0 (web), then open, no policy isolates it → allowed');
    expect(line(admin('Pass'), BASELINE)).toBe('passed on by admin#0 (web), then denied by default#0 (all) → denied');
    expect(line(admin('Deny'))).toBe('denied by admin#0 (web) → denied');
  });

  it('tells the nearest miss, and of which rule where several policies isolate', () => {
    const http = object('networking.k8s.io/v1', 'NetworkPolicy', 'http', { podSelector: {}, ingress: [] }, 'plain');
    expect(line(http, onPort('one', 8080))).toMatch(/^no rule of shop\/one matches \(port 15008, .* not in TCP 8080\)/);
    expect(line(onPort('one', 8080), onPort('two', 9090))).toMatch(
      /^no rule of shop\/one, shop\/two matches \(shop\/one#0: port 15008, .* not in TCP 8080\)/,
    );
  });

  it('does not lend a miss of another tier to the policies that decide', () => {
    const allow = object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'admin', {
      priority: 1,
      subject: { namespaces: {} },
      ingress: [{ name: 'web', action: 'Allow', from: [{ namespaces: {} }], ports: [{ portNumber: { port: 9999 } }] }],
    });
    const closed = rawNetworkPolicy('shop/closed', { podSelector: {}, policyTypes: ['Ingress'] });
    expect(line(allow, closed)).toBe('no rule of shop/closed matches → denied');
  });

  it('tells a refusal by the mesh for want of a rule from one by a rule, and names both gates of an allow', () => {
    const mesh = (action: string, account: string): unknown => {
      const rules = [{ from: [{ source: { serviceAccounts: [account] } }] }];
      return object('security.istio.io/v1', 'AuthorizationPolicy', 'authz', { action, rules }, 'shop');
    };
    expect(line(mesh('ALLOW', 'other'))).toBe(
      'no rule of shop/authz matches (the source is not among its peers) → denied',
    );
    expect(line(mesh('DENY', 'web'))).toBe('denied by shop/authz#0 → denied');
    expect(line(mesh('ALLOW', 'web'), onPort('hbone', 15008))).toBe('allowed by shop/hbone#0, shop/authz#0 → allowed');
  });
});
