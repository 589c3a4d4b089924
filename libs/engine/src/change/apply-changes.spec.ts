import { describe, expect, it } from '@jest/globals';
import { compileSnapshot } from '../compile/index.js';
import type { Fact } from '../model/index.js';
import { TCP } from '../model/index.js';
import { factsOf, rawCalico, rawNamespace, rawNetworkPolicy, rawPod } from '../testing/index.js';
import { applyChanges } from './apply-changes.js';
import { flowImpact } from './flow-impact.js';

const owned = (kind: string, name: string) => [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }];
const deployment = (app: string): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
});
const raw = rawPod('shop/web-abc-1', { labels: { app: 'web', 'pod-template-hash': 'abc' }, ip: '10.0.0.1' });
const webPod = {
  ...(raw as object),
  metadata: { ...(raw as { metadata: object }).metadata, ownerReferences: owned('ReplicaSet', 'web-abc') },
};
const FACTS = factsOf(
  rawNamespace('shop'),
  deployment('web'),
  webPod,
  rawPod('shop/db', { labels: { app: 'db' }, ip: '10.0.0.2' }),
);
const nothing = { apply: [], remove: [], promote: [] } as const;
const named = (facts: readonly Fact[], name: string): Fact | undefined => facts.find(({ meta }) => meta.name === name);

describe('applyChanges', () => {
  it('replaces, adds and removes objects, and tells what is not there', () => {
    const policy = factsOf(rawNetworkPolicy('shop/p', { podSelector: {} }));
    const added = applyChanges(FACTS, { ...nothing, apply: policy });
    expect(added.facts).toHaveLength(FACTS.length + 1);
    const ref = { group: 'networking.k8s.io', kind: 'NetworkPolicy', namespace: 'shop', name: 'p' };
    expect(applyChanges(added.facts, { ...nothing, remove: [ref] }).facts).toEqual(FACTS);
    expect(applyChanges(FACTS, { ...nothing, remove: [ref] }).missing).toEqual([
      'NetworkPolicy.networking.k8s.io shop/p',
    ]);
  });

  it('gives the pods of a workload the shape of its new template', () => {
    const { facts } = applyChanges(FACTS, { ...nothing, apply: factsOf(deployment('frontend')) });
    expect(named(facts, 'web-abc-1')).toMatchObject({
      shape: { labels: { app: 'frontend', 'pod-template-hash': 'abc' } },
      ips: ['10.0.0.1'],
    });
    expect(named(facts, 'db')).toBe(named(FACTS, 'db'));
  });

  it('takes pods away with their workload, and everything with its namespace', () => {
    const web = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
    expect(applyChanges(FACTS, { ...nothing, remove: [web] }).facts.map(({ meta }) => meta.name)).toEqual([
      'shop',
      'db',
    ]);
    const shop = { group: '', kind: 'Namespace', namespace: '', name: 'shop' };
    expect(applyChanges(FACTS, { ...nothing, remove: [shop] }).facts).toEqual([]);
  });

  it('puts staged policies in force, by name or all', () => {
    const staged = factsOf(rawCalico('StagedNetworkPolicy', 'shop/deny', { selector: 'all()', types: ['Ingress'] }));
    const all = [...FACTS, ...staged];
    const kinds = (promote: 'all' | readonly string[]): string[] =>
      applyChanges(all, { ...nothing, promote })
        .facts.filter(({ type }) => type === 'policy')
        .map(({ meta }) => meta.kind);
    expect(kinds([])).toEqual(['StagedNetworkPolicy']);
    expect(kinds('all')).toEqual(['NetworkPolicy']);
    expect(kinds(['shop/deny'])).toEqual(['NetworkPolicy']);
    expect(applyChanges(all, { ...nothing, promote: ['shop/other'] }).missing).toEqual(['staged policy shop/other']);
  });

  it('takes the annotation from dry runs of Istio, and tells them from policies in force', () => {
    const policy = (name: string, annotations: object): unknown => ({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name, namespace: 'shop', annotations },
      spec: { action: 'DENY', rules: [{}] },
    });
    const [dry, real] = factsOf(policy('dry', { 'istio.io/dry-run': 'true' }), policy('real', {}));
    if (dry === undefined || real === undefined) throw new Error('two policies');
    const promoted = applyChanges([...FACTS, dry, real], { ...nothing, promote: 'all' }).facts;
    expect(named(promoted, 'dry')?.meta.annotations).toEqual({});
    expect(named(promoted, 'real')).toBe(real);
    expect(applyChanges([dry, real], { ...nothing, promote: ['shop/real'] }).missing).toEqual([
      'staged policy shop/real',
    ]);
  });
});

describe('flowImpact', () => {
  it('tells which flows a change cuts and why', () => {
    const deny = factsOf(
      rawNetworkPolicy('shop/deny', { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] }),
    );
    const cni = {
      ...compileSnapshot(FACTS).cni,
      enforced: 'yes',
      policyEngine: 'calico',
      networking: 'calico',
    } as const;
    const [before, after] = [FACTS, [...FACTS, ...deny]].map((facts) => compileSnapshot(facts, { cni }));
    if (before === undefined || after === undefined) throw new Error('two states');
    const flow = (src: string, dst: string) => ({ src, dst, protocol: TCP, port: 5432 });
    const flows = [flow('shop/web', 'shop/db'), flow('10.0.0.2', '10.0.0.1'), flow('shop/x', 'shop/db')];
    const found = [...flowImpact(before, after, flows)];
    expect(found.map(({ effect, before: was, after: is }) => [effect, was, is])).toEqual([
      ['cut', 'allowed', 'denied'],
      ['same', 'allowed', 'allowed'],
      ['not-found', null, null],
    ]);
    expect(found[0]?.why).toContain('shop/deny');
  });
});
