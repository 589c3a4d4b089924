import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '#config';
import { derivedKey } from '../access/derived-key.js';

/** What RFC 8410 puts before the 32 bytes of an Ed25519 private key. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs what is kept, so that a copy can be held against this service. Its key follows from `ATLAS_SECRET_KEY`. */
@Injectable()
export class ReportSigner {
  private readonly key: KeyObject | null;

  constructor(@Inject(CONFIG) config: Config) {
    const seed = derivedKey(config, 'report');
    this.key = seed === null ? null : keyFrom(seed);
  }

  /** The key that signatures are checked with, as PEM; null without a key. */
  get publicKey(): string | null {
    return this.key === null ? null : createPublicKey(this.key).export({ type: 'spki', format: 'pem' }).toString();
  }

  /** The Ed25519 signature of a text, as base64; null without a key. */
  sign(text: string): string | null {
    return this.key === null ? null : sign(null, Buffer.from(text), this.key).toString('base64');
  }
}

function keyFrom(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
}
