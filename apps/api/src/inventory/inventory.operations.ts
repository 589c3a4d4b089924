import type { Collection } from '#analysis';
import { CLUSTER, SNAPSHOT_ERRORS, type Operation } from '../openapi/operation.js';
import { LIST_BODIES, objectAnswerBody } from './inventory.body.js';
import { LIST_QUERIES, snapshotQuery } from './inventory.query.js';

export const INVENTORY_OPERATIONS: readonly Operation[] = [
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
];

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
