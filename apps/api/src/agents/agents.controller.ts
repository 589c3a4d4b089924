import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AgentHub, type AgentPosition, type AgentReceipt, type AgentSession, type ClusterRecord } from '#analysis';
import {
  AGENT_ROUTES,
  AppError,
  agentPositionInput,
  agentReportInput,
  agentSessionInput,
  isAppError,
  parseInput,
} from '#contracts';
import { RouteAction } from '../access/action.decorator.js';
import { noQuery } from '../clusters/clusters.query.js';
import { AgentCluster } from './agent-cluster.decorator.js';
import { batchQuery } from './agents.query.js';

const BUSY_SECONDS = '2';

/**
 * What agents call. Their routes are public to the guard of people: they show a token of their own, which is good for
 * their cluster and for nothing else, and which `admitAgents` looks at.
 */
@Controller()
export class AgentsController {
  constructor(@Inject(AgentHub) private readonly hub: AgentHub) {}

  @Post('api/v1/clusters/:id/agent-token')
  @RouteAction('cluster.write')
  @HttpCode(201)
  async issueToken(@Param('id') id: string, @Query() query: unknown): Promise<{ token: string }> {
    parseInput(noQuery, query);
    return this.hub.issueToken(id);
  }

  @Post(AGENT_ROUTES.session)
  @RouteAction('public')
  @HttpCode(201)
  async openSession(@Body() body: unknown, @AgentCluster() cluster: ClusterRecord): Promise<AgentSession> {
    parseInput(agentSessionInput, body);
    return this.hub.openSession(cluster);
  }

  @Post(AGENT_ROUTES.batches)
  @RouteAction('public')
  @HttpCode(200)
  async take(
    @Body() body: unknown,
    @Query() query: unknown,
    @AgentCluster() cluster: ClusterRecord,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgentReceipt> {
    const { session, sequence } = parseInput(batchQuery, query);
    if (!(body instanceof Uint8Array)) throw new AppError('request.invalid', 'the body is empty, send a batch');
    try {
      return await this.hub.take(cluster, session, sequence, body);
    } catch (error) {
      if (isAppError(error, 'agent.busy')) void reply.header('retry-after', BUSY_SECONDS);
      throw error;
    }
  }

  @Put(AGENT_ROUTES.report)
  @RouteAction('public')
  @HttpCode(204)
  async report(@Body() body: unknown, @AgentCluster() cluster: ClusterRecord): Promise<void> {
    const { session, report } = parseInput(agentReportInput, body);
    await this.hub.report(cluster, session, report);
  }

  @Get(AGENT_ROUTES.position)
  @RouteAction('public')
  async position(@Query() query: unknown, @AgentCluster() cluster: ClusterRecord): Promise<AgentPosition> {
    parseInput(noQuery, query);
    return this.hub.position(cluster);
  }

  @Put(AGENT_ROUTES.position)
  @RouteAction('public')
  @HttpCode(204)
  async keepPosition(@Body() body: unknown, @AgentCluster() cluster: ClusterRecord): Promise<void> {
    const { session, positions } = parseInput(agentPositionInput, body);
    await this.hub.keepPosition(cluster, session, positions);
  }
}
