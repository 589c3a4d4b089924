import { canonicalJson } from '../base/index.js';
import type { Fact } from '../model/index.js';

/**
 * A 128-bit hash of a fact's content, 32 hexadecimal digits. Equal facts have equal hashes whatever the order of their
 * keys. It finds changes; it is no defence against someone who wants a collision, which would only hide their own change.
 */
export function factHash(fact: Fact): string {
  return hashText(canonicalJson(fact));
}

/** Four 32-bit lanes of multiply-and-rotate mixing (constants from the MurmurHash3 family) over UTF-16 units. */
export function hashText(text: string): string {
  let a = 0x9747b28c;
  let b = 0x3c6ef372;
  let c = 0xdaa66d2b;
  let d = 0x78dde6e4;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ unit, 597399067);
    b = c ^ Math.imul(b ^ unit, 2869860233);
    c = d ^ Math.imul(c ^ unit, 951274213);
    d = a ^ Math.imul(d ^ unit, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067) ^ text.length;
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
