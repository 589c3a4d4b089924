/** Texts share pieces of memory of this size: one of its own for each costs more than the text. */
const SLAB_BYTES = 256 * 1024;
/** Bytes of UTF-8 that one unit of a string takes at most. */
const MOST_PER_UNIT = 3;

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let used = 0;

/**
 * A text that comes in pieces, as the bytes that are sent. A string is twice as wide, and written ten times as slowly, as
 * soon as it has one arrow in it: so long pieces that have none stay apart from those that may have some.
 */
export function textBytes(pieces: readonly string[]): Buffer {
  let most = 0;
  for (const piece of pieces) most += piece.length * MOST_PER_UNIT;
  if (used + most > slab.length) {
    if (most > SLAB_BYTES / 4) return Buffer.from(pieces.join(''));
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const from = used;
  for (const piece of pieces) used += slab.write(piece, used);
  return slab.subarray(from, used);
}
