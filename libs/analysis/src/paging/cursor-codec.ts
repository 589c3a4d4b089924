import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { AppError } from '#contracts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a position in a list into an opaque text that only this service can write and read: what it stands behind may be
 * something that its holder must not know. A cursor is bound to `scope` (the list and its filter): used with another one
 * it is refused, as its position would mean something else there.
 */
export class CursorCodec {
  readonly #cipherKey: Uint8Array;

  /** `key`: at least 16 secret bytes, the same in every process that answers. */
  constructor(private readonly key: Uint8Array) {
    this.#cipherKey = this.digest('cipher of cursors');
  }

  seal(scope: readonly unknown[], position: readonly (string | number)[]): string {
    const text = JSON.stringify([bindingOf(scope), ...position]);
    // Of the text itself, so that one place has one cursor, and no two texts have one nonce.
    const nonce = this.digest(text).subarray(0, NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#cipherKey, nonce, { authTagLength: TAG_BYTES });
    return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  }

  /** The position that `seal` was given. @throws AppError `cursor.invalid` when it is not ours or of another list */
  open(scope: readonly unknown[], cursor: string): (string | number)[] {
    const [bound, ...position] = JSON.parse(this.unsealed(cursor)) as (string | number)[];
    if (bound !== bindingOf(scope)) throw invalidCursor('it belongs to a list with another filter');
    return position;
  }

  private unsealed(cursor: string): string {
    const bytes = Buffer.from(cursor, 'base64url');
    const end = bytes.length - TAG_BYTES;
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, this.#cipherKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(end));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]).toString();
    } catch {
      throw invalidCursor('it was not issued by this service, or it was cut short');
    }
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}

function bindingOf(scope: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 16);
}

function invalidCursor(why: string): AppError {
  const detail = `the cursor is not valid here: ${why}; start again without a cursor`;
  return new AppError('cursor.invalid', detail, { errors: [{ pointer: '/cursor', detail }] });
}
