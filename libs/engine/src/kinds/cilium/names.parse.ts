import { field, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawName } from './cilium.raw.js';

const NAME = /^[-a-zA-Z0-9_]+(?:\.[-a-zA-Z0-9_]+)*\.?$/;
const PATTERN = /^[-a-zA-Z0-9_.*]+$/;
const LENGTH_LIMIT = 255;

/** Reads `matchName` or `matchPattern`, as of `toFQDNs` and DNS rules; nothing when neither can be read. */
export function parseName(value: Json, at: string, problems: ProblemList): RawName[] {
  const out: RawName[] = [];
  for (const [key, accepted] of [
    ['matchName', NAME],
    ['matchPattern', PATTERN],
  ] as const) {
    const name = field(value, key);
    if (name === undefined || name === '') continue;
    const here = pointer(at, key);
    if (typeof name === 'string' && name.length <= LENGTH_LIMIT && accepted.test(name)) {
      out.push({ exact: key === 'matchName', text: name.toLowerCase() });
    } else problems.error('cilium.name', here, `expected a DNS name, found ${describe(name)}`);
  }
  if (out.length === 0 && !problems.failed) {
    problems.error('cilium.name', at, 'needs `matchName` or `matchPattern`');
  }
  return out;
}
