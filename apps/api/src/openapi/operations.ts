import type { z } from 'zod';
import {
  AGENT_ROUTES,
  agentReportInput,
  agentSessionInput,
  createClusterInput,
  driftInput,
  driftTimelineInput,
  jobsInput,
  pageInput,
  reachabilityBatchInput,
  reachabilityInput,
  sinceInput,
  whatIfInput,
  type ErrorCode,
} from '#contracts';
import type { Collection } from '#analysis';
import { AUDIT_OPERATIONS } from '../audits/audit.operations.js';
import { agentReceiptBody, agentSessionBody, agentTokenBody } from '../agents/agent.body.js';
import { batchQuery } from '../agents/agents.query.js';
import {
  clusterBody,
  clusterCniBody,
  clusterListBody,
  clusterProblemsBody,
  resyncBody,
} from '../clusters/cluster.body.js';
import { patchClusterInput, problemsQuery, waitQuery } from '../clusters/clusters.query.js';
import { changeBody, changeListBody } from '../changes/change.body.js';
import { changesQuery, changeStreamQuery } from '../changes/changes.query.js';
import { driftBody, driftTimelineBody, sinceBody, whatIfBody } from '../drift/drift.body.js';
import { driftQuery, formatQuery } from '../drift/drift.query.js';
import { cniHistoryBody, cniNodeListBody, snapshotBody, snapshotListBody } from '../history/history.body.js';
import { cniNodesQuery, patchSnapshotInput } from '../history/history.query.js';
import { LIST_BODIES, objectAnswerBody } from '../inventory/inventory.body.js';
import { LIST_QUERIES, snapshotQuery } from '../inventory/inventory.query.js';
import { jobBody, jobEventBody, jobListBody } from '../jobs/job.body.js';
import { reachabilityBatchBody, reachabilityBody } from '../reachability/reachability.body.js';
import { RUNBOOK_OPERATIONS } from '../runbooks/runbook.operations.js';
import { CONNECTION_OPERATIONS } from '../connections/connections.operations.js';
import { reachabilityQuery } from '../reachability/reachability.query.js';
import type { RestFormat } from '../rest/formats/negotiate.js';

/** What operations are grouped by, in the order of the description. */
export const TAGS = ['Reachability', 'Drift', 'Clusters', 'Agents', 'Inventory', 'Jobs', 'Audits', 'Runbooks'] as const;

/** One operation of the REST API as the description tells it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly id: string;
  readonly tag: (typeof TAGS)[number];
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** A JSON body, or bytes: `manifests`, or the `batch` of an agent. */
  readonly body?: z.ZodType | 'manifests' | 'batch';
  readonly status: 200 | 201 | 202 | 204;
  readonly response: z.ZodType | null;
  /** True: `response` is the data of one event of a stream (`text/event-stream`), not a body. */
  readonly isStream?: boolean;
  /** Other forms that the answer can be had in. */
  readonly forms?: readonly RestFormat[];
  /** What it may answer beside the errors of every request. */
  readonly errors: readonly ErrorCode[];
}

const CLUSTER = '/api/v1/clusters/{id}';
const JOB = '/api/v1/jobs/{job}';
const AGENT_ERRORS = ['agent.token_invalid', 'cluster.paused'] as const;
const SNAPSHOT_ERRORS = ['cluster.not_found', 'snapshot.not_found'] as const;
const QUESTION_ERRORS = ['question.invalid', ...SNAPSHOT_ERRORS, 'endpoint.not_found', 'port.not_found'] as const;

function listOperation(collection: Collection, summary: string): Operation {
  return {
    method: 'get',
    path: `${CLUSTER}/${collection}`,
    id: `list${collection.charAt(0).toUpperCase()}${collection.slice(1)}`,
    tag: 'Inventory',
    summary,
    query: LIST_QUERIES[collection],
    status: 200,
    response: LIST_BODIES[collection],
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  };
}

