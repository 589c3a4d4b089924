import { expect } from '@jest/globals';
import { OPERATIONS } from '../../../apps/api/src/openapi/operations.js';
import { problemBody } from '../../../apps/api/src/rest/shared.body.js';
import type { Reply } from './api-under-test.js';

/** Holds a success against what the description says of the operation: status, and every field of the body. */
export function expectDescribed(operationId: string, reply: Reply): any {
  const operation = OPERATIONS.find(({ id }) => id === operationId);
  if (operation === undefined) throw new Error(`no operation ${operationId}`);
  expect({ status: reply.status, text: reply.status < 400 ? '' : reply.text }).toEqual({
    status: operation.status,
    text: '',
  });
  if (operation.response === null) expect(reply.text).toBe('');
  else expect(operation.response.safeParse(reply.json).error?.issues ?? []).toEqual([]);
  return reply.json;
}

/** Holds a failure against the shape of every problem, and gives it. */
export function expectProblem(reply: Reply): any {
  expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(problemBody.safeParse(reply.json).error?.issues ?? []).toEqual([]);
  expect(reply.json).toMatchObject({ status: reply.status, requestId: reply.headers.get('x-request-id') });
  return reply.json;
}
