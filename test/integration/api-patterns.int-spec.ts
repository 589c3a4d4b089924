import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

const DENY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'closed', namespace: 'shop' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

describe('patterns over REST and GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
    await api.seed('closed', [...SHOP, DENY]);
  });
  afterAll(async () => {
    await api.close();
  });

  const get = (path: string) => api.request('GET', `/api/v1/${path}`);

  it('are listed', async () => {
    const { items } = expectDescribed('listPatterns', await get('patterns'));
    expect(items.map(({ id }) => id)).toEqual([
      'default-deny',
      'allow-dns',
      'namespace-isolation',
      'tier-chain',
      'metrics-scraping',
      'apiserver-egress',
      'external-services',
      'internet-watch',
      'guard-rails',
    ]);
  });

  it('are filled in and proved, in every form', async () => {
    const filled = expectDescribed(
      'fillPattern',
      await get('clusters/shop/patterns/namespace-isolation?namespace=shop'),
    );
    expect(filled).toMatchObject({
      pattern: { id: 'namespace-isolation' },
      missing: null,
      manifest: expect.stringContaining('kind: NetworkPolicy'),
      prediction: { changes: expect.arrayContaining([expect.objectContaining({ closes: 'all' })]) },
      asOf: { cluster: 'shop', seq: 1 },
    });
    const path =
      'clusters/shop/patterns/external-services?namespace=shop&outside=198.51.100.0%2F24&outside=192.0.2.1&port=5432';
    expect(expectDescribed('fillPattern', await get(`${path}&form=calico`)).manifest).toMatch(
      /projectcalico\.org\/v3[\s\S]*198\.51\.100\.0\/24[\s\S]*192\.0\.2\.1\/32/,
    );
    const kyverno = await get('clusters/shop/patterns/default-deny?namespace=shop&as=kyverno');
    expect(expectDescribed('fillPattern', kyverno).manifest).toContain('kind: ClusterPolicy');
  });

  it('are named where they are there already, by both', async () => {
    const nothing = { missing: null, manifest: '', note: 'there already: shop/closed' };
    const prediction = { opened: 0, closed: 0 };
    const filled = expectDescribed('fillPattern', await get('clusters/closed/patterns/default-deny?namespace=shop'));
    expect(filled).toMatchObject({ ...nothing, prediction: { ...prediction, changes: [] } });
    const { json } = await api.graphql(`{
      fillPattern(input: {cluster: "closed", pattern: "default-deny", namespace: "shop"}) {
        missing manifest note prediction { opened closed }
      }
    }`);
    expect(json).toEqual({ data: { fillPattern: { ...nothing, prediction } } });
  });

  it('say what is missing, and what there is not', async () => {
    const missing = expectDescribed('fillPattern', await get('clusters/shop/patterns/allow-dns?namespace=shop'));
    expect(missing).toMatchObject({
      missing: expect.stringContaining('no cluster DNS'),
      manifest: '',
      prediction: null,
    });
    expect(expectProblem(await get('clusters/shop/patterns/none?namespace=shop'))).toMatchObject({ code: 'not_found' });
    expect(expectProblem(await get('clusters/shop/patterns/allow-dns'))).toMatchObject({ code: 'request.invalid' });
  });

  it('say the same by GraphQL', async () => {
    const { json } = await api.graphql(`{
      patterns { id }
      fillPattern(input: {cluster: "shop", pattern: "default-deny", namespace: "shop", as: GATEKEEPER}) {
        missing manifest prediction { closed } asOf { seq }
      }
    }`);
    expect(json).toMatchObject({
      data: {
        patterns: expect.arrayContaining([{ id: 'tier-chain' }]),
        fillPattern: {
          missing: null,
          manifest: expect.stringContaining('kind: ConstraintTemplate'),
          prediction: { closed: expect.any(Number) },
          asOf: { seq: 1 },
        },
      },
    });
  });
});
