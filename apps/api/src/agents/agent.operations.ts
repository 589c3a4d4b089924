import { AGENT_ROUTES, agentPositionInput, agentReportInput, agentSessionInput } from '#contracts';
import { CLUSTER, type Operation } from '../openapi/operation.js';
import { agentPositionBody, agentReceiptBody, agentSessionBody, agentTokenBody } from './agent.body.js';
import { batchQuery } from './agents.query.js';

const AGENT_ERRORS = ['agent.token_invalid', 'cluster.paused'] as const;

export const AGENT_OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: `${CLUSTER}/agent-token`,
    id: 'issueAgentToken',
    tag: 'Agents',
    summary: 'Make a token for the agent of a cluster of source `agent`; an earlier one ends',
    status: 201,
    response: agentTokenBody,
    errors: ['cluster.not_found', 'conflict'],
  },
  {
    method: 'post',
    path: AGENT_ROUTES.session,
    id: 'openAgentSession',
    tag: 'Agents',
    summary: 'Begin to send, as the agent that the token is of',
    body: agentSessionInput,
    status: 201,
    response: agentSessionBody,
    errors: AGENT_ERRORS,
  },
  {
    method: 'post',
    path: AGENT_ROUTES.batches,
    id: 'sendAgentBatch',
    tag: 'Agents',
    summary: 'Send changes, at most 32 MiB packed; a batch that is stored already is acknowledged',
    query: batchQuery,
    body: 'batch',
    status: 200,
    response: agentReceiptBody,
    errors: [...AGENT_ERRORS, 'cluster.lease_lost', 'agent.busy'],
  },
  {
    method: 'put',
    path: AGENT_ROUTES.report,
    id: 'sendAgentReport',
    tag: 'Agents',
    summary: 'Tell how reading the cluster goes',
    body: agentReportInput,
    status: 204,
    response: null,
    errors: [...AGENT_ERRORS, 'cluster.lease_lost'],
  },
  {
    method: 'get',
    path: AGENT_ROUTES.position,
    id: 'getAgentPosition',
    tag: 'Agents',
    summary: 'Where an agent that starts goes on reading',
    status: 200,
    response: agentPositionBody,
    errors: AGENT_ERRORS,
  },
  {
    method: 'put',
    path: AGENT_ROUTES.position,
    id: 'keepAgentPosition',
    tag: 'Agents',
    summary: 'Tell how far the cluster was read; everything up to there must be stored',
    body: agentPositionInput,
    status: 204,
    response: null,
    errors: [...AGENT_ERRORS, 'cluster.lease_lost'],
  },
];
