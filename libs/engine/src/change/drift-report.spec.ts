import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import { objectDrift } from '../drift/index.js';
import type { Fact } from '../model/index.js';
import { factsOf, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { driftReport } from './drift-report.js';
import { filterDrift } from './drift-summary.js';
import type { DriftReport } from './drift-view.js';
import { HIDDEN_POLICY } from '../ask/visibility.js';
import { visibleDrift } from './visible-drift.js';

const pod = (app: string, ip: string, namespace = 'shop'): unknown =>
  rawPod(`${namespace}/${app}`, { labels: { app }, ip, node: 'n1' });
const BASE = [
  rawNamespace('shop'),
  rawNamespace('pay'),
  pod('web', '10.0.0.1'),
  pod('db', '10.0.0.2'),
  pod('till', '10.0.0.3', 'pay'),
];
const ingress = (app: string, rules: readonly unknown[], name = `${app}-in`): unknown =>
  rawNetworkPolicy(`shop/${name}`, { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'], ingress: rules });
const from = (app: string, ...ports: readonly number[]): unknown => ({
  from: [{ podSelector: { matchLabels: { app } } }],
  ports: ports.map((port) => ({ port })),
});
const anywhere = (port: number): unknown => ({ from: [{ namespaceSelector: {} }], ports: [{ port }] });

const report = (was: readonly unknown[], is: readonly unknown[], base: readonly unknown[] = BASE): DriftReport => {
  const [before, after] = [
    [...BASE, ...was],
    [...base, ...is],
  ].map((raws) => factsOf(...raws)) as [Fact[], Fact[]];
  const question = {
    before: compileSnapshot(before),
    after: compileSnapshot(after),
    objects: objectDrift(before, after),
  };
  return driftReport({ ...question, reading: 'intended' });
};
const lines = ({ entries }: DriftReport): string[] => entries.map(({ type, summary }) => `${type}: ${summary}`);

describe('driftReport', () => {
  it('names the policy and the value that widened a way, with a flow that shows it', () => {
    const found = report([ingress('db', [from('web', 80)])], [ingress('db', [from('web', 80, 443)])]);
    expect(lines(found)).toEqual(['widened: shop/web → shop/db: TCP 80 → TCP 80, 443']);
    expect(found.entries[0]).toMatchObject({
      dangerous: true,
      breaking: false,
      pairs: 1,
      example: {
        from: 'pod:shop/web',
        to: 'pod:shop/db',
        protocol: 'TCP',
        port: 443,
        before: { verdict: 'deny', rules: [{ label: 'shop/db-in' }] },
        after: { verdict: 'allow', rules: [{ label: 'shop/db-in#0' }] },
      },
      causes: [
        { type: 'policy', text: 'NetworkPolicy shop/db-in changed: spec.ingress[0].ports[1] (absent) → {"port":443}' },
      ],
    });
    expect(found.objects[0]).toMatchObject({
      meaning: 'different',
      patch: [{ path: 'spec.ingress[0].ports[1]', before: null, after: '{"port":443}' }],
    });
    expect(found.summary).toMatchObject({ entries: 1, dangerous: 1, breaking: 0, types: { widened: 1 } });
  });

  it.each([
    [
      'split in two',
      [ingress('db', [from('web', 80, 81)])],
      [ingress('db', [from('web', 80)], 'a'), ingress('db', [from('web', 81)], 'b')],
    ],
    ['renamed', [ingress('db', [from('web', 80)], 'old')], [ingress('db', [from('web', 80)], 'new')]],
    [
      'reordered',
      [ingress('db', [from('web', 80), from('api', 81)])],
      [ingress('db', [from('api', 81), from('web', 80)])],
    ],
    [
      'said twice',
      [ingress('db', [from('web', 80)])],
      [ingress('db', [from('web', 80)]), ingress('db', [from('web', 80)], 'again')],
    ],
  ])('finds no other meaning and no entry in policies that were %s', (_, was, is) => {
    const found = report(was, is);
    expect(found.objects.length).toBeGreaterThan(0);
    expect(found.objects.map(({ meaning }) => meaning)).toEqual(found.objects.map(() => 'same'));
    expect(found.entries).toEqual([]);
  });

  it('finds another meaning where only pods that do not exist would notice', () => {
    const found = report([ingress('db', [from('web', 80)])], [ingress('db', [from('web', 80), from('nobody', 81)])]);
    expect(found.entries).toEqual([]);
    expect(found.summary.policies).toEqual({ same: 0, different: 1 });
  });

  it('names the label that opened a way', () => {
    const policy = ingress('db', [from('api', 80)]);
    const relabelled = BASE.map((raw) =>
      raw === BASE[2] ? rawPod('shop/web', { labels: { app: 'api' }, ip: '10.0.0.1', node: 'n1' }) : raw,
    );
    const found = report([policy], [policy], relabelled);
    expect(found.entries[0]?.causes.map(({ text }) => text)).toEqual(['label app "web" → "api" of Pod shop/web']);
  });

  it('tells isolation that was lost, with the policy that went', () => {
    const found = report([ingress('db', [])], []);
    const lost = found.entries.find(({ type }) => type === 'isolation-lost');
    expect(lost).toMatchObject({
      dangerous: true,
      summary: 'ingress of shop/db: isolated by shop/db-in → open',
      causes: [{ change: 'removed', text: 'NetworkPolicy shop/db-in removed' }],
    });
  });

  it('has the dangerous first, then the breaking, whatever their type', () => {
    const found = report(
      [ingress('db', [from('web', 80)]), ingress('web', [from('db', 80)])],
      [ingress('db', []), ingress('web', [from('db', 80, 443)])],
    );
    expect(found.entries.map(({ type }) => type)).toEqual(['widened', 'closed']);
  });

  it('keeps what a filter asks for, counts included', () => {
    const found = report([ingress('db', [from('web', 80)])], [ingress('db', [])]);
    expect(filterDrift(found, { breaking: true }).summary).toMatchObject({ entries: 1, breaking: 1 });
    expect(filterDrift(found, { dangerous: true }).entries).toEqual([]);
    expect(filterDrift(found, { namespace: 'pay' })).toMatchObject({ entries: [], objects: [] });
    expect(filterDrift(found, { kinds: ['Pod'] }).objects).toEqual([]);
  });
});

describe('visibleDrift', () => {
  const found = report([ingress('db', [anywhere(80)])], [ingress('db', [from('web', 80)])]);

  it('leaves out what lies in namespaces that the caller may not see, and names of policies there', () => {
    const onlyPay = visibleDrift(found, (namespace) => namespace === 'pay');
    expect(JSON.stringify(onlyPay)).not.toContain('shop');
    const all = visibleDrift(found, () => true);
    expect(all).toEqual(found);
  });

  it('hides the name of a policy that the caller may not see, where it sees both ends', () => {
    const deny = {
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'AdminNetworkPolicy',
      metadata: { name: 'quarantine' },
      spec: {
        priority: 1,
        subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: 'db' } } } },
        ingress: [{ name: 'all', action: 'Deny', from: [{ namespaces: {} }] }],
      },
    };
    const hidden = visibleDrift(report([], [deny]), (namespace) => namespace !== '');
    expect(hidden.entries.length).toBeGreaterThan(0);
    expect(hidden.entries[0]?.example?.after.rules.map(({ label }) => label)).toEqual([HIDDEN_POLICY]);
    expect(JSON.stringify(hidden)).not.toContain('quarantine');
  });
});
