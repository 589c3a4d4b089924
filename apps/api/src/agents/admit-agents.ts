import type { FastifyInstance } from 'fastify';
import type { AgentHub, ClusterRecord } from '#analysis';
import { AGENT_ROUTES } from '#contracts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The cluster whose agent asks; null but at the routes of agents. */
    agentCluster: ClusterRecord | null;
  }
}

const ROUTES: ReadonlySet<string> = new Set(Object.values(AGENT_ROUTES));

/** Finds out whose agent sends before its body is read: nobody without a token can make the server take in a batch. */
export function admitAgents(server: FastifyInstance, hub: () => AgentHub): void {
  server.decorateRequest('agentCluster', null);
  server.addHook('onRoute', (route) => {
    if (!ROUTES.has(route.url)) return;
    route.onRequest = async (request) => {
      request.agentCluster = await hub().authenticate(request.headers.authorization);
    };
  });
}
