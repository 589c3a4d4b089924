import { patternInput } from '#contracts';
import { CLUSTER, SNAPSHOT_ERRORS, type Operation } from '../openapi/operation.js';
import { filledPatternBody, patternListBody } from './patterns.body.js';

/** Operations about policies that are written again and again. */
export const PATTERN_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/patterns',
    id: 'listPatterns',
    tag: 'Audits',
    summary: 'Policies that are written again and again',
    status: 200,
    response: patternListBody,
    errors: [],
  },
  {
    method: 'get',
    path: `${CLUSTER}/patterns/{pattern}`,
    id: 'fillPattern',
    tag: 'Audits',
    summary: 'One of them filled in for a namespace from what the cluster holds, with what it would open and close',
    query: patternInput,
    status: 200,
    response: filledPatternBody,
    errors: ['not_found', ...SNAPSHOT_ERRORS],
  },
];
