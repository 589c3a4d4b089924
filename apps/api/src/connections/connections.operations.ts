import { reachabilityInput } from '#contracts';
import type { Operation } from '../openapi/operations.js';
import { connectionGraphBody, connectionListBody, connectionMatrixBody } from './connections.body.js';
import { connectionsQuery, graphQuery, matrixQuery } from './connections.query.js';
import { blastBody, entryPointsBody, exposureListBody, whyBody } from './outside.body.js';
import { blastQuery, entryPointsQuery, exposureQuery, whyQuery } from './outside.query.js';

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
  {
    method: 'get',
    path: `${CLUSTER}/entry-points`,
    id: 'listEntryPoints',
    tag: 'Reachability',
    summary: 'By which objects something outside gets in, and what policy behind them makes of it',
    query: entryPointsQuery,
    status: 200,
    response: entryPointsBody,
    forms: ['csv', 'md'],
    errors: LIST_ERRORS,
  },
  {
    method: 'get',
    path: `${CLUSTER}/exposure`,
    id: 'listExposure',
    tag: 'Reachability',
    summary: 'What each workload is open to: the internet, any pod, pods that do not exist yet',
    query: exposureQuery,
    status: 200,
    response: exposureListBody,
    forms: ['csv', 'md'],
    errors: [...LIST_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'get',
    path: `${CLUSTER}/blast-radius`,
    id: 'getBlastRadius',
    tag: 'Reachability',
    summary: 'What something could reach if it were taken over, or who could reach it',
    query: blastQuery,
    status: 200,
    response: blastBody,
    forms: ['csv', 'md', 'svg', 'dot', 'mermaid'],
    errors: LIST_ERRORS,
  },
  {
    method: 'post',
    path: '/api/v1/why',
    id: 'why',
    tag: 'Reachability',
    summary: 'Why one peer can, or cannot, reach another, and what each fix would open and close',
    body: reachabilityInput,
    status: 200,
    response: whyBody,
    errors: [...LIST_ERRORS, 'port.not_found'],
  },
  {
    method: 'get',
    path: '/api/v1/why',
    id: 'whyByQuery',
    tag: 'Reachability',
    summary: 'The same as a link, also as a picture of the path',
    query: whyQuery,
    status: 200,
    response: whyBody,
    forms: ['md', 'svg', 'dot', 'mermaid'],
    errors: [...LIST_ERRORS, 'port.not_found'],
  },
];
