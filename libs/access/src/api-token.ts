import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What an API token begins with, so that people and scanners of leaks know one. */
export const TOKEN_PREFIX = 'atlas_';

const SECRET_BYTES = 24;
const FORM = /^atlas_([A-Za-z0-9_-]{32})([0-9a-f]{8})$/;

/** A new token: the prefix, 192 random bits, and a checksum. */
export function newApiToken(): string {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return `${TOKEN_PREFIX}${secret}${checksum(secret)}`;
}

/** Whether text has the form of a token, checksum included: what has not needs no look into the database. */
export function isApiToken(text: string): boolean {
  const [, secret = '', sum] = FORM.exec(text) ?? [];
  return sum !== undefined && sum === checksum(secret);
}

/** What is kept of a token: without the key, a stolen table tells nothing of it. */
export function hashApiToken(key: Uint8Array, token: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', key).update('atlas token\0').update(token).digest());
}

function checksum(secret: string): string {
  return crc32(secret).toString(16).padStart(8, '0');
}
