import { reachabilityBatchInput, reachabilityInput } from '#contracts';
import { QUESTION_ERRORS, type Operation } from '../openapi/operation.js';
import { reachabilityBatchBody, reachabilityBody, verdictBody } from './reachability.body.js';
import { reachabilityQuery } from './reachability.query.js';

export const REACHABILITY_OPERATIONS: readonly Operation[] = [
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
    method: 'post',
    path: '/api/v1/reachability/verdict',
    id: 'reachVerdict',
    tag: 'Reachability',
    summary: 'The same question answered without evidence: small, and told sooner',
    body: reachabilityInput,
    status: 200,
    response: verdictBody,
    errors: QUESTION_ERRORS,
  },
  {
    method: 'get',
    path: '/api/v1/reachability/verdict',
    id: 'reachVerdictByQuery',
    tag: 'Reachability',
    summary: 'The verdict alone as a link',
    query: reachabilityQuery,
    status: 200,
    response: verdictBody,
    errors: QUESTION_ERRORS,
  },
];
