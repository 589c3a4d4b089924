import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { format, resolveConfig } from 'prettier';

/** With `UPDATE_CONTRACTS=1` the reviewed copies are written anew instead of compared. */
const UPDATE = process.env['UPDATE_CONTRACTS'] === '1';

/** Holds `text` against the copy in this folder that someone has looked at. Both are in the house's format. */
export async function expectReviewedCopy(name: string, unformatted: string): Promise<void> {
  const path = join(import.meta.dirname, name);
  const text = await format(unformatted, { ...(await resolveConfig(path)), filepath: path });
  if (UPDATE) writeFileSync(path, text);
  const reviewed = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // A difference is a change of the public contract: look at it, then run the spec with UPDATE_CONTRACTS=1.
  expect(text).toBe(reviewed);
}
