import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { decodeKey, Secret } from '#config';
import { AppError } from '#contracts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals secrets with AES-256-GCM under a key that is not in the database. What is sealed is bound to a context (the
 * cluster's id), so that a row copied to another cluster does not open.
 */
export class CredentialSeal {
  readonly #key: Uint8Array | null;

  /** `key`: 32 bytes as hex or base64. Null: nothing can be sealed or opened. */
  constructor(key: Secret | null) {
    this.#key = key === null ? null : decodeKey(key.reveal());
  }

  /** Nonce, tag and cipher text. Throws `cluster.credentials_invalid` without a key. */
  seal(text: string, context: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#requireKey(), nonce);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** The text. Throws `cluster.credentials_invalid` when the key or the context is not the one it was sealed with. */
  open(sealed: Uint8Array, context: string): Secret {
    const bytes = Buffer.from(sealed);
    const decipher = createDecipheriv(ALGORITHM, this.#requireKey(), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      return new Secret(Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'));
    } catch (cause) {
      throw new AppError(
        'cluster.credentials_invalid',
        'what is stored was sealed with another key, set ATLAS_SECRET_KEY to that key or give the credentials again',
        { cause },
      );
    }
  }

  #requireKey(): Uint8Array {
    if (this.#key !== null) return this.#key;
    throw new AppError(
      'cluster.credentials_invalid',
      'credentials given as text need ATLAS_SECRET_KEY to be sealed, set it or give the path of a file',
    );
  }
}