/** Every operation of the REST API. A test holds this table against the routes that the server has. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/v1/reachability',
    id: 'canReach',
    tag: 'Reachability',
    summary: 'Can one peer open a connection to another, and why?',
    body: reachabilityInput,
    status: 200,
    response: reachabilityBody,
    errors: QUESTION_ERRORS,
  },
  {
    method: 'post',
    path: '/api/v1/reachability/batch',
    id: 'canReachBatch',
    tag: 'Reachability',
    summary: 'Up to 1,000 such questions, each with its own status',
    body: reachabilityBatchInput,
    status: 200,
    response: reachabilityBatchBody,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/reachability',
    id: 'canReachByQuery',
    tag: 'Reachability',
    summary: 'The same question as a link',
    query: reachabilityQuery,
    status: 200,
    response: reachabilityBody,
    errors: QUESTION_ERRORS,
  },
  {
    method: 'get',
    path: '/api/v1/reachability/since',
    id: 'reachableSince',
    tag: 'Drift',
    summary: 'Since when can, or cannot, one peer reach another?',
    query: sinceInput,
    status: 200,
    response: sinceBody,
    errors: QUESTION_ERRORS,
  },
  {
    method: 'get',
    path: '/api/v1/drift',
    id: 'driftByQuery',
    tag: 'Drift',
    summary: 'What differs between two times of a cluster, or between two clusters?',
    query: driftQuery,
    status: 200,
    response: driftBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'post',
    path: '/api/v1/drift',
    id: 'drift',
    tag: 'Drift',
    summary: 'The same, and between a cluster and manifests, with names of namespaces mapped',
    query: formatQuery,
    body: driftInput,
    status: 200,
    response: driftBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'post',
    path: '/api/v1/what-if',
    id: 'whatIf',
    tag: 'Drift',
    summary: 'What would differ if manifests were applied or removed, or staged policies put in force?',
    query: formatQuery,
    body: whatIfInput,
    status: 200,
    response: whatIfBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'get',
    path: `${CLUSTER}/drift`,
    id: 'driftTimeline',
    tag: 'Drift',
    summary: 'What changed in a cluster, stretch by stretch, newest first',
    query: driftTimelineInput,
    status: 200,
    response: driftTimelineBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'post',
    path: '/api/v1/clusters',
    id: 'addCluster',
    tag: 'Clusters',
    summary: 'Add a cluster and start to read it',
    query: waitQuery,
    body: createClusterInput,
    status: 201,
    response: clusterBody,
    errors: ['cluster.exists', 'cluster.source_invalid'],
  },
  {
    method: 'get',
    path: '/api/v1/clusters',
    id: 'listClusters',
    tag: 'Clusters',
    summary: 'All clusters, by name',
    query: pageInput,
    status: 200,
    response: clusterListBody,
    errors: ['cursor.invalid'],
  },
  {
    method: 'get',
    path: CLUSTER,
    id: 'getCluster',
    tag: 'Clusters',
    summary: 'One cluster',
    status: 200,
    response: clusterBody,
    errors: ['cluster.not_found'],
  },
  {
    method: 'patch',
    path: CLUSTER,
    id: 'changeCluster',
    tag: 'Clusters',
    summary: 'Pause a cluster, or resume it',
    body: patchClusterInput,
    status: 200,
    response: clusterBody,
    errors: ['cluster.not_found'],
  },
  {
    method: 'delete',
    path: CLUSTER,
    id: 'removeCluster',
    tag: 'Clusters',
    summary: 'Forget a cluster with all its snapshots',
    status: 204,
    response: null,
    errors: ['cluster.not_found'],
  },
  {
    method: 'post',
    path: `${CLUSTER}/resync`,
    id: 'resyncCluster',
    tag: 'Clusters',
    summary: 'Queue a full read of a cluster',
    status: 202,
    response: resyncBody,
    errors: ['cluster.not_found', 'cluster.paused', 'queue.unavailable'],
  },
  {
    method: 'put',
    path: `${CLUSTER}/upload`,
    id: 'uploadManifests',
    tag: 'Clusters',
    summary: 'Replace the manifests of a cluster of source `upload`, at most 20 MiB',
    query: waitQuery,
    body: 'manifests',
    status: 200,
    response: clusterBody,
    errors: ['cluster.not_found', 'conflict', 'upload.too_large', 'upload.unsupported'],
  },
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
    path: '/api/v1/jobs',
    id: 'listJobs',
    tag: 'Jobs',
    summary: 'Jobs, the newest first; failed ones stay until retention takes them',
    query: jobsInput,
    status: 200,
    response: jobListBody,
    errors: ['cluster.not_found', 'cursor.invalid'],
  },
  {
    method: 'get',
    path: JOB,
    id: 'getJob',
    tag: 'Jobs',
    summary: 'Where a job stands',
    status: 200,
    response: jobBody,
    errors: ['job.not_found'],
  },
  {
    method: 'delete',
    path: JOB,
    id: 'cancelJob',
    tag: 'Jobs',
    summary: 'Cancel a job: at once while it waits, soon when it runs, and a flow with all its parts',
    status: 202,
    response: jobBody,
    errors: ['job.not_found', 'job.ended'],
  },
  {
    method: 'get',
    path: `${JOB}/events`,
    id: 'streamJob',
    tag: 'Jobs',
    summary: 'Progress, findings and end of a job as they come; resumes by `Last-Event-ID`, 204 after the end',
    status: 200,
    response: jobEventBody,
    isStream: true,
    errors: ['job.not_found'],
  },
  {
    method: 'get',
    path: `${CLUSTER}/cni`,
    id: 'getCni',
    tag: 'Clusters',
    summary: 'What the cluster runs to enforce policy, with the evidence, and which of its policies that ignores',
    query: snapshotQuery,
    status: 200,
    response: clusterCniBody,
    errors: SNAPSHOT_ERRORS,
  },
  {
    method: 'get',
    path: `${CLUSTER}/problems`,
    id: 'listProblems',
    tag: 'Clusters',
    summary: 'What could not be read, or is not evaluated, of the cluster',
    query: problemsQuery,
    status: 200,
    response: clusterProblemsBody,
    errors: ['cluster.not_found', 'cursor.invalid'],
  },
  {
    method: 'get',
    path: '/api/v1/changes',
    id: 'listChanges',
    tag: 'Inventory',
    summary: 'What changed, newest first: of every cluster, or of one',
    query: changesQuery,
    status: 200,
    response: changeListBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'get',
    path: '/api/v1/changes/stream',
    id: 'streamChanges',
    tag: 'Inventory',
    summary: 'Changes as they come, as server-sent events; `Last-Event-ID` goes on behind an earlier one',
    query: changeStreamQuery,
    status: 200,
    response: changeBody,
    isStream: true,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid', 'streams.exhausted'],
  },
  {
    method: 'get',
    path: `${CLUSTER}/snapshots`,
    id: 'listSnapshots',
    tag: 'Inventory',
    summary: 'The snapshots that are kept, newest first',
    query: pageInput,
    status: 200,
    response: snapshotListBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'patch',
    path: `${CLUSTER}/snapshots/{seq}`,
    id: 'changeSnapshot',
    tag: 'Inventory',
    summary: 'Keep a snapshot from retention, or leave it to it again',
    body: patchSnapshotInput,
    status: 200,
    response: snapshotBody,
    errors: SNAPSHOT_ERRORS,
  },
  {
    method: 'get',
    path: `${CLUSTER}/cni/history`,
    id: 'getCniHistory',
    tag: 'Clusters',
    summary: 'What the cluster ran to enforce policy, newest first, and what differed each time',
    query: pageInput,
    status: 200,
    response: cniHistoryBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'get',
    path: `${CLUSTER}/cni/nodes`,
    id: 'listCniNodes',
    tag: 'Clusters',
    summary: 'The network plugin node by node: its pods, their versions, and whether policy is enforced there',
    query: cniNodesQuery,
    status: 200,
    response: cniNodeListBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  listOperation('policies', 'Policies of every kind'),
  listOperation('namespaces', 'Namespaces'),
  listOperation('pods', 'Pods'),
  listOperation('workloads', 'Deployments, StatefulSets, Jobs and whatever else makes pods'),
  listOperation('services', 'Services'),
  listOperation('nodes', 'Nodes'),
  listOperation('objects', 'Objects of every kind that is kept'),
  {
    method: 'get',
    path: `${CLUSTER}/objects/{kind}/{namespace}/{name}`,
    id: 'getObject',
    tag: 'Inventory',
    summary: 'One object with its raw form and its diagnostics',
    query: snapshotQuery,
    status: 200,
    response: objectAnswerBody,
    errors: [...SNAPSHOT_ERRORS, 'not_found'],
  },
  ...CONNECTION_OPERATIONS,
  ...RUNBOOK_OPERATIONS,
  ...AUDIT_OPERATIONS,
];
