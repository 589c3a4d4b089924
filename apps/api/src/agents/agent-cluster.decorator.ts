import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ClusterRecord } from '#analysis';

/** The cluster whose agent asks. */
export const AgentCluster = createParamDecorator((_: unknown, context: ExecutionContext): ClusterRecord => {
  const { agentCluster } = context.switchToHttp().getRequest<FastifyRequest>();
  if (agentCluster === null) throw new Error('invariant: no agent was admitted to this route');
  return agentCluster;
});
