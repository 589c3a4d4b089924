import { createHash } from 'node:crypto';
import { decodeKey, type Config } from '#config';

/** 32 bytes for one purpose, derived so that they are not those that seal credentials; null without a key. */
export function derivedKey({ credentials }: Config, purpose: string): Uint8Array | null {
  const secret = credentials.secretKey;
  const key = secret === null ? null : decodeKey(secret.reveal());
  return key === null ? null : createHash('sha256').update(`atlas ${purpose}\0`).update(key).digest();
}
