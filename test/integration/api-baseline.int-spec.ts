import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runAsSystem } from '#access';
import { DriftTimeline } from '#analysis';
import { RetentionRepository } from '#store';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { DB_OPENED, SHOP } from './api/shop.js';

const PATH = '/api/v1/clusters/shop/baseline';
const DECLARED = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-deny, namespace: shop }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress] }
`;

describe('the baseline of a cluster, over REST and GraphQL', () => {
  let api: ApiUnderTest;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    clusterId = (await api.seed('shop', SHOP)).id;
  });
  afterAll(async () => {
    await api.close();
  });

  const drift = (query: string) => api.request('GET', `/api/v1/drift?cluster=shop&before=baseline${query}`);

  it('is not there until somebody sets it', async () => {
    for (const reply of [await api.request('GET', PATH), await api.request('DELETE', PATH), await drift('')]) {
      expect(expectProblem(reply)).toMatchObject({ status: 404, code: 'not_found' });
    }
    const { json } = await api.graphql('{ baseline(cluster: "shop") { name } }');
    expect(json).toEqual({ data: { baseline: null } });
  });

  it('is a snapshot, which drift is told against without naming it', async () => {
    const set = expectDescribed('setBaseline', await api.request('PUT', PATH, { name: 'release 1' }));
    expect(set).toMatchObject({ name: 'release 1', snapshot: { seq: 1 }, requester: 'anonymous' });
    const none = expectDescribed('driftByQuery', await drift(''));
    expect(none).toMatchObject({ before: { seq: 1 }, after: { seq: 1 }, summary: { entries: 0 } });

    await persist(api.snapshots, clusterId, [DB_OPENED]);
    await persist(api.snapshots, clusterId, [
      { ...DB_OPENED, metadata: { ...DB_OPENED.metadata, labels: { a: 'b' } } },
    ]);
    const report = expectDescribed('driftByQuery', await drift(''));
    expect(report).toMatchObject({ before: { seq: 1 }, after: { seq: 3 }, objects: [{ object: { name: 'db-deny' } }] });
    expect(report.summary.dangerous).toBeGreaterThan(0);
    const { json } = await api.graphql(
      '{ drift(input: {cluster: "shop", before: "baseline"}) { ... on Drift { summary { dangerous } } } }',
    );
    expect(json).toEqual({ data: { drift: { summary: { dangerous: report.summary.dangerous } } } });
  });

  it('is told in the timeline, after each snapshot', async () => {
    const timeline = api.app.get(DriftTimeline);
    await runAsSystem('test', () => timeline.compute(clusterId));
    const page = expectDescribed('driftTimeline', await api.request('GET', '/api/v1/clusters/shop/drift'));
    expect(page.items).toMatchObject([
      { after: { seq: 3 }, dangerous: 0, fromBaseline: { name: 'release 1', objects: 1 } },
    ]);
    expect(page.items[0]?.fromBaseline?.dangerous).toBeGreaterThan(0);
    const { json } = await api.graphql(
      '{ driftTimeline(cluster: "shop") { edges { node { fromBaseline { name objects } } } } }',
    );
    expect(json).toEqual({
      data: { driftTimeline: { edges: [{ node: { fromBaseline: { name: 'release 1', objects: 1 } } }] } },
    });
  });

  it('keeps its snapshot from retention', async () => {
    const retention = api.app.get(RetentionRepository);
    const later = new Date(Date.now() + 400 * 24 * 3_600_000);
    await retention.prune(clusterId, { fullHours: 1, hourlyDays: 1, days: 1, kindDays: {} }, later);
    expect((await api.snapshots.at(clusterId, { seq: 1 }))?.seq).toBe(1);
    expect(await api.snapshots.at(clusterId, { seq: 2 })).toBeNull();
  });

  it('is what manifests declare, and goes when it is removed', async () => {
    const set = `mutation ($manifests: String!) {
      setBaseline(input: {cluster: "shop", name: "main", manifests: $manifests}) { baseline { name snapshot { seq } } } }`;
    expect((await api.graphql(set, { manifests: DECLARED })).json).toEqual({
      data: { setBaseline: { baseline: { name: 'main', snapshot: null } } },
    });
    const report = expectDescribed('driftByQuery', await drift('&kind=NetworkPolicy.networking.k8s.io'));
    expect(report.before).toEqual({ type: 'manifests', objects: 2 });
    expect(report.objects.map(({ type, object }) => `${type} ${object.name}`)).toEqual([
      'added api-ingress',
      'changed db-deny',
    ]);

    expect(expectProblem(await api.request('PUT', PATH, { at: 1, manifests: DECLARED }))).toMatchObject({
      status: 400,
    });
    expect(expectProblem(await api.request('PUT', PATH, { manifests: 'a: 1' }))).toMatchObject({
      status: 400,
      errors: [{ pointer: '/manifests' }],
    });
    expect(expectProblem(await api.request('PUT', PATH, { at: 99 }))).toMatchObject({ code: 'snapshot.not_found' });

    const removed = await api.graphql('mutation { removeBaseline(input: {cluster: "shop"}) { cluster } }');
    expect(removed.json).toEqual({ data: { removeBaseline: { cluster: 'shop' } } });
    expect((await api.request('GET', PATH)).status).toBe(404);
  });
});
