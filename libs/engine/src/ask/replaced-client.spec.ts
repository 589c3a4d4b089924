import { describe, expect, it } from '@jest/globals';

import { compileSnapshot } from '../compile/index.js';
import { TCP } from '../model/index.js';
import { factsOf, knownCni, namedPeer, rawCalico, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { ask } from './ask.js';
import { verdictOf } from './verdict-of.js';

const node = (name: string, address: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});

const ingress = (cidr: string): unknown =>
  rawNetworkPolicy('s/p', { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr } }] }] });

function asked(
  policy: unknown,
  cni: string,
  nodes = 2,
  spec: object = { type: 'NodePort' },
  more: readonly unknown[] = [],
) {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 's' },
    spec: { clusterIP: '10.96.0.1', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30080 }], ...spec },
  };
  const pod = rawPod('s/web', { labels: { app: 'web' }, ip: '10.0.0.1', node: 'n1' });
  const all = [node('n1', '172.18.0.1'), node('n2', '172.18.0.2')].slice(0, nodes);
  const snapshot = compileSnapshot(factsOf(...all, pod, service, policy, ...more), { cni: knownCni(cni) });
  const question = {
    source: namedPeer('ip:203.0.113.9'),
    destination: namedPeer('service:s/web'),
    protocol: TCP,
    port: 80,
  };
  const result = ask(snapshot, question);
  const alone = verdictOf(snapshot, question, 'enforced');
  if (result.type !== 'answer' || alone.type !== 'verdict') throw new Error('not found');
  expect(alone.verdict).toBe(result.answer.enforced.verdict);
  return result.answer;
}

describe('a client from outside, through a Service with externalTrafficPolicy Cluster', () => {
  const verdicts = (...args: Parameters<typeof asked>): string[] => {
    const { intended, enforced } = asked(...args);
    return [intended.verdict, enforced.verdict];
  };

  it('is undetermined where policy tells the client from the other nodes', () => {
    expect(verdicts(ingress('203.0.113.0/24'), 'calico')).toEqual(['undetermined', 'undetermined']);
    const { enforced, steps } = asked(ingress('203.0.113.0/24'), 'calico');
    const byNode = 'allowed where it enters at n1, denied where it enters at n2';
    expect(enforced.summary).toContain(`ingress s/web: ${byNode} → undetermined`);
    expect(steps.map(({ why }) => why)).toContainEqual(
      expect.stringContaining(`says something else of each: ${byNode}`),
    );
  });

  it('is as policy says where that is the same for both', () => {
    expect(verdicts(ingress('0.0.0.0/0'), 'calico')).toEqual(['allowed', 'allowed']);
    expect(verdicts(ingress('198.51.100.0/24'), 'calico')).toEqual(['denied', 'denied']);
    // Blocks never match nodes there.
    expect(verdicts(ingress('0.0.0.0/0'), 'cilium')).toEqual(['allowed', 'undetermined']);
  });

  it('is asked about where it enters, before its address is replaced', () => {
    const host = (spec: object): unknown[] => [
      rawCalico('HostEndpoint', 'n2', { node: 'n2', interfaceName: '*' }, { role: 'edge' }),
      rawCalico('GlobalNetworkPolicy', 'edge', {
        selector: "role == 'edge'",
        applyOnForward: true,
        types: ['Ingress'],
        ...spec,
      }),
    ];
    const atEdge = (spec: object): string => {
      const { enforced } = asked(ingress('0.0.0.0/0'), 'calico', 2, { type: 'NodePort' }, host(spec));
      return enforced.verdict;
    };
    const denied = (destination: object, nets: readonly string[]): object => ({
      ingress: [{ action: 'Deny', protocol: 'TCP', source: { nets }, destination }, { action: 'Allow' }],
    });
    expect(atEdge(denied({}, ['198.51.100.0/24']))).toBe('allowed');
    expect(atEdge(denied({}, ['203.0.113.0/24']))).toBe('undetermined');
    expect(atEdge({ preDNAT: true, ...denied({ ports: [30080] }, ['203.0.113.0/24']) })).toBe('undetermined');
    expect(atEdge({ preDNAT: true, ...denied({ ports: [30080] }, ['198.51.100.0/24']) })).toBe('allowed');
  });

  it('is judged at the node of each backend, which alone may see it', () => {
    const near = rawPod('s/a', { labels: { app: 'web' }, ip: '10.0.0.2', node: 'n2' });
    const from = ['203.0.113.0/24', '172.18.0.1/32'].map((cidr) => ({ ipBlock: { cidr } }));
    const policy = rawNetworkPolicy('s/p', { podSelector: {}, ingress: [{ from }] });
    const { enforced, flows } = asked(policy, 'calico', 2, { type: 'NodePort' }, [near]);
    expect(flows.map((flow) => [flow.destination.name, flow.enforced.verdict])).toEqual([
      ['a', 'allowed'],
      ['web', 'undetermined'],
    ]);
    expect(enforced.verdict).toBe('undetermined');
  });

  it('is seen where no other node can send it on, or its address is kept', () => {
    expect(verdicts(ingress('203.0.113.0/24'), 'calico', 1)).toEqual(['allowed', 'allowed']);
    const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
    expect(verdicts(ingress('203.0.113.0/24'), 'calico', 2, local)).toEqual(['allowed', 'allowed']);
  });
});
