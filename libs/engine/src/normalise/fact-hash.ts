import { canonicalJson } from '../base/index.js';
import type { Fact } from '../model/index.js';

/**
 * A 128-bit hash of a fact's content, 32 hexadecimal digits. Equal facts have equal hashes whatever the order of their
 * keys. It finds changes; it is no defence against someone who wants a collision, which would only hide their own change.
 */
export function factHash(fact: Fact): string {
  return hashText(canonicalJson(fact));
}

const LANES = [
  { offset: 0x811c9dc5, prime: 0x01000193, turn: 13 },
  { offset: 0x050c5d1f, prime: 0x01000197, turn: 17 },
  { offset: 0x6a09e667, prime: 0x010001a9, turn: 19 },
  { offset: 0xbb67ae85, prime: 0x010001b7, turn: 7 },
] as const;

/** Four independent FNV-1a lanes over UTF-16 units, each rotated per step and avalanched at the end. */
export function hashText(text: string): string {
  let out = '';
  for (const { offset, prime, turn } of LANES) {
    let lane = offset ^ text.length;
    for (let i = 0; i < text.length; i++) {
      lane = Math.imul(lane ^ text.charCodeAt(i), prime);
      lane = (lane << turn) | (lane >>> (32 - turn));
    }
    lane = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
    lane = Math.imul(lane ^ (lane >>> 13), 0xc2b2ae35);
    out += ((lane ^ (lane >>> 16)) >>> 0).toString(16).padStart(8, '0');
  }
  return out;
}
