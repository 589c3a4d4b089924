import type { FastifyInstance } from 'fastify';

/**
 * Ends each connection with the answer that is on its way when the server stops. Without this a client that keeps its
 * connection open would keep the process from ending until the connection times out.
 */
export function drainConnections(server: FastifyInstance): void {
  let isClosing = false;
  server.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) void reply.header('connection', 'close');
    done(null, payload);
  });
}
