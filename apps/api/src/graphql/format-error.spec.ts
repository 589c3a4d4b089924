import { describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { AppError } from '#contracts';
import { runInRequest, silentLog } from '#telemetry';
import { formatGraphqlError } from './format-error.js';

const format = formatGraphqlError(silentLog);
const inRequest = <T>(work: () => T): T => runInRequest({ requestId: 'r-1' }, work);

function resolverError(error: Error): ReturnType<typeof format> {
  const thrown = new GraphQLError(error.message, { originalError: error, path: ['cluster'] });
  return inRequest(() => format({ message: error.message, path: ['cluster'] }, thrown));
}

describe('formatGraphqlError', () => {
  it('carries code, request id, problem and fields of our own errors', () => {
    const error = new AppError('question.invalid', 'no good', { errors: [{ pointer: '/from', detail: 'no good' }] });
    expect(resolverError(error)).toEqual({
      message: 'no good',
      path: ['cluster'],
      extensions: {
        code: 'BAD_USER_INPUT',
        errorCode: 'question.invalid',
        problem: '/problems/question.invalid',
        requestId: 'r-1',
        retryable: false,
        errors: [{ pointer: '/from', detail: 'no good' }],
      },
    });
  });

  it('names the fields of a page as GraphQL does', () => {
    const errors = [{ pointer: '/limit', detail: 'must be less' }];
    const shown = resolverError(new AppError('request.invalid', '`/limit`: must be less', { errors }));
    expect(shown.message).toBe('`/first`: must be less');
    expect(shown.extensions).toMatchObject({ errors: [{ pointer: '/first', detail: 'must be less' }] });
  });

  it('does not tell what an unexpected error says', () => {
    const shown = resolverError(new Error('password is hunter2'));
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', errorCode: 'internal' });
  });

  it.each([
    ['Variable "$input" got invalid value 5 at "input.from"; String cannot represent it', '/input/from'],
    ['Variable "$input" got invalid value {}; Field "frm" is not defined by type "CanReachInput".', '/input/frm'],
    ['Variable "$input" got invalid value [] at "input.l7.headers[1]"; no', '/input/l7/headers/1'],
    ['Variable "$cluster" of required type "String!" was not provided.', '/cluster'],
  ])('names the field in %j', (message, pointer) => {
    const shown = inRequest(() => format({ message, extensions: { code: 'BAD_USER_INPUT' } }, new Error(message)));
    expect(shown.extensions).toMatchObject({ code: 'BAD_USER_INPUT', requestId: 'r-1', errors: [{ pointer }] });
  });
});
