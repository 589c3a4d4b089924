import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from './page-cursor.js';
import { toStoreError } from './store-error.js';

describe('toStoreError', () => {
  it.each(['ECONNREFUSED', '57P01', '08006', '53300', '28P01', '3D000', 'P1001'])(
    'sees no database behind %s',
    (code) => {
      expect(toStoreError(Object.assign(new Error('x'), { code }))).toMatchObject({ code: 'database.unavailable' });
    },
  );

  it.each(['23505', '42P01', 'P2002', 'ENOENT'])('leaves %s as it is', (code) => {
    const error = Object.assign(new Error('x'), { code });
    expect(toStoreError(error)).toBe(error);
  });

  it.each(['22021', '22P05'])('takes a NUL character for a mistake of the request (%s)', (code) => {
    expect(toStoreError(Object.assign(new Error('x'), { code }))).toMatchObject({ code: 'request.invalid' });
  });

  it.each([
    [{ code: 'ETIMEDOUT' }, 'in time'],
    [{ message: 'timeout exceeded when trying to connect' }, 'in time'],
    [{ message: 'timeout expired' }, 'in time'],
    [{ code: '57P03' }, 'still starting'],
    [{ code: 'ECONNRESET' }, '(ECONNRESET)'],
  ])('says why the database cannot be used: %j', (facts, words) => {
    expect(toStoreError(Object.assign(new Error('x'), facts))).toMatchObject({
      code: 'database.unavailable',
      message: expect.stringContaining(words),
    });
  });

  it('looks into errors of several addresses', () => {
    const inner = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    expect(toStoreError(new AggregateError([inner]))).toMatchObject({ code: 'database.unavailable' });
  });
});

describe('cursors', () => {
  it('come back as they were made, for their own list alone', () => {
    const cursor = encodeCursor(['objects', 1], ['a', 'ü/"', '']);
    expect(decodeCursor(['objects', 1], cursor, 3)).toEqual(['a', 'ü/"', '']);
    for (const [scope, text, length] of [
      [['objects', 2], cursor, 3],
      [['objects', 1], cursor, 2],
      [['objects', 1], `${cursor}x`.slice(3), 3],
      [['objects', 1], Buffer.from('[1,2,3,4]').toString('base64url'), 3],
      [['objects', 1], '', 3],
    ] as const) {
      expect(() => decodeCursor(scope, text, length)).toThrow(expect.objectContaining({ code: 'cursor.invalid' }));
    }
  });
});
