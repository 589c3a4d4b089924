import { describe, expect, it } from '@jest/globals';

import { normaliseObject } from '#engine';
import type { Fact, LastingFlow } from '#engine';

import { API_SERVER, CALICO, denyAll, dns, namespace, node, pod, policy } from '../testing/objects.js';
import { runOn } from '../testing/run-runbook-on.js';
import { runbook } from './before-applying.runbook.js';

const shop = [
  node(),
  namespace('shop'),
  pod('shop/web'),
  pod('shop/api', { port: 8080 }),
  ...dns(),
  ...API_SERVER,
  CALICO,
];
const OPEN = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] };
const manifests = (...objects: readonly unknown[]): readonly Fact[] =>
  objects.map((object) => normaliseObject(object).fact as Fact);
const run = (...objects: readonly unknown[]) =>
  runOn(runbook, { objects: shop, inputs: { manifests: manifests(...objects) } });

describe('before-applying', () => {
  it('finds what breaks, with what mends it', async () => {
    const report = await run(denyAll('shop', 'Egress'));
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'it breaks what is needed: 2 pods of shop cannot look names up',
    });
    expect(report.fix?.manifest).toContain('k8s-app: kube-dns');
    expect(report.steps.find(({ id }) => id === 'difference')?.found).toMatch(
      /^it opens 0 pairs and closes [1-9]\d* pairs$/,
    );
  });

  it('tells what is safe, and what to note', async () => {
    const to = { podSelector: { matchLabels: { app: 'api' } } };
    const clean = {
      ...to,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: 8080 }] }],
    };
    const safe = await run(policy('shop/api', clean));
    expect(safe.result).toBe('not-the-cause');
    expect(safe.answer).toMatch(/^safe to apply: it opens 0 pairs and closes \d+ pairs$/);
    const typo = await run(policy('shop/typo', { ...clean, podSelector: { matchLabels: { app: 'apii' } } }));
    expect(typo.answer).toBe('safe to apply, with 1 note: it changes nothing between the pods that there are');
    expect(typo.steps.find(({ id }) => id === 'mistakes')).toMatchObject({ outcome: 'fail' });
  });

  it('finds what it cuts of traffic that was seen', async () => {
    const seen = (asked: string, port: number, verdict: LastingFlow['verdict']): LastingFlow => ({
      source: { asked: 'pod:shop/web', namespace: 'shop', hostNames: [] },
      destination: { asked, namespace: 'shop', hostNames: [] },
      protocol: 6,
      port,
      verdict,
      arrived: true,
      reasons: [],
      policies: [],
      count: 1,
      firstSeen: `2026-11-2${String(port % 10)}T00:00:00.000Z`,
      lastSeen: '2026-11-26T00:00:00.000Z',
    });
    const flows = [
      seen('pod:shop/api', 8081, 'forwarded'),
      seen('pod:shop/api', 8080, 'dropped'),
      seen('pod:shop/api', 8084, 'unknown'),
      seen('pod:shop/gone', 8082, 'forwarded'),
    ];
    const inputs = { manifests: manifests(denyAll('shop', 'Ingress')) };
    const report = await runOn(runbook, { objects: shop, inputs, flows });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'it cuts what was seen: pod:shop/web → pod:shop/api on TCP 8081',
    });
    expect(report.steps.find(({ id }) => id === 'flows')?.found).toBe(
      'cuts 1 of 2 flows that passed, seen since 2026-11-21T00:00:00.000Z, last 2026-11-26T00:00:00.000Z',
    );
    const none = await runOn(runbook, {
      objects: shop,
      inputs: { manifests: manifests(policy('shop/x', OPEN)) },
      flows,
    });
    expect(none.steps.find(({ id }) => id === 'flows')).toMatchObject({ outcome: 'pass' });
    const nothing = await runOn(runbook, { objects: shop, inputs });
    expect(nothing.steps.find(({ id }) => id === 'flows')).toMatchObject({ outcome: 'skip' });
  });

  it('stops at what cannot be read', async () => {
    const broken = {
      ...(policy('shop/x', {}) as object),
      metadata: { name: 'x', namespace: 'shop', labels: { a: 1 } },
    };
    expect((await run(broken)).answer).toMatch(/^it cannot be applied: NetworkPolicy shop\/x: /);
    expect((await run()).answer).toBe('the manifests hold no object');
  });
});
