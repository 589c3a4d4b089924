import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { REPORT_FORMATS } from '#contracts';
import { silentLog } from '#telemetry';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

describe('the report of an audit', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;
  let audit: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    const job = await api.request('POST', '/api/v1/audits', { clusters: ['shop'] }, { prefer: 'wait=30' });
    audit = (job.json as { id: string }).id;
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
  });

  it.each([...REPORT_FORMATS])('can be had as %s, and again with equal bytes', async (format) => {
    const path = `/api/v1/audits/${audit}/report?format=${format}`;
    const [one, again] = [await api.request('GET', path), await api.request('GET', path)];
    expect(one.status).toBe(200);
    expect(one.headers.get('content-disposition')).toMatch(/^inline; filename="shop-1\.[a-z.]+"$/);
    expect(one.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(again.text).toBe(one.text);
    expect(one.text.length).toBeGreaterThan(500);
  });

  it('says which snapshot it is about, and what the audit found', async () => {
    const { json } = await api.request('GET', `/api/v1/audits/${audit}/report?format=json`);
    const list = await api.request('GET', `/api/v1/audits/${audit}/findings?limit=100`);
    const { items } = list.json as { items: { fingerprint: string }[] };
    const report = json as { cluster: string; snapshot: { seq: number }; findings: { fingerprint: string }[] };
    expect(report).toMatchObject({ cluster: 'shop', snapshot: { seq: 1 }, audit: { id: audit, number: 1 } });
    expect(report.findings.map((finding) => finding.fingerprint)).toEqual(items.map((item) => item.fingerprint));
  });

  it('is cut down to a framework, and names them when it is none', async () => {
    const cut = await api.request('GET', `/api/v1/audits/${audit}/report?format=markdown&framework=SOC%202`);
    expect(cut.text).toMatch(/^# SOC 2: network policy evidence of shop/);
    expect(cut.text).toContain('not proof that it is met');
    expect(await api.request('GET', `/api/v1/audits/${audit}/report?framework=nope`)).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/framework', detail: expect.stringContaining('PCI DSS 4.0.1') }] },
    });
    expect((await api.request('GET', '/api/v1/audits/nope/report')).status).toBe(404);
    expect((await api.request('GET', `/api/v1/audits/${audit}/report?format=doc`)).status).toBe(400);
  });

  it('is described', async () => {
    const { json } = await api.request('GET', '/api/v1/openapi.json');
    const { paths } = json as { paths: Record<string, { get: { responses: { 200: { content: object } } } }> };
    const { content } = paths['/api/v1/audits/{audit}/report']!.get.responses[200];
    expect(Object.keys(content)).toContain('application/sarif+json');
  });
});
