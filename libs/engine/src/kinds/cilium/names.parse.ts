import { field, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { CiliumOptions } from './cilium.options.js';
import type { ParseContext } from './cilium.parse.js';
import type { RawName } from './cilium.raw.js';

const NAME = /^[-a-zA-Z0-9_]+(?:\.[-a-zA-Z0-9_]+)*\.?$/;
const PATTERN = /^[-a-zA-Z0-9_*]+(?:\.[-a-zA-Z0-9_*]+)*\.?$/;
const LENGTH_LIMIT = 255;

/** Reads `matchName` and `matchPattern`, as of `toFQDNs` and DNS rules; nothing when neither says something. */
export function parseName(value: Json, at: string, { problems, options }: ParseContext): RawName[] {
  const out: RawName[] = [];
  const given: string[] = [];
  for (const [key, accepted] of [
    ['matchName', NAME],
    ['matchPattern', PATTERN],
  ] as const) {
    const name = field(value, key);
    if (name === undefined) continue;
    given.push(key);
    const here = pointer(at, key);
    if (typeof name === 'string' && name.length <= LENGTH_LIMIT && accepted.test(name)) {
      const text = name.toLowerCase();
      out.push(key === 'matchName' ? { exact: true, text } : { exact: false, text: patternText(text, options) });
    } else problems.error('cilium.name', here, `expected a DNS name, found ${describe(name)}`);
  }
  if (options.exactlyOne && given.length !== 1) {
    problems.error('cilium.name', at, 'needs exactly one of `matchName` and `matchPattern`');
  } else if (out.length === 0 && !problems.failed) {
    problems.suspect('cilium.name', at, 'has neither `matchName` nor `matchPattern`, so it matches no name');
  }
  return out;
}

/** Stars alone, but for one, which has always been every name. */
const STARS = /^\*+\.?$/;

/**
 * The pattern with `*` for every name, a leading `**.` for one label or more, and single stars elsewhere. Before 1.19 stars
 * stay inside one label however many they are, but for a lone `*`; `**` then is any name of one label. (CNP-42)
 */
function patternText(text: string, { deepNames }: CiliumOptions): string {
  if (text === '*') return text;
  if (STARS.test(text)) return deepNames ? '*' : '**';
  const isDeep = deepNames && /^\*{2,}\./.test(text);
  const plain = text.replace(/\*+/g, '*');
  return isDeep ? `*${plain}` : plain;
}
