import { describe, expect, it } from '@jest/globals';
import { normaliseObject, type Fact } from '#engine';
import { collectionOf, kindsOf } from './collections.js';
import { diagnosticsByObject, objectView } from './object-view.js';
import { rawForm } from './raw-form.js';

function factOf(raw: unknown): Fact {
  const { fact } = normaliseObject(raw);
  if (fact === null) throw new Error('no fact');
  return fact;
}

const POLICY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web', namespace: 'shop', labels: { team: 'a' } },
  spec: { podSelector: {} },
};
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'api', namespace: 'shop' },
  spec: { clusterIP: '10.0.0.1', ports: [{ port: 80, targetPort: 'http', protocol: 'UDP' }] },
};

describe('objectView', () => {
  it('shows the header of every kind and the details of its own', () => {
    const view = objectView(factOf(SERVICE), []);
    expect(view).toMatchObject({ kindId: 'Service', namespace: 'shop', createdAt: null, rejected: false, pod: null });
    expect(view.service).toMatchObject({
      selector: null,
      ports: [{ port: 80, protocol: 'UDP', targetPort: 'http', nodePort: null }],
    });
  });

  it('keeps a rejected object with its reasons, each once', () => {
    const { fact, diagnostics } = normaliseObject({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'api', namespace: 'shop' },
      spec: { ports: [{ port: 70000 }] },
    });
    expect(fact?.type).toBe('rejected');
    const view = objectView(fact as Fact, diagnostics);
    expect(view).toMatchObject({ rejected: true, service: null });
    expect(view.diagnostics).toEqual(diagnostics);
  });

  it('finds the diagnostics of one object', () => {
    const fact = factOf(POLICY);
    const { group, kind, namespace, name } = fact.meta;
    const about = (object: typeof fact.meta | null) =>
      ({ code: 'a.b', class: 'note', message: 'm', pointer: '', object }) as const;
    const known = diagnosticsByObject([about(fact.meta), about(null), about({ ...fact.meta, name: 'other' })]);
    expect(known.get(`${group}/${kind}/${namespace}/${name}`)).toHaveLength(1);
    expect(known.size).toBe(2);
  });
});

describe('rawForm', () => {
  it('gives a policy back as a manifest that reads as the same fact', () => {
    const fact = factOf(POLICY);
    const raw = rawForm(fact);
    expect(raw).toMatchObject(POLICY);
    expect(factOf(raw)).toEqual(fact);
  });

  it('has none for kinds of which only the fact is kept', () => {
    expect(rawForm(factOf(SERVICE))).toBeNull();
  });
});

describe('collections', () => {
  it.each([
    ['Pod', 'pods'],
    ['CronJob.batch', 'workloads'],
    ['CiliumNetworkPolicy.cilium.io', 'policies'],
    ['Tier.crd.antrea.io', 'objects'],
    ['Nothing.example.com', 'objects'],
  ])('%s is among the %s', (kind, collection) => {
    expect(collectionOf(kind)).toBe(collection);
  });

  it('hold every kind that is kept in one place of its own at most', () => {
    const own = (['policies', 'namespaces', 'pods', 'workloads', 'services', 'nodes'] as const).flatMap(kindsOf);
    expect(new Set(own).size).toBe(own.length);
    expect(kindsOf('objects')).toEqual(expect.arrayContaining(own));
  });
});
