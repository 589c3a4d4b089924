import type { Operation } from '../openapi/operation.js';
import { logListBody, logQuery } from './log.body.js';

export const LOG_OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/log',
    id: 'listLog',
    tag: 'Access',
    summary: 'Who asked what, the newest first; for auditors',
    query: logQuery,
    status: 200,
    response: logListBody,
    errors: ['cursor.invalid'],
  },
];
