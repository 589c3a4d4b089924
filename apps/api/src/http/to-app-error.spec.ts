import { describe, expect, it } from '@jest/globals';
import { HttpException } from '@nestjs/common';
import { AppError, ERROR_CODES } from '#contracts';
import { PROBLEM_TYPES } from './problem-catalogue.js';
import { problemOf } from './problem.js';
import { STATUS_BY_CODE } from './status-table.js';
import { toAppError } from './to-app-error.js';

describe('toAppError', () => {
  it('keeps our own errors, also behind the framework', () => {
    const own = new AppError('cluster.exists', 'taken');
    expect(toAppError(own)).toBe(own);
    expect(toAppError(new HttpException('x', 400, { cause: own }))).toBe(own);
  });

  it.each<[unknown, string]>([
    [new HttpException('x', 404), 'not_found'],
    [new HttpException('x', 405), 'method_not_allowed'],
    [new HttpException('x', 413), 'upload.too_large'],
    [new HttpException('x', 415), 'unsupported_media_type'],
    [new HttpException('Bad things', 400), 'request.invalid'],
    [Object.assign(new Error('x'), { statusCode: 414 }), 'request.invalid'],
    [new HttpException('x', 503), 'internal'],
    ['text', 'internal'],
    [null, 'internal'],
  ])('gives %s the code %s', (error, code) => {
    expect(toAppError(error).code).toBe(code);
  });

  it('does not tell what an unexpected error says', () => {
    expect(toAppError(new Error('password is hunter2')).message).not.toContain('hunter2');
  });
});

describe('problemOf', () => {
  it('tells all there is to tell, and nothing of the cause', () => {
    const error = new AppError('endpoint.not_found', 'no pod `a/b`', {
      details: { near: ['a/c'], secret: 'hunter2' },
      errors: [{ pointer: '/from', detail: 'no pod `a/b`' }],
      cause: new Error('hunter2'),
    });
    expect(problemOf(error, 'r-1', '/api/v1/reachability')).toEqual({
      type: '/problems/endpoint.not_found',
      title: 'Endpoint not found',
      status: 404,
      detail: 'no pod `a/b`',
      instance: '/api/v1/reachability',
      code: 'endpoint.not_found',
      requestId: 'r-1',
      retryable: false,
      errors: [{ pointer: '/from', detail: 'no pod `a/b`' }],
      near: ['a/c'],
    });
  });

  it.each(ERROR_CODES)('has a status and words for %s', (code) => {
    expect(STATUS_BY_CODE[code]).toBeGreaterThanOrEqual(400);
    expect(PROBLEM_TYPES[code].meaning).toMatch(/\.$/);
  });
});
