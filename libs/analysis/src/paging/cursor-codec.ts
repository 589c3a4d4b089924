import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '#contracts';

const SIGNATURE_BYTES = 16;

/**
 * Seals a position in a list into an opaque text that only this service can write. A cursor is bound to `scope` (the
 * list and its filter): used with another one it is refused, as its position would mean something else there.
 */
export class CursorCodec {
  /** `key`: at least 16 secret bytes, the same in every process that answers. */
  constructor(private readonly key: Uint8Array) {}

  seal(scope: readonly unknown[], position: readonly (string | number)[]): string {
    const body = Buffer.from(JSON.stringify([digest(scope), ...position])).toString('base64url');
    return `${body}.${this.sign(body).toString('base64url')}`;
  }

  /** The position that `seal` was given. @throws AppError `cursor.invalid` when it is not ours or of another list */
  open(scope: readonly unknown[], cursor: string): (string | number)[] {
    const [body = '', signature = '', ...rest] = cursor.split('.');
    const expected = this.sign(body);
    const given = Buffer.from(signature, 'base64url');
    if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw invalidCursor('it was not issued by this service, or it was cut short');
    }
    const [bound, ...position] = JSON.parse(Buffer.from(body, 'base64url').toString()) as (string | number)[];
    if (bound !== digest(scope)) throw invalidCursor('it belongs to a list with another filter');
    return position;
  }

  private sign(body: string): Buffer {
    return createHmac('sha256', this.key).update(body).digest().subarray(0, SIGNATURE_BYTES);
  }
}

function digest(scope: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 16);
}

function invalidCursor(why: string): AppError {
  const detail = `the cursor is not valid here: ${why}; start again without a cursor`;
  return new AppError('cursor.invalid', detail, { errors: [{ pointer: '/cursor', detail }] });
}
