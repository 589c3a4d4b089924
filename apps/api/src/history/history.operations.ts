import { pageInput, snapshotsInput } from '#contracts';
import { CLUSTER, SNAPSHOT_ERRORS, type Operation } from '../openapi/operation.js';
import { snapshotPageQuery } from '../search/search.query.js';
import { cniHistoryBody, cniNodeListBody, snapshotBody, snapshotListBody } from './history.body.js';
import { patchSnapshotInput } from './history.query.js';

export const HISTORY_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: `${CLUSTER}/snapshots`,
    id: 'listSnapshots',
    tag: 'Inventory',
    summary: 'The snapshots that are kept, newest first',
    query: snapshotsInput,
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
    query: snapshotPageQuery,
    status: 200,
    response: cniNodeListBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
];
