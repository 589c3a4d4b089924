import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { drainConnections } from './connection-drain.js';

describe('drainConnections', () => {
  let server: FastifyInstance;
  let port: number;
  const agent = new Agent({ keepAlive: true });
  const ends = new Set<() => void>();

  beforeEach(async () => {
    server = fastify({ return503OnClosing: false });
    drainConnections(server);
    server.get('/stream', (_request, reply) => {
      const body = new Readable({ read: () => undefined });
      body.push('first');
      ends.add(() => body.push(null));
      return reply.send(body);
    });
    await server.listen({ host: '127.0.0.1', port: 0 });
    ({ port } = server.server.address() as AddressInfo);
  });
  afterEach(() => {
    agent.destroy();
    ends.clear();
  });

  it('ends a connection that never asked anything', async () => {
    const socket = connect(port, '127.0.0.1');
    const closed = once(socket, 'close');
    await once(server.server, 'connection');
    await server.close();
    await closed;
    expect(server.server.listening).toBe(false);
  });

  it('gives a stream to its end, and ends its connection with it', async () => {
    const [response] = (await once(get({ port, host: '127.0.0.1', path: '/stream', agent }), 'response')) as [
      IncomingMessage,
    ];
    response.setEncoding('utf8');
    expect(await once(response, 'data')).toEqual(['first']);
    response.resume();
    const closing = server.close();
    // The server is closing by now.
    await new Promise(setImmediate);
    for (const end of ends) end();
    await closing;
    expect(response.complete).toBe(true);
  });
});
