import type { Operation } from '../openapi/operations.js';
import { connectionGraphBody, connectionListBody, connectionMatrixBody } from './connections.body.js';
import { connectionsQuery, graphQuery, matrixQuery } from './connections.query.js';

const CLUSTER = '/api/v1/clusters/{id}';
const LIST_ERRORS = [
  'question.invalid',
  'cluster.not_found',
  'snapshot.not_found',
  'endpoint.not_found',
  'not_acceptable',
] as const;

/** Operations about many connections at once. */
export const CONNECTION_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: `${CLUSTER}/connections`,
    id: 'listConnections',
    tag: 'Reachability',
    summary: 'What can connect to what: a page as JSON, the whole list while it is found as NDJSON or CSV',
    query: connectionsQuery,
    status: 200,
    response: connectionListBody,
    forms: ['ndjson', 'csv'],
    errors: [...LIST_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'get',
    path: `${CLUSTER}/connections/matrix`,
    id: 'getConnectionMatrix',
    tag: 'Reachability',
    summary: 'What can connect to what, as a matrix of namespaces or workloads',
    query: matrixQuery,
    status: 200,
    response: connectionMatrixBody,
    forms: ['csv', 'md'],
    errors: LIST_ERRORS,
  },
  {
    method: 'get',
    path: `${CLUSTER}/connections/graph`,
    id: 'getConnectionGraph',
    tag: 'Reachability',
    summary: 'What can connect to what, as a picture',
    query: graphQuery,
    status: 200,
    response: connectionGraphBody,
    forms: ['svg', 'dot', 'mermaid'],
    errors: LIST_ERRORS,
  },
];
