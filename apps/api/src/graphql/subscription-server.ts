import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { Clusters } from '#analysis';
import { CONFIG, type Config } from '#config';
import { isAppError } from '#contracts';
import { LOG, requestIdFrom, type Log } from '#telemetry';
import { BODY_LIMIT_BYTES } from '../http/body-parsers.js';
import { OpenStreams } from '../streams/open-streams.js';
import { StreamAccess } from '../streams/stream-access.js';
import { AllowedDocuments } from './allowed-documents.js';
import { GraphqlContext } from './graphql-context.js';
import { GRAPHQL_PATH } from './graphql-options.js';
import { SubscriptionConnection } from './subscription-connection.js';
import { subscriptionOptions } from './subscription-options.js';

/**
 * GraphQL subscriptions over WebSocket, protocol `graphql-transport-ws`. Serves subscriptions alone: queries and
 * mutations go by POST, where every guard of a request holds.
 */
@Injectable()
export class SubscriptionServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_LIMIT_BYTES, handleProtocols });

  constructor(
    @Inject(HttpAdapterHost) private readonly http: HttpAdapterHost,
    @Inject(GraphQLSchemaHost) private readonly schemaHost: GraphQLSchemaHost,
    @Inject(Clusters) private readonly clusters: Clusters,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(StreamAccess) private readonly access: StreamAccess,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const protocol = makeServer(
      subscriptionOptions({
        schema: this.schemaHost.schema,
        createContext: (caller) => new GraphqlContext(caller, this.clusters),
        access: this.access,
        allowed: AllowedDocuments.of(this.config),
        maxActive: this.config.streams.maxPerConnection,
        log: this.log,
      }),
    );
    const server = this.http.httpAdapter.getHttpServer() as Server;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const refusal = refusalOf(request);
      if (refusal !== null) {
        refuse(socket, refusal);
        return;
      }
      try {
        const place = this.streams.enter();
        socket.once('close', () => {
          place.close();
        });
        this.sockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
          const requestId = requestIdFrom(request.headers['x-request-id']);
          const connection = new SubscriptionConnection(webSocket, { requestId, headers: request.headers });
          connection.serve(protocol, place.signal, this.config.streams);
        });
      } catch (error) {
        if (!isAppError(error, 'streams.exhausted')) throw error;
        refuse(socket, '503 Service Unavailable');
      }
    });
  }

  beforeApplicationShutdown(): void {
    this.sockets.close();
  }
}

/** The status line for a connection that is not taken; null when it is. */
function refusalOf(request: IncomingMessage): string | null {
  if (request.url?.split('?')[0] !== GRAPHQL_PATH) return '404 Not Found';
  const { origin, host } = request.headers;
  // A browser opens a WebSocket for any page, with the user's cookies: only our own pages may.
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) return '403 Forbidden';
  return null;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
