import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import { CliError } from '../cli-error.js';
import { ServerClient } from './server-client.js';

let servers: Server[] = [];

async function serve(listener: RequestListener): Promise<ServerClient> {
  const started = createServer(listener);
  servers.push(started);
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return new ServerClient(`127.0.0.1:${String((started.address() as AddressInfo).port)}`);
}

async function failureOf(work: Promise<unknown>): Promise<CliError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CliError);
  return error as CliError;
}

describe('the client of a server', () => {
  afterEach(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    servers = [];
  });

  it('says how to sign in where a server wants to know who asks', async () => {
    const client = await serve((_, response) => {
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'Not signed in', detail: 'the request does not say who asks' }));
    });
    const { exitCode, lines } = await failureOf(client.get('clusters'));
    expect([exitCode, lines]).toEqual([2, [expect.stringContaining('ATLAS_TOKEN')]]);
  });

  it('sends JSON below /api/v1 and gives back what it gets', async () => {
    const client = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url, headers } = request;
        response.end(JSON.stringify({ method, url, type: headers['content-type'], body }));
      });
    });
    expect(await client.post('reachability', { from: 'a/b' })).toEqual({
      method: 'POST',
      url: '/api/v1/reachability',
      type: 'application/json',
      body: '{"from":"a/b"}',
    });
    expect(await client.get('clusters', { limit: '2', cursor: undefined })).toMatchObject({
      url: '/api/v1/clusters?limit=2',
    });
  });

  it('tells a problem with its fields, and that the request was wrong', async () => {
    const client = await serve((_, response) => {
      response.writeHead(400, { 'content-type': 'application/problem+json' });
      const errors = [{ pointer: '/port', detail: 'must be a number' }];
      response.end(JSON.stringify({ title: 'Bad request', status: 400, detail: 'two fields are wrong', errors }));
    });
    const error = await failureOf(client.get('clusters'));
    expect(error).toMatchObject({ exitCode: 2, message: 'two fields are wrong', lines: ['/port: must be a number'] });
  });

  it('counts a failing server as not reachable, and names the request to look for', async () => {
    const client = await serve((_, response) => {
      response.writeHead(503, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'Unavailable', detail: 'no database', requestId: 'r-17', retryable: true }));
    });
    const error = await failureOf(client.get('clusters'));
    expect(error).toMatchObject({ exitCode: 3, message: 'no database', lines: ['request r-17'] });
  });

  it('asks whether it is the right server when the answer is not ours', async () => {
    const client = await serve((_, response) => response.writeHead(404).end('<html>'));
    expect(await failureOf(client.get('clusters'))).toMatchObject({ exitCode: 2 });
    const other = await serve((_, response) => response.end('<html>'));
    expect((await failureOf(other.get('clusters'))).message).toMatch(/did not answer with JSON/);
  });

  it('says that nobody listens', async () => {
    const client = await serve(() => undefined);
    await new Promise((resolve) => servers[0]?.close(resolve));
    const error = await failureOf(client.get('clusters'));
    expect(error.exitCode).toBe(3);
    expect(error.message).toMatch(/cannot reach `http:\/\/127\.0\.0\.1:\d+`: .*ECONNREFUSED/);
  });

  it('refuses an address that is none', () => {
    expect(() => new ServerClient('http://')).toThrow(/is not an address/);
  });
});
