import { describe, expect, it } from '@jest/globals';
import { textBytes } from './text-bytes.js';

describe('textBytes', () => {
  it('gives the bytes of the pieces one after the other, whatever is in them', () => {
    const pieces = ['{"a":"', 'plain', '→ ü 😀', '', '\u0000\u007f\u0080\u07ff\u0800\uffff', '"}'];
    expect(textBytes(pieces).equals(Buffer.from(pieces.join('')))).toBe(true);
  });

  it('never writes again where an earlier text is', () => {
    const texts = Array.from({ length: 400 }, (_, i) => [`${String(i)} `, 'x→'.repeat(1 + ((i * 37) % 1_500))]);
    const bytes = texts.map(textBytes);
    for (const [i, text] of texts.entries()) expect(bytes[i]?.toString()).toBe(text.join(''));
  });

  it('gives a text that is larger than what others share', () => {
    const long = ['→'.repeat(300_000), 'end'];
    expect(textBytes(long).toString()).toBe(long.join(''));
  });
});
