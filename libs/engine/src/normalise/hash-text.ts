// Looked up once: as a property of a global it costs more than the rest of the loop.
const { imul } = Math;

function avalanche(lane: number): string {
  let mixed = imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0).toString(16).padStart(8, '0');
}

/**
 * A 128-bit hash of a text, 32 hexadecimal digits: four independent FNV-1a lanes over UTF-16 units, each rotated per step
 * and avalanched at the end. It tells texts apart; it is no defence against someone who wants a collision.
 */
export function hashText(text: string): string {
  let a = 0x811c9dc5 ^ text.length;
  let b = 0x050c5d1f ^ text.length;
  let c = 0x6a09e667 ^ text.length;
  let d = 0xbb67ae85 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = imul(a ^ unit, 0x01000193);
    a = (a << 13) | (a >>> 19);
    b = imul(b ^ unit, 0x01000197);
    b = (b << 17) | (b >>> 15);
    c = imul(c ^ unit, 0x010001a9);
    c = (c << 19) | (c >>> 13);
    d = imul(d ^ unit, 0x010001b7);
    d = (d << 7) | (d >>> 25);
  }
  return avalanche(a) + avalanche(b) + avalanche(c) + avalanche(d);
}
