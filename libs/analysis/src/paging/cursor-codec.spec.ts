import { describe, expect, it } from '@jest/globals';
import { CursorCodec } from './cursor-codec.js';

const codec = new CursorCodec(Buffer.from('0123456789abcdef'));
const scope = ['pods', 'cluster-1', { namespace: 'shop' }];

describe('CursorCodec', () => {
  it('opens what it sealed', () => {
    expect(codec.open(scope, codec.seal(scope, [7, 'shop/web']))).toEqual([7, 'shop/web']);
  });

  it('refuses a cursor of a list with another filter', () => {
    const cursor = codec.seal(['pods', 'cluster-1', { namespace: 'pay' }], [7, 'pay/api']);
    expect(() => codec.open(scope, cursor)).toThrow('another filter');
  });

  it.each([
    ['a changed position', (c: string) => `x${c}`],
    ['a cut signature', (c: string) => c.slice(0, -2)],
    ['a few bytes', (c: string) => c.slice(0, 8)],
    ['more behind it', (c: string) => `${c}AAAA`],
    ['plain text', () => 'page-2'],
    ['empty text', () => ''],
  ])('refuses %s', (_, forge) => {
    expect(() => codec.open(scope, forge(codec.seal(scope, [7])))).toThrow('not issued by this service');
  });

  it('refuses a cursor sealed with another key', () => {
    const other = new CursorCodec(Buffer.from('fedcba9876543210'));
    expect(() => codec.open(scope, other.seal(scope, [7]))).toThrow('not issued by this service');
  });

  it('tells nobody where it stands, and is one for one place', () => {
    const cursor = codec.seal(scope, ['hidden/secret', 7]);
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/hidden|secret/);
    expect(codec.seal(scope, ['hidden/secret', 7])).toBe(cursor);
    expect(codec.seal(scope, ['hidden/secret', 8])).not.toBe(cursor);
  });

  it('names the field', () => {
    try {
      codec.open(scope, 'x.y');
      throw new Error('expected a refusal');
    } catch (error) {
      expect(error).toMatchObject({ code: 'cursor.invalid', errors: [{ pointer: '/cursor' }] });
    }
  });
});
