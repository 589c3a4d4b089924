import { describe, expect, it } from '@jest/globals';

import { renderRunbook } from '../runbook/render-runbook.js';
import { namespace, node, pod, policy } from '../testing/objects.js';
import { metricsOf, runOn } from '../testing/run-runbook-on.js';
import { runbook } from './conntrack-saturation.runbook.js';

const objects = [node('n1'), node('n2')];
const calm = {
  'max_over_time(node_nf_conntrack_entries': [
    { labels: { instance: 'n1:9100' }, value: 0.12 },
    { labels: { instance: 'n2:9100' }, value: 0.3 },
  ],
  node_nf_conntrack_stat_early_drop: [{ labels: { instance: 'n1:9100' }, value: 0 }],
};

describe('conntrack-saturation', () => {
  it('says so when no table is near its limit', async () => {
    const report = await runOn(runbook, { objects, metrics: metricsOf(calm) });
    expect(report).toMatchObject({
      result: 'not-the-cause',
      answer: 'no connection table is near its limit and none drops packets',
    });
    expect(report.steps[1]).toMatchObject({ outcome: 'pass', found: '30.0 % at most, on n2:9100' });
  });

  it('finds the node whose table is full, with what to do', async () => {
    const full = {
      ...calm,
      'max_over_time(node_nf_conntrack_entries': [{ labels: { instance: 'n2:9100' }, value: 0.97 }],
    };
    const report = await runOn(runbook, { objects, metrics: metricsOf(full) });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'the connection table of n2:9100 is 97.0 % full: new connections are dropped when it is full',
    });
    expect(report.steps.at(-1)).toMatchObject({
      id: 'conntrack-fill',
      outcome: 'fail',
      found: '97.0 % on n2:9100, critical',
    });
    expect(report.advice[0]).toMatch(/^raise net.netfilter.nf_conntrack_max/);
  });

  it('tells drops by policy, which are no full table', async () => {
    const dropping = {
      ...calm,
      'Policy denied': [{ labels: { direction: 'INGRESS' }, value: 40 }],
    };
    const report = await runOn(runbook, { objects, metrics: metricsOf(dropping) });
    expect(report.steps.find(({ id }) => id === 'policy-drops')).toMatchObject({
      outcome: 'fail',
      found: '40 per second on direction INGRESS, beyond the limit of 10',
      next: expect.stringMatching(/Hubble/),
    });
  });

  it('looks at the node that is asked about, and does not take another’s table for its own', async () => {
    const full = {
      ...calm,
      'max_over_time(node_nf_conntrack_entries': [
        { labels: { instance: 'n2:9100' }, value: 0.97 },
        { labels: { instance: 'n1:9100' }, value: 0.1 },
      ],
    };
    const report = await runOn(runbook, { objects, metrics: metricsOf(full), inputs: { node: 'n1' } });
    expect(report.steps[1]).toMatchObject({ outcome: 'pass', found: '10.0 % at most, on n1:9100' });
    const other = await runOn(runbook, { objects, metrics: metricsOf(calm), inputs: { node: 'n9' } });
    expect(other.steps[1]).toMatchObject({
      outcome: 'unknown',
      found: expect.stringMatching(/^no series is of node `n9`; of others .* at most, on /),
    });
    expect(other.result).toBe('undetermined');
  });

  it('tells once why several steps in a row could not be taken', async () => {
    const text = renderRunbook(await runOn(runbook, { objects }), runbook);
    const evidence = text.slice(text.indexOf('Evidence'), text.indexOf('Could not be looked at'));
    expect(evidence.match(/no metrics source is set/g)).toHaveLength(1);
    for (const { title, source } of runbook.steps) if (source === 'metric') expect(evidence).toContain(`- ${title}`);
  });

  it('never takes an absent series for a pass', async () => {
    const report = await runOn(runbook, { objects, metrics: metricsOf({}) });
    expect(report.result).toBe('undetermined');
    expect(report.answer).toMatch(/^it cannot be told: /);
    expect(report.missing).toEqual([
      'connection table of the nodes, packets dropped for want of room in the connection table: the series is not there, which is no evidence either way: it needs node_exporter on nodes with nf_conntrack loaded',
    ]);
  });

  it('tells a source that does not answer from one that has nothing', async () => {
    const away = {
      name: 'http://p',
      instant: () => Promise.resolve({ type: 'unavailable', reason: 'connection refused' } as const),
    };
    const report = await runOn(runbook, { objects, metrics: away });
    expect(report.steps[1]).toMatchObject({ outcome: 'unknown', found: 'connection refused' });
    expect(report.result).toBe('undetermined');
  });

  it('rules replicas out that policy treats differently', async () => {
    const report = await runOn(runbook, {
      objects: [
        node(),
        namespace('shop'),
        pod('shop/web'),
        pod('shop/api-1', { labels: { app: 'api', version: 'new' }, port: 8080 }),
        pod('shop/api-2', { labels: { app: 'api' }, port: 8080 }),
        policy('shop/p', { podSelector: { matchLabels: { version: 'new' } }, policyTypes: ['Ingress'] }),
      ],
      inputs: {
        from: { type: 'name', namespace: 'shop', name: 'web' },
        to: { type: 'namespace', name: 'shop' },
        port: 8080,
      },
    });
    expect(report).toMatchObject({
      result: 'cause-found',
      answer: 'policy treats the replicas differently: some pairs are allowed and others denied',
    });
  });
});
