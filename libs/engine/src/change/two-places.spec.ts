import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import { objectDrift } from '../drift/index.js';
import type { Fact } from '../model/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { driftReport } from './drift-report.js';
import type { DriftReport } from './drift-view.js';
import { renderDriftMarkdown, renderDriftText } from './render-drift.js';
import { declaredFacts, renameNamespaces, settledFacts } from './two-places.js';

const workload = (namespace: string, app: string): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace },
  spec: { template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
});
const replica = (namespace: string, app: string, number: number): unknown => {
  const raw = rawPod(`${namespace}/${app}-h-${number}`, {
    labels: { app, 'pod-template-hash': 'h' },
    ip: `10.0.${namespace.length}.${number}`,
    node: 'n1',
  }) as { metadata: object };
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-h`, uid: app, controller: true };
  return { ...raw, metadata: { ...raw.metadata, ownerReferences: [owner] } };
};
const policy = (namespace: string, peerNamespace: string, port: number): unknown =>
  rawNetworkPolicy(`${namespace}/db-in`, {
    podSelector: { matchLabels: { app: 'db' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [
          {
            namespaceSelector: {
              matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [peerNamespace] }],
            },
            podSelector: { matchLabels: { app: 'web' } },
          },
        ],
        ports: [{ port }],
      },
    ],
  });
const declared = (namespace: string, port: number): Fact[] =>
  factsOf(
    rawNamespace(namespace),
    workload(namespace, 'web'),
    workload(namespace, 'db'),
    policy(namespace, namespace, port),
  );
const live = (namespace: string, port: number): Fact[] => [
  ...declared(namespace, port),
  ...factsOf(replica(namespace, 'web', 1), replica(namespace, 'web', 2), replica(namespace, 'db', 3)),
];

function compare(was: readonly Fact[], is: readonly Fact[]): DriftReport {
  const objects = objectDrift(declaredFacts(was), declaredFacts(is));
  const [before, after] = [compileSnapshot(settledFacts(was, is)), compileSnapshot(is)];
  return driftReport({ before, after, objects, reading: 'intended' });
}

describe('comparing two places', () => {
  it('finds nothing between a folder and the cluster that runs it', () => {
    expect(compare(declared('shop', 80), live('shop', 80))).toMatchObject({ objects: [], entries: [] });
  });

  it('tells what the cluster allows beyond the folder, for every replica', () => {
    const { entries } = compare(declared('shop', 80), live('shop', 81));
    expect(entries).toMatchObject([{ type: 'changed', pairs: 2, summary: 'shop/web → shop/db: TCP 80 → TCP 81' }]);
  });

  it('maps names of namespaces, where selectors name them too', () => {
    const renamed = renameNamespaces(live('shop-prod', 80), { 'shop-prod': 'shop' });
    expect(compare(declared('shop', 80), renamed)).toMatchObject({ objects: [], entries: [] });
    expect(compare(declared('shop', 80), live('shop-prod', 80)).entries.length).toBeGreaterThan(0);
  });

  it('matches workloads of two clusters, however many replicas they have', () => {
    const staging = [...declared('shop', 80), ...factsOf(replica('shop', 'web', 7), replica('shop', 'db', 8))];
    const [before, after] = [compileSnapshot(staging), compileSnapshot(live('shop', 80))];
    expect(driftReport({ before, after, objects: [], reading: 'intended', matchBy: 'workload' }).entries).toEqual([]);
  });
});

describe('rendering', () => {
  const report = compare(declared('shop', 80), live('shop', 81));

  it('makes a comment of a pull request', () => {
    expect(renderDriftMarkdown(report)).toContain(
      '| 🔴🟠 | changed | shop/web | shop/db | TCP 80 | TCP 81 | NetworkPolicy shop/db-in changed: spec.ingress\\[0\\].ports\\[0\\].port 80 → 81 |',
    );
  });

  it('tells what its marks mean, those alone that it has', () => {
    const [entry] = report.entries;
    if (entry === undefined) throw new Error('one entry');
    const opened = { ...report, entries: [{ ...entry, breaking: false }] };
    expect(renderDriftMarkdown(opened)).toContain('\n\n🔴 dangerous: may let something pass that could not\n\n');
    expect(renderDriftText(opened)).toMatch(/\n {2}\+ dangerous: may let something pass that could not\n\n\+ changed /);
    expect(renderDriftMarkdown(report)).toContain('\n\n<details><summary>1 object</summary>\n');
    const none = { ...report, entries: [], objects: [] };
    expect(renderDriftText(none)).not.toContain('dangerous:');
  });

  it('lets no name break out of its cell', () => {
    const [entry] = report.entries;
    if (entry === undefined) throw new Error('one entry');
    const hostile = { ...entry, before: 'x | y\n| <img src=x> @team `' };
    const text = renderDriftMarkdown({ ...report, entries: [hostile] });
    expect(text).toContain('x \\| y \\| \\<img src=x\\> @\u200bteam \\`');
  });

  it('reads as text, with causes and patches', () => {
    expect(renderDriftText(report)).not.toContain('to try it out');
    expect(renderDriftText(report, 'atlas probe --dir b --before a')).toMatch(
      /\n {4}to try it out: atlas probe --dir b --before a --entry [0-9a-f]{16}\n/,
    );
    expect(renderDriftText(report).split('\n').slice(0, 7)).toEqual([
      '1 dangerous, 1 breaking of 1 difference; policies: 1 changed',
      '  + dangerous: may let something pass that could not',
      '  - breaking: may stop something that passed',
      '  ± both',
      '',
      '± changed  shop/web → shop/db: TCP 80 → TCP 81',
      '    because NetworkPolicy shop/db-in changed: spec.ingress[0].ports[0].port 80 → 81',
    ]);
  });
});
