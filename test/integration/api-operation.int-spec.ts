import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATIONS } from '../../apps/api/src/openapi/operations.js';
import type { RouteCatalogue } from '../../apps/api/src/http/route-catalogue.js';
import type { HealthReport } from '#telemetry';
import { expectDescribed, expectProblem } from './api/expect-contract.js';
import { startApiUnderTest, type ApiUnderTest } from './api/api-under-test.js';
import { SHOP } from './api/shop.js';

describe('the service around the API', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await startApiUnderTest();
    await api.seed('shop', SHOP);
  });
  afterAll(async () => {
    await api.close();
  });

  it('is alive and ready', async () => {
    expect((await api.request('GET', '/livez')).json).toEqual({ status: 'ok' });
    const ready = await api.request('GET', '/readyz');
    expect(ready.status).toBe(200);
    expect((ready.json as HealthReport).checks.map((check) => [check.name, check.ok])).toEqual([
      ['database', true],
      ['queue', true],
    ]);
  });

  it('counts requests by route', async () => {
    await api.request('GET', '/api/v1/clusters/shop/pods');
    const metrics = await api.request('GET', '/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(metrics.text).toMatch(
      /atlas_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/clusters\/:id\/pods",status="200"\} \d+/,
    );
    expect(metrics.text).toContain('nodejs_eventloop_lag_seconds');
  });

  it("takes the caller's request id into the answer, the log and the problem", async () => {
    const reply = await api.request('GET', '/api/v1/nope', undefined, { 'x-request-id': 'build-17' });
    expect(reply.headers.get('x-request-id')).toBe('build-17');
    expect(expectProblem(reply).requestId).toBe('build-17');
    const line = api.lines.find((entry) => entry['requestId'] === 'build-17');
    expect(line).toMatchObject({ msg: 'request answered', path: '/api/v1/nope', status: 404, method: 'GET' });
  });

  it("takes the caller's trace into the answer and the log, and no other text", async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    const reply = await api.request('GET', '/api/v1/clusters', undefined, { traceparent });
    expect(reply.headers.get('traceparent')).toBe(traceparent);
    expect(api.lines.find((entry) => entry['traceId'] === traceId)).toMatchObject({ path: '/api/v1/clusters' });
    for (const wrong of ['00-0-0-0', traceparent.replace(traceId, '0'.repeat(32)), `${traceparent}x`]) {
      const other = await api.request('GET', '/api/v1/clusters', undefined, { traceparent: wrong });
      expect(other.headers.get('traceparent')).toBeNull();
    }
  });

  it('makes an id of its own when the given one is not fit for a log', async () => {
    const reply = await api.request('GET', '/livez', undefined, { 'x-request-id': 'a b<c>' });
    expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('describes every route it has, and has every route it describes', async () => {
    const server = api.app.getHttpAdapter().getInstance() as unknown as { routeCatalogue: RouteCatalogue };
    const routes = server.routeCatalogue
      .list()
      .filter(({ path, method }) => path.startsWith('/api/v1/') && method !== 'HEAD')
      .map(({ path, method }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
      .filter((route) => route !== 'GET /api/v1/openapi.json');
    const described = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect([...routes].sort()).toEqual([...described].sort());
    const document = (await api.request('GET', '/api/v1/openapi.json')).json as { openapi: string; paths: object };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([...new Set(OPERATIONS.map(({ path }) => path))].sort());
  });

  it.each(['/docs', '/graphiql', '/'])('serves %s with nothing from elsewhere', async (path) => {
    const page = await api.request('GET', path);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.text).not.toMatch(/https?:\/\//);
    const assets = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, asset]) => asset ?? '');
    expect(assets.length).toBeGreaterThan(0);
    for (const asset of assets) {
      const reply = await api.request('GET', asset);
      expect({ asset, status: reply.status, empty: reply.text === '' }).toEqual({ asset, status: 200, empty: false });
    }
  });

  it('is not ready while the database is away, and stays alive', async () => {
    const other = await startApiUnderTest();
    try {
      await other.seed('shop', SHOP);
      await other.database.drop();
      const ready = await other.request('GET', '/readyz');
      expect(ready.status).toBe(503);
      expect((ready.json as HealthReport).checks).toContainEqual(
        expect.objectContaining({ name: 'database', ok: false }),
      );
      expect((await other.request('GET', '/livez')).status).toBe(200);
      const problem = expectProblem(await other.request('GET', '/api/v1/clusters'));
      expect(problem).toMatchObject({ status: 503, code: 'database.unavailable', retryable: true });
    } finally {
      await other.app.close();
    }
  });

  it('lets requests that are on their way finish before it stops', async () => {
    const other = await startApiUnderTest();
    const create = { name: 'late', source: { type: 'folder', path: '/srv' } };
    const onTheWay = other.request('POST', '/api/v1/clusters?wait=1', create);
    while ((await other.clusters.find('late')) === null) await new Promise((resolve) => setTimeout(resolve, 10));
    const closed = other.close();
    const reply = await onTheWay;
    expect(expectDescribed('addCluster', reply).name).toBe('late');
    await closed;
    await expect(fetch(`${other.url}/livez`)).rejects.toThrow();
  });

  it('serves metrics on a port of their own when it is told to', async () => {
    const other = await startApiUnderTest({ METRICS_PORT: '39417' });
    try {
      expect((await fetch('http://127.0.0.1:39417/metrics')).status).toBe(200);
      expect((await fetch('http://127.0.0.1:39417/')).status).toBe(404);
      expect((await other.request('GET', '/metrics')).status).toBe(404);
    } finally {
      await other.close();
    }
  });
});
