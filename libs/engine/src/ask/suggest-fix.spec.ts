import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import { factsOf, knownCni, namedPeer, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import type { FixView } from './answer.js';
import { ask } from './ask.js';

type Engine = 'calico' | 'cilium' | 'ovn-kubernetes';
const VERSIONS = { calico: '3.28.0', cilium: '1.17.0', 'ovn-kubernetes': '1.1.0' } as const;
const cni = (engine: Engine) => knownCni(engine, { version: VERSIONS[engine] });

const closed = (name: string) => rawNetworkPolicy(name, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const node = (name: string, ...addresses: string[]) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});
const world = [
  rawNamespace('shop'),
  node('n1', '192.168.0.1'),
  node('n2', '192.168.0.2', '2001:db8::2'),
  rawPod('shop/web', { labels: { app: 'web' }, ip: '10.0.0.1', node: 'n1' }),
  rawPod('shop/bare', { labels: {}, ip: '10.0.0.2', node: 'n1' }),
  closed('shop/closed'),
];

function fixOf(
  from: string,
  to: string,
  protocol = 6,
  engine: Engine = 'calico',
  ...more: readonly unknown[]
): FixView | undefined {
  const snapshot = compileSnapshot(factsOf(...world, ...more), { cni: cni(engine) });
  const port = protocol === 6 ? 443 : null;
  const question = { source: namedPeer(from), destination: namedPeer(to), protocol, port };
  const result = ask(snapshot, question);
  if (result.type === 'notFound') throw new Error(result.error.message);
  return result.answer.fixes[0];
}

describe('suggestFix', () => {
  it('names a block as it was asked for', () => {
    expect(fixOf('shop/web', '203.0.113.0/24')?.manifest).toContain('cidr: 203.0.113.0/24\n');
  });

  it('speaks for all pods of a Service that no policy tells apart, by what their labels share', () => {
    const replica = (name: string, ip: string) =>
      rawPod(`shop/${name}`, { labels: { tier: 'db', instance: name }, ip });
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'db', namespace: 'shop' },
      spec: { clusterIP: '10.96.0.1', selector: { tier: 'db' }, ports: [{ port: 443 }] },
    };
    const backends = [service, replica('db-0', '10.0.1.1'), replica('db-1', '10.0.1.2')];
    const fix = fixOf('shop/web', 'service:shop/db', 6, 'calico', ...backends);
    expect(fix?.why).toContain('no rule admits shop/db-0 and 1 alike');
    expect(fix?.manifest).toMatch(/matchLabels:\n +tier: db\n +ports:/);
  });

  it('names every address of a node, where blocks take nodes in', () => {
    const manifest = fixOf('shop/web', 'node:n2')?.manifest;
    expect(manifest).toContain('kind: NetworkPolicy');
    expect(manifest).toContain('cidr: 192.168.0.2/32');
    expect(manifest).toContain('cidr: 2001:db8::2/128');
    expect(fixOf('node:n2', 'shop/web')?.manifest).toContain('cidr: 192.168.0.2/32');
  });

  it('names nodes as entities where blocks do not', () => {
    const fix = fixOf('node:n2', 'shop/web', 6, 'cilium');
    expect(fix?.manifest).toBe(`apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: allow-web-from-n2
  namespace: shop
spec:
  endpointSelector:
    matchLabels:
      app: web
  ingress:
    - fromEntities: [host, remote-node]
      toPorts:
        - ports:
            - port: "443"
              protocol: TCP
`);
    expect(fix?.why).toContain('it cannot name one node, so every node is meant');
  });

  it('gives no manifest for a name whose addresses are not known', () => {
    expect(fixOf('shop/web', 'host:example.com')).toMatchObject({ action: 'change', manifest: '' });
  });

  it('gives no manifest where a gate beside policy denies too, and is told first', () => {
    const firewall = {
      apiVersion: 'k8s.ovn.org/v1',
      kind: 'EgressFirewall',
      metadata: { name: 'default', namespace: 'shop' },
      spec: { egress: [{ type: 'Deny', to: { cidrSelector: '0.0.0.0/0' } }] },
    };
    expect(fixOf('shop/web', 'ip:8.8.8.8', 6, 'ovn-kubernetes')?.action).toBe('apply');
    expect(fixOf('shop/web', 'ip:8.8.8.8', 6, 'ovn-kubernetes', firewall)).toMatchObject({
      title: 'change shop/default#0',
      action: 'change',
      manifest: '',
    });
  });

  it('says what opens with it', () => {
    expect(fixOf('shop/web', 'ip:8.8.8.8')?.why).toContain('policies add up, so this one opens only that');
    expect(fixOf('shop/web', 'shop/bare')?.why).toContain('all pods of its namespace are meant');
    expect(fixOf('shop/web', 'ip:8.8.8.8', 1)?.why).toContain('cannot name ICMP, so every port opens with it');
    expect(fixOf('shop/web', 'ip:169.254.169.254')?.why).toContain('the credentials of the node');
  });
});
