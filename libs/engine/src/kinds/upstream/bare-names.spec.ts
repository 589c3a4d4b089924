import { describe, expect, it } from '@jest/globals';
import type { Semantics } from '../../model/index.js';
import { PolicyWorld } from '../../testing/index.js';

function deny(direction: 'ingress' | 'egress', peers: 'from' | 'to'): unknown {
  const rule = { action: 'Deny', ports: [{ namedPort: 'http' }], [peers]: [{ namespaces: {} }] };
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    kind: 'AdminNetworkPolicy',
    metadata: { name: 'a' },
    spec: { priority: 1, subject: { namespaces: {} }, [direction]: [rule] },
  };
}

describe('the name of a port in kube-network-policies', () => {
  it.each([deny('ingress', 'from'), deny('egress', 'to')])(
    'UP-41: stands for every port of pods that have it',
    (policy) => {
      const spec = new PolicyWorld([policy]);
      const build = new PolicyWorld([policy], { options: { flavour: 'npa-v1alpha1' } });
      const verdicts = (to: string, port: string): readonly string[] =>
        [spec, build].map((world) => world.ask('a/client', to, port));
      expect(verdicts('b/server', 'TCP/8080')).toEqual(['deny', 'deny']);
      expect(verdicts('b/server', 'TCP/9999')).toEqual(['allow', 'deny']);
      expect(verdicts('b/server', 'UDP/9999')).toEqual(['allow', 'deny']);
      expect(verdicts('b/other', 'TCP/9999')).toEqual(['allow', 'allow']);
    },
  );

  it('UP-41: stands for every port of pods that a template with it will make', () => {
    const container = { name: 'c', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'new', namespace: 'b' },
      spec: { template: { metadata: { labels: { app: 'new' } }, spec: { containers: [container] } } },
    };
    const build = new PolicyWorld([deny('ingress', 'from'), deployment], { options: { flavour: 'npa-v1alpha1' } });
    expect(build.ask('a/client', 'b/new', 'TCP/9999')).toBe('deny');
  });

  it('UP-41 NP-53: is none that an init container gives', () => {
    const init = { name: 'i', restartPolicy: 'Always', ports: [{ name: 'http', containerPort: 8080 }] };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'sidecar', namespace: 'b' },
      spec: { initContainers: [init], containers: [{ name: 'c' }] },
      status: { phase: 'Running', podIP: '10.0.9.9' },
    };
    const given = [deny('ingress', 'from'), pod];
    const asked = (semantics?: Partial<Semantics>): readonly string[] =>
      ['TCP/8080', 'TCP/9999'].map((port) => new PolicyWorld(given, semantics).ask('a/client', 'b/sidecar', port));
    expect(asked()).toEqual(['deny', 'allow']);
    const build = { networkPolicyOf: 'kube-network-policies', options: { flavour: 'npa-v1alpha1' } } as const;
    expect(asked(build)).toEqual(['allow', 'allow']);
  });
});
