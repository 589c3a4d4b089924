import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

const hubble = (verdict: string, from: string, to: string, port: number): unknown => ({
  flow: {
    time: '2026-11-26T10:00:00Z',
    verdict,
    IP: { source: '10.0.0.1', destination: '10.0.0.2' },
    l4: { TCP: { destination_port: port } },
    source: { namespace: 'shop', pod_name: from, labels: [] },
    destination: { namespace: 'shop', pod_name: to, labels: [] },
    traffic_direction: 'INGRESS',
  },
});
const FLOWS = [
  hubble('FORWARDED', 'web-0', 'api-0', 8080),
  hubble('FORWARDED', 'web-0', 'api-0', 8080),
  hubble('FORWARDED', 'web-0', 'db-0', 5432),
  hubble('DROPPED', 'web-0', 'api-0', 9090),
  { flow: { ...(hubble('FORWARDED', 'api-0', 'web-0', 40000) as { flow: object }).flow, is_reply: true } },
]
  .map((record) => JSON.stringify(record))
  .join('\n');

describe('flows over REST and GraphQL', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  const send = (what: string, text: string, type = 'application/x-ndjson') =>
    api.request('POST', `/api/v1/clusters/shop/flows/${what}`, Buffer.from(text), { 'content-type': type });

  it('tells which policies decide flows, and where traffic is not what they say', async () => {
    const found = expectDescribed('explainFlows', await send('explain', `${FLOWS}\n{"cut":`));
    expect(found).toMatchObject({
      read: {
        flows: 4,
        sources: ['Hubble'],
        problems: [{ line: 6, message: 'it is not JSON, is the line cut short?' }],
        problemCount: 1,
        leftOut: { replies: 1 },
        lost: 0,
      },
      standings: { allowed: 1, 'forwarded-though-denied': 1, denied: 1 },
      asOf: { cluster: 'shop', seq: 1 },
    });
    expect(found.items).toMatchObject([
      {
        source: 'shop/web-0',
        destination: 'shop/api-0',
        port: 8080,
        count: 2,
        standing: 'allowed',
        rules: [{ label: 'shop/api-ingress#0' }],
      },
      {
        destination: 'shop/db-0',
        port: 5432,
        standing: 'forwarded-though-denied',
        intended: 'denied',
        rules: [{ label: 'shop/db-deny' }],
      },
      { destination: 'shop/api-0', port: 9090, seen: 'dropped', standing: 'denied' },
    ]);
  });

  it('goes on behind a cursor of the same flows only', async () => {
    const first = expectDescribed('explainFlows', await send('explain?limit=2', FLOWS));
    expect(first.items).toHaveLength(2);
    const next = `explain?limit=2&cursor=${String(first.page.nextCursor)}`;
    expect(expectDescribed('explainFlows', await send(next, FLOWS))).toMatchObject({
      items: [{ port: 9090 }],
      page: { nextCursor: null },
    });
    expect(expectProblem(await send(next, `${FLOWS}\n`))).toMatchObject({ status: 400, code: 'cursor.invalid' });
  });

  it('writes policies for what passed, and says what they would close', async () => {
    const found = expectDescribed('suggestPolicies', await send('suggest?namespace=shop', FLOWS));
    expect(found).toMatchObject({ form: 'kubernetes', kept: 2, cut: [] });
    expect(found.notes).toContain(
      'shop/web-0 → shop/db-0 passed although policy denies it: look whether it is meant to before it is let through',
    );
    expect(found.policies.map(({ name }) => name)).toEqual(['api-0-as-seen', 'db-0-as-seen', 'web-0-as-seen']);
    expect(found.policies[0]?.allows).toContainEqual({
      direction: 'ingress',
      peer: 'shop/app=web',
      ports: 'TCP 8080',
      count: 2,
    });
    expect(found.prediction.closed).toBeGreaterThan(0);
    const cilium = expectDescribed('suggestPolicies', await send('suggest?form=cilium', FLOWS));
    expect(cilium.manifest).toContain('kind: CiliumNetworkPolicy');
  });

  it('says the same by GraphQL', async () => {
    const { json } = await api.graphql(
      `query ($flows: String!) {
        explainFlows(input: {cluster: "shop", flows: $flows, standing: [FORWARDED_THOUGH_DENIED]}, first: 5) {
          read { flows leftOut { what count } } standings { standing count } edges { node { destination standing hint } } asOf { seq }
        }
        suggestPolicies(input: {cluster: "shop", flows: $flows, form: CALICO}) { form kept cut { destination } policies { name } }
      }`,
      { flows: FLOWS },
    );
    expect(json).toMatchObject({
      data: {
        explainFlows: {
          read: { flows: 4, leftOut: [{ what: 'replies', count: 1 }] },
          edges: [{ node: { destination: 'shop/db-0', standing: 'FORWARDED_THOUGH_DENIED' } }],
          asOf: { seq: 1 },
        },
        suggestPolicies: {
          form: 'CALICO',
          policies: [{ name: 'api-0-as-seen' }, { name: 'db-0-as-seen' }, { name: 'web-0-as-seen' }],
        },
      },
    });
  });

  it('refuses what is no file of flows', async () => {
    expect(expectProblem(await send('explain', FLOWS, 'image/png'))).toMatchObject({
      status: 415,
      code: 'upload.unsupported',
    });
    expect(expectProblem(await send('explain', '  '))).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(expectProblem(await send('suggest?form=antrea', FLOWS))).toMatchObject({
      status: 400,
      code: 'request.invalid',
    });
    expect(expectProblem(await send('explain', 'x'.repeat(17 * 1024 * 1024)))).toMatchObject({
      status: 413,
      code: 'upload.too_large',
    });
  });
});
