import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';

/** With `UPDATE_CONTRACTS=1` the reviewed copies are written anew instead of compared. */
const UPDATE = process.env['UPDATE_CONTRACTS'] === '1';

/** Holds `text` against the copy in this folder that someone has looked at. */
export function expectReviewedCopy(name: string, text: string): void {
  const path = join(import.meta.dirname, name);
  if (UPDATE) writeFileSync(path, text);
  const reviewed = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // A difference is a change of the public contract: look at it, then run the spec with UPDATE_CONTRACTS=1.
  expect(text).toBe(reviewed);
}
