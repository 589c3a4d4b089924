import { setBaselineInput } from '#contracts';
import { CLUSTER, SNAPSHOT_ERRORS, type Operation } from '../openapi/operation.js';
import { baselineBody } from './baseline.body.js';

export const BASELINE_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: `${CLUSTER}/baseline`,
    id: 'getBaseline',
    tag: 'Drift',
    summary: 'What a cluster is declared to be',
    status: 200,
    response: baselineBody,
    errors: [...SNAPSHOT_ERRORS, 'not_found'],
  },
  {
    method: 'put',
    path: `${CLUSTER}/baseline`,
    id: 'setBaseline',
    tag: 'Drift',
    summary: 'Declare what a cluster is to be: manifests, or one of its snapshots; drift is told against it',
    body: setBaselineInput,
    status: 200,
    response: baselineBody,
    errors: SNAPSHOT_ERRORS,
  },
  {
    method: 'delete',
    path: `${CLUSTER}/baseline`,
    id: 'removeBaseline',
    tag: 'Drift',
    summary: 'Declare nothing any more',
    status: 204,
    response: null,
    errors: [...SNAPSHOT_ERRORS, 'not_found'],
  },
];
