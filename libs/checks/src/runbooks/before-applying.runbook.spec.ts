import { describe, expect, it } from '@jest/globals';

import { normaliseObject } from '#engine';
import type { Fact } from '#engine';

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

  it('stops at what cannot be read', async () => {
    const broken = {
      ...(policy('shop/x', {}) as object),
      metadata: { name: 'x', namespace: 'shop', labels: { a: 1 } },
    };
    expect((await run(broken)).answer).toMatch(/^it cannot be applied: NetworkPolicy shop\/x: /);
    expect((await run()).answer).toBe('the manifests hold no object');
  });
});
