import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PrometheusSource, type PrometheusSettings } from './prometheus-source.js';

const AT = new Date('2026-11-26T12:00:00Z');
const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

/** A server on loopback that answers every request alike. */
async function serve(status: number, body: string, headers: Record<string, string> = {}): Promise<[string, Seen[]]> {
  const seen: Seen[] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, form: new URLSearchParams(text) });
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return [`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, seen];
}

function source(url: string, more: Partial<PrometheusSettings> = {}): PrometheusSource {
  const made = new PrometheusSource({ url, timeoutMs: 2000, ...more });
  open.push(made);
  return made;
}

const vector = (...result: unknown[]): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });

describe('PrometheusSource', () => {
  it('asks for the value at a time, with its credentials and tenant', async () => {
    const [url, seen] = await serve(200, vector());
    const answer = await source(`${url}/prometheus/`, { token: 't0k', tenant: 'shop' }).instant('up == 1', AT);
    expect(answer).toEqual({ type: 'samples', samples: [] });
    expect(seen[0]).toMatchObject({
      path: '/prometheus/api/v1/query',
      headers: { authorization: 'Bearer t0k', 'x-scope-orgid': 'shop' },
    });
    expect(Object.fromEntries(seen[0]!.form)).toEqual({ query: 'up == 1', time: AT.toISOString(), timeout: '2s' });
  });

  it('reads vectors and scalars, with NaN and infinities', async () => {
    const [url] = await serve(
      200,
      vector(
        { metric: { node: 'n1' }, value: [1, '0.5'] },
        { metric: {}, value: [1, 'NaN'] },
        { metric: {}, value: [1, '+Inf'] },
      ),
    );
    expect(await source(url).instant('x', AT)).toEqual({
      type: 'samples',
      samples: [
        { labels: { node: 'n1' }, value: 0.5 },
        { labels: {}, value: NaN },
        { labels: {}, value: Infinity },
      ],
    });
    const [scalar] = await serve(
      200,
      JSON.stringify({ status: 'success', data: { resultType: 'scalar', result: [1, '-Inf'] } }),
    );
    expect(await source(scalar).instant('x', AT)).toEqual({
      type: 'samples',
      samples: [{ labels: {}, value: -Infinity }],
    });
  });

  it.each([
    [401, '', 'the metrics source refuses the credentials (HTTP 401)'],
    [302, '', 'the metrics source redirects (HTTP 302), give its final address'],
    [
      400,
      '{"status":"error","errorType":"bad_data","error":"parse error"}',
      'the metrics source refuses the query: parse error',
    ],
    [404, '<html>', 'there is no Prometheus API at this address (HTTP 404)'],
    [200, '<html>', 'there is no Prometheus API at this address (HTTP 200)'],
    [
      200,
      '{"status":"success","data":{"resultType":"streams","result":[]}}',
      'the metrics source answered with no vector',
    ],
    [200, '{"status":"success","data":null}', 'the metrics source answered with no vector'],
  ])('says what is wrong with HTTP %i %s', async (status, body, reason) => {
    const [url] = await serve(status, body, { location: 'http://127.0.0.1:1/' });
    expect(await source(url).instant('x', AT)).toEqual({ type: 'unavailable', reason });
  });

  it('says that nothing listens, and that an answer takes too long', async () => {
    expect(await source('http://127.0.0.1:1').instant('x', AT)).toEqual({
      type: 'unavailable',
      reason: 'the metrics source cannot be reached: nothing listens there (connection refused)',
    });
    let asked = 0;
    const silent = createServer(() => (asked += 1));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => (silent.closeAllConnections(), silent.close()) });
    const url = `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
    const slow = source(url, { timeoutMs: 1_000 });
    const reason = 'the metrics source did not answer within 1000 ms';
    for (let n = 0; n < 3; n++) expect(await slow.instant('x', AT)).toEqual({ type: 'unavailable', reason });
    expect(asked).toBe(1);
  });

  it('cuts off an answer that is too large, and asks again', async () => {
    const [url, seen] = await serve(200, ' '.repeat(9 * 1024 * 1024));
    const large = source(url);
    const expected = { type: 'unavailable', reason: 'the answer of the metrics source is larger than 8 MiB' };
    for (let n = 0; n < 2; n++) expect(await large.instant('x', AT)).toEqual(expected);
    expect(seen).toHaveLength(2);
  });

  it('never names what may be secret in its address', () => {
    expect(source('http://user:pass@prometheus:9090/a/?token=x').name).toBe('http://prometheus:9090/a');
  });
});
