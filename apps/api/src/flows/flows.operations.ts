import { explainFlowsInput, keptFlowsInput, suggestFlowsInput } from '#contracts';
import { CLUSTER, SNAPSHOT_ERRORS, type Operation } from '../openapi/operation.js';
import { explainedFlowsBody, keepFlowsBody, keptFlowsBody, suggestionsBody } from './flows.body.js';

const FLOWS = `${CLUSTER}/flows`;
const ERRORS = [...SNAPSHOT_ERRORS, 'upload.too_large', 'upload.unsupported'] as const;

/** Operations about flows that were seen. */
export const FLOW_OPERATIONS: readonly Operation[] = [
  {
    method: 'post',
    path: FLOWS,
    id: 'keepFlows',
    tag: 'Reachability',
    summary: 'Adds flows that were seen to those that the cluster keeps; at most 16 MiB',
    body: 'flows',
    status: 200,
    response: keepFlowsBody,
    errors: ERRORS,
  },
  {
    method: 'get',
    path: FLOWS,
    id: 'listKeptFlows',
    tag: 'Reachability',
    summary: 'Flows that the cluster keeps, the last seen first',
    query: keptFlowsInput,
    status: 200,
    response: keptFlowsBody,
    errors: [...SNAPSHOT_ERRORS, 'cursor.invalid'],
  },
  {
    method: 'post',
    path: `${FLOWS}/explain`,
    id: 'explainFlows',
    tag: 'Reachability',
    summary: 'Which policies decide flows that were seen, and where what was seen is not what they say; at most 16 MiB',
    query: explainFlowsInput,
    body: 'flows',
    status: 200,
    response: explainedFlowsBody,
    errors: [...ERRORS, 'cursor.invalid'],
  },
  {
    method: 'post',
    path: `${FLOWS}/suggest`,
    id: 'suggestPolicies',
    tag: 'Reachability',
    summary: 'Policies that let through just what was seen, proved, with what they would cut; at most 16 MiB',
    query: suggestFlowsInput,
    body: 'flows',
    status: 200,
    response: suggestionsBody,
    errors: ERRORS,
  },
];
