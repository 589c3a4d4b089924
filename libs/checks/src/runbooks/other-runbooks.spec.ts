import { describe, expect, it } from '@jest/globals';

import { CALICO, denyAll, dns, everyPodOf, FLANNEL, namespace, node, pod, policy } from '../testing/objects.js';
import { runOn } from '../testing/run-runbook-on.js';
import { runbook as apiserver } from './apiserver-egress-blocked.runbook.js';
import { runbook as crossNamespace } from './cross-namespace-access.runbook.js';
import { runbook as dnsFails } from './dns-resolution-fails.runbook.js';
import { runbook as namespaceLost } from './namespace-lost-connectivity.runbook.js';
import { runbook as withoutEffect } from './policies-without-effect.runbook.js';
import { runbook as internet } from './unexpected-internet-egress.runbook.js';

const shop = [node(), namespace('shop'), pod('shop/web'), pod('shop/api', { port: 8080 }), ...dns()];

describe('namespace-lost-connectivity', () => {
  it('finds DNS cut by a default deny, with the policy that mends it and the change that did it', async () => {
    const objects = [...shop, denyAll('shop', 'Ingress', 'Egress')];
    const report = await runOn(namespaceLost, { objects, past: [shop], inputs: { namespace: 'shop' } });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: '2 pods of shop cannot look names up: to the people inside it looks as if everything were down',
    });
    expect(report.steps[0]!.found).toMatch(/NetworkPolicy shop\/default-deny added$/);
    expect(report.fix!.manifest).toContain('k8s-app: kube-dns');
  });

  it('leaves other namespaces out', async () => {
    const objects = [...shop, namespace('pay'), pod('pay/gateway'), denyAll('pay', 'Egress')];
    const report = await runOn(namespaceLost, { objects, inputs: { namespace: 'shop' } });
    expect(report.result).toBe('not-the-cause');
  });
});

describe('cross-namespace-access', () => {
  const peers = { type: 'name', namespace: 'shop', name: 'web' } as const;

  it('tells a pod selector that means the own namespace, and what to write instead', async () => {
    const objects = [
      ...shop,
      namespace('pay'),
      pod('pay/gateway', { port: 8443 }),
      policy('pay/in', {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
      }),
    ];
    const to = { type: 'name', namespace: 'pay', name: 'gateway' } as const;
    const report = await runOn(crossNamespace, { objects, inputs: { from: peers, to, port: 8443 } });
    expect(report.result).toBe('cause-found');
    expect(report.answer).toMatch(/^ingress is isolated by pay\/in and no rule admits it; nearest rule pay\/in#0/);
    expect(report.steps.find((step) => step.id === 'future-pod-exposure')).toMatchObject({ outcome: 'fail' });
    expect(report.fix!.manifest).toContain('kubernetes.io/metadata.name: shop');
  });
});

describe('policies-without-effect', () => {
  it('finds a plugin that enforces nothing', async () => {
    const report = await runOn(withoutEffect, { objects: [...shop, FLANNEL, denyAll('shop', 'Ingress')] });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'Flannel 0.27.0 does not enforce the one policy that there is',
    });
  });

  it('finds another policy that allows everything', async () => {
    const objects = [
      ...shop,
      CALICO,
      pod('kube-system/calico-node', { labels: { 'k8s-app': 'calico-node' }, hostNetwork: true }),
      denyAll('shop', 'Ingress'),
      policy('shop/all', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] }),
    ];
    const report = await runOn(withoutEffect, { objects, inputs: { namespace: 'shop' }, all: true });
    expect(report.steps.find((step) => step.id === 'allow-all-ingress')).toMatchObject({ outcome: 'fail' });
  });

  it('is undetermined where the plugin cannot be told', async () => {
    const report = await runOn(withoutEffect, { objects: [...shop, denyAll('shop', 'Ingress')] });
    expect(report.result).toBe('undetermined');
  });
});

describe('dns-resolution-fails', () => {
  it('finds the pods without a way to the resolvers', async () => {
    const report = await runOn(dnsFails, { objects: [...shop, denyAll('shop', 'Egress')] });
    expect(report).toMatchObject({ result: 'cause-found', answer: '2 pods of shop cannot look names up' });
  });

  it('passes where DNS is allowed', async () => {
    const allow = policy('shop/dns', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        {
          to: [everyPodOf('kube-system')],
          ports: [
            { port: 53, protocol: 'UDP' },
            { port: 53, protocol: 'TCP' },
          ],
        },
      ],
    });
    expect((await runOn(dnsFails, { objects: [...shop, allow] })).result).toBe('not-the-cause');
  });
});

describe('apiserver-egress-blocked', () => {
  const kubernetes = [
    namespace('default'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default' },
      spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
      endpoints: [{ addresses: ['192.0.2.10'], conditions: { ready: true } }],
    },
  ];
  const from = { type: 'name', namespace: 'shop', name: 'web' } as const;

  it('gives the block and the port of the endpoints, not those of the Service', async () => {
    const objects = [...shop, ...kubernetes, denyAll('shop', 'Egress')];
    const report = await runOn(apiserver, { objects, inputs: { from } });
    expect(report.result).toBe('cause-found');
    expect(report.fix!.manifest).toContain('cidr: "192.0.2.10/32"');
    expect(report.fix!.manifest).toContain('port: 6443');
  });

  it('cannot tell where a folder of manifests does not have the Service that every cluster has', async () => {
    const report = await runOn(apiserver, { objects: shop, inputs: { from } });
    expect(report).toMatchObject({
      result: 'undetermined',
      answer: expect.stringMatching(/^it cannot be told: this state does not tell where the API server is/),
    });
    const wrong = { objects: [...shop, ...kubernetes], inputs: { from: { ...from, name: 'none' } } };
    expect((await runOn(apiserver, wrong)).answer).toContain('`shop/none`');
  });

  it('rules policy out where nothing closes the workload', async () => {
    const left = { to: undefined, port: undefined };
    const report = await runOn(apiserver, { objects: [...shop, ...kubernetes], inputs: { from, ...left } });
    expect(report.result).toBe('not-the-cause');
  });
});

describe('unexpected-internet-egress', () => {
  it('names the workload that nothing keeps from the internet', async () => {
    const report = await runOn(internet, { objects: shop, inputs: { namespace: 'shop' } });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'no policy keeps shop/api from the internet, and 1 more workloads likewise',
    });
  });

  it('is content where egress is closed', async () => {
    const report = await runOn(internet, {
      objects: [...shop, denyAll('shop', 'Egress')],
      inputs: { namespace: 'shop' },
    });
    expect(report.result).toBe('not-the-cause');
  });
});
