import { describe, expect, it } from '@jest/globals';

import { renderRunbook } from '../runbook/render-runbook.js';
import { denyAll, namespace, node, pod, policy, service } from '../testing/objects.js';
import { metricsOf, runOn } from '../testing/run-runbook-on.js';
import { runbook } from './service-unreachable.runbook.js';

const cluster = [
  node(),
  namespace('shop'),
  namespace('pay'),
  pod('shop/web'),
  pod('pay/gateway', { port: 8443 }),
  service('pay/gateway', {
    selector: { app: 'gateway' },
    clusterIP: '10.96.0.7',
    ports: [{ port: 443, targetPort: 8443 }],
  }),
];
const admit = (port: number): unknown =>
  policy('pay/gateway-in', {
    podSelector: { matchLabels: { app: 'gateway' } },
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }], ports: [{ port }] },
    ],
  });
const inputs = {
  from: { type: 'name', namespace: 'shop', name: 'web' },
  to: { type: 'service', namespace: 'pay', name: 'gateway' },
  port: 443,
} as const;

describe('service-unreachable', () => {
  it('names the half, the rule that came nearest, the change that did it, and the least that admits the flow', async () => {
    const report = await runOn(runbook, {
      objects: [...cluster, admit(443)],
      past: [
        [...cluster, admit(8443)],
        [...cluster, admit(8443), pod('shop/other')],
      ],
      inputs,
    });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer:
        'ingress is isolated by pay/gateway-in and no rule admits it; nearest rule pay/gateway-in#0: port 8443 not in TCP 443',
    });
    expect(report.steps.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'peers pass',
      'kind-of-peers pass',
      'verdict fail',
      'what-changed fail',
      'denied-half fail',
    ]);
    expect(report.steps[3]!.found).toMatch(
      /^it changed with snapshot 3 at 2026-11-26T11:00:00.000Z: NetworkPolicy pay\/gateway-in changed/,
    );
    expect(report.fix!.title).toBe('allow ingress from shop/web to pay/gateway on TCP 8443');
    expect(report.fix!.prediction).toMatchObject({
      opened: 1,
      closed: 0,
      changes: [{ source: 'shop/web[Pod]', opens: 'TCP 8443' }],
    });
    // The Service's port where the pod's is needed is a known mistake, and is told.
    expect(report.advice.join()).toContain('443');
  });

  it('finds a Service without endpoints before it looks at policy', async () => {
    const objects = [...cluster.slice(0, 4), cluster[5], denyAll('pay', 'Ingress')];
    const report = await runOn(runbook, { objects, inputs });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'Service pay/gateway has no ready endpoint: the backend is down, not the network',
    });
    expect(report.steps).toHaveLength(1);
  });

  it('says what is near when a peer does not exist', async () => {
    const report = await runOn(runbook, {
      objects: cluster,
      inputs: { ...inputs, to: { type: 'service', namespace: 'pay', name: 'gatewy' } },
    });
    expect(report.answer).toBe('no Service is named `pay/gatewy`');
    expect(report.advice[0]).toContain('near: pay/gateway');
  });

  it('asks both halves for a policy each when both are closed', async () => {
    const objects = [...cluster, denyAll('pay', 'Ingress'), denyAll('shop', 'Egress')];
    const report = await runOn(runbook, { objects, inputs });
    expect(report.fix!.manifest.split('---')).toHaveLength(2);
    expect(report.fix!.prediction).toMatchObject({ opened: 1 });
  });

  it('goes on to the dataplane when policy lets it pass, and finds its errors', async () => {
    const metrics = metricsOf({ felix_: [{ labels: { node: 'n1' }, value: 12 }] });
    const report = await runOn(runbook, { objects: cluster, inputs, metrics });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'Calico could not program its dataplane on n1: 12 errors in ten minutes',
    });
  });

  it('rules policy out and says where to look', async () => {
    const report = await runOn(runbook, { objects: cluster, inputs });
    expect(report.result).toBe('not-the-cause');
    const text = renderRunbook(report, runbook);
    expect(text).toMatch(/^NOT THE CAUSE {2}policy is not the cause: egress shop\/web/);
    expect(text.indexOf('Evidence')).toBeLessThan(text.indexOf('\nDo\n'));
  });
});
