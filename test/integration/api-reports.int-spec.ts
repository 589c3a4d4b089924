import { createHash, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { silentLog } from '#telemetry';
import { createWorker } from '../../apps/worker/src/start-worker.js';
import { persist, startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { expectDescribed } from './api/expect-contract.js';
import { DB_OPENED, SHOP } from './api/shop.js';

describe('kept reports', () => {
  let api: ApiUnderTest;
  let worker: INestApplicationContext;
  let clusterId: string;

  beforeAll(async () => {
    api = await startApiUnderTest();
    worker = await createWorker({ ...api.config, app: 'worker' }, silentLog);
    clusterId = (await api.seed('shop', SHOP)).id;
    await api.seed('other', SHOP);
  });
  afterAll(async () => {
    await worker.close();
    await api.close();
  });

  const make = async (body: object): Promise<string> => {
    const reply = await api.request('POST', '/api/v1/reports', body, { prefer: 'wait=25' });
    expect(reply).toMatchObject({ status: 200, json: { state: 'succeeded', name: 'report.make' } });
    return (reply.json as { result: string }).result.split('/').at(-1) ?? '';
  };
  const get = async (id: string, query = '') =>
    expectDescribed('getReport', await api.request('GET', `/api/v1/reports/${id}${query}`));

  it('are made in the forms asked for, signed, and kept byte for byte', async () => {
    const id = await make({ cluster: 'shop', formats: ['json', 'html', 'json'] });
    const report = await get(id);
    expect(report).toMatchObject({
      id,
      auditId: id,
      framework: null,
      requester: 'anonymous',
      comparison: null,
      asOf: { clusterId, cluster: 'shop', seq: 1 },
    });
    expect(report.files.map(({ format }) => format)).toEqual(['html', 'json']);
    for (const { format, sha256, size, mediaType, name } of report.files) {
      const response = await fetch(`${api.url}/api/v1/reports/${id}/files/${format}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(response.headers.get('content-type')).toBe(mediaType);
      expect(response.headers.get('content-disposition')).toBe(`inline; filename="${name}"`);
      expect({ sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length }).toEqual({
        sha256,
        size,
      });
      expect(bytes.toString()).toContain(report.digest);
    }
    const signature = Buffer.from(report.signature ?? '', 'base64');
    expect(verify(null, Buffer.from(report.digest), report.publicKey ?? '', signature)).toBe(true);
    expect(verify(null, Buffer.from(`${report.digest} `), report.publicKey ?? '', signature)).toBe(false);
    const missing = await api.request('GET', `/api/v1/reports/${id}/files/pdf`);
    expect(missing).toMatchObject({ status: 404, json: { detail: expect.stringContaining('there is html, json') } });
  });

  it('are compared with the one before of their framework, and with another', async () => {
    const first = await make({ cluster: 'shop', formats: ['json'], framework: 'PCI DSS 4.0.1' });
    expect((await get(first)).comparison).toBeNull();
    await persist(api.snapshots, clusterId, [DB_OPENED]);
    const second = await make({ cluster: 'shop', formats: ['json'], framework: 'PCI DSS 4.0.1' });
    const { comparison, asOf, framework, findings } = await get(second);
    expect({ seq: asOf.seq, framework }).toEqual({ seq: 2, framework: 'PCI DSS 4.0.1' });
    expect(comparison?.against).toBe(first);
    expect(comparison?.added.map(({ place }) => place)).toContain('NetworkPolicy shop/db-deny /spec/ingress/0');
    expect((comparison?.still ?? 0) + (comparison?.added.length ?? 0)).toBe(findings);
    const back = await get(first, `?against=${second}`);
    expect(back.comparison?.gone).toEqual(comparison?.added);
    expect(back.comparison?.added).toEqual(comparison?.gone);
    const other = await make({ cluster: 'other' });
    const wrong = await api.request('GET', `/api/v1/reports/${first}?against=${other}`);
    expect(wrong).toMatchObject({ status: 400, json: { errors: [{ pointer: '/against' }] } });
  });

  it('report an audit that is there, are listed, and are deleted', async () => {
    const audit = await api.request('GET', '/api/v1/clusters/other/audit');
    const { id: auditId } = audit.json as { id: string };
    const id = await make({ cluster: 'other', formats: ['markdown'], audit: auditId });
    expect((await get(id)).auditId).toBe(auditId);
    const page = await api.request('GET', '/api/v1/reports?cluster=other&limit=1');
    const { items, page: cursor } = expectDescribed('listReports', page);
    expect(items.map((report) => report.id)).toEqual([id]);
    const next = await api.request('GET', `/api/v1/reports?cluster=other&cursor=${cursor.nextCursor ?? ''}`);
    expect(expectDescribed('listReports', next).items).toHaveLength(1);
    expectDescribed('removeReport', await api.request('DELETE', `/api/v1/reports/${id}`));
    expect(await api.request('GET', `/api/v1/reports/${id}`)).toMatchObject({
      status: 404,
      json: { code: 'not_found' },
    });
  });

  it('are deleted with their files when they are older than they are kept, and no earlier', async () => {
    const { reportDays } = api.config.retention;
    const [old, young] = [await make({ cluster: 'shop' }), await make({ cluster: 'shop' })];
    const { database } = api.database;
    const age = (id: string, hours: number) =>
      database.query(`UPDATE kept_report SET created_at = now() - make_interval(hours => $2) WHERE id = $1`, [
        id,
        hours,
      ]);
    await age(old, reportDays * 24 + 1);
    await age(young, reportDays * 24 - 1);
    const run = await api.request('POST', '/api/v1/schedules/retention/run', undefined, { prefer: 'wait=25' });
    expect(run).toMatchObject({ status: 200, json: { state: 'succeeded' } });
    expect((await api.request('GET', `/api/v1/reports/${old}`)).status).toBe(404);
    expect((await api.request('GET', `/api/v1/reports/${old}/files/html`)).status).toBe(404);
    expect((await get(young)).files.map(({ format }) => format)).toEqual(['html']);
    expect((await api.request('GET', `/api/v1/reports/${young}/files/html`)).status).toBe(200);
    const { rows } = await database.query(
      'SELECT DISTINCT report_id AS id FROM kept_report_file WHERE report_id = ANY($1)',
      [[old, young]],
    );
    expect(rows).toEqual([{ id: young }]);
  });

  it.each([
    [{ cluster: 'shop', formats: ['doc'] }, 400, '/formats/0'],
    [{ cluster: 'shop', framework: 'none' }, 400, '/framework'],
    [{ cluster: 'shop', audit: '11111111-2222-4333-8444-555555555555' }, 404, undefined],
  ])('are refused: %j', async (body, status, pointer) => {
    const reply = await api.request('POST', '/api/v1/reports', body);
    expect(reply.status).toBe(status);
    if (pointer !== undefined) expect(reply.json).toMatchObject({ errors: [{ pointer }] });
  });

  it('go by GraphQL, and by a schedule', async () => {
    const made = await api.graphql(
      `mutation { createSchedule(input: {name: "monthly", cron: "0 7 1 * *", clusters: ["other"],
         task: {type: REPORT, formats: [CSV], framework: "NIST SP 800-53 r5"}}) { schedule { task { formats framework } } } }`,
    );
    expect(made.json).toMatchObject({
      data: { createSchedule: { schedule: { task: { formats: ['CSV'], framework: 'NIST SP 800-53 r5' } } } },
    });
    const run = await api.request('POST', '/api/v1/schedules/monthly/run', undefined, { prefer: 'wait=25' });
    expect(run).toMatchObject({ status: 200, json: { state: 'succeeded' } });
    const list = await api.graphql('{ reports(first: 1) { edges { node { id framework files { format } } } } }');
    const { edges } = (list.json as { data: { reports: { edges: { node: { id: string } }[] } } }).data.reports;
    expect(edges).toMatchObject([{ node: { framework: 'NIST SP 800-53 r5', files: [{ format: 'CSV' }] } }]);
    const id = edges[0]?.node.id ?? '';
    const one = await api.graphql(
      `query($id: ID!) { report(id: $id) { comparison { still } report { asOf { cluster } } } }`,
      {
        id,
      },
    );
    expect(one.json).toEqual({ data: { report: { comparison: null, report: { asOf: { cluster: 'other' } } } } });
    const job = await api.graphql('mutation { makeReport(input: {cluster: "other"}) { job { name state } } }');
    expect(job.json).toMatchObject({ data: { makeReport: { job: { name: 'REPORT_MAKE' } } } });
    const removed = await api.graphql(`mutation($id: ID!) { removeReport(input: {report: $id}) { removedReportId } }`, {
      id,
    });
    expect(removed.json).toEqual({ data: { removeReport: { removedReportId: id } } });
  });
});
