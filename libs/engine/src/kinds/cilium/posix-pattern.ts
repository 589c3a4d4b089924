import { compilePattern } from '../../base/index.js';

/** A pattern of an HTTP rule made ready to run, or why it cannot be. */
export type ReadPattern =
  | { readonly type: 'pattern'; readonly source: string }
  | { readonly type: 'invalid'; readonly why: string }
  | { readonly type: 'unsupported'; readonly why: string };

/**
 * Reads a regular expression of an HTTP rule. What the agent would refuse is invalid; what it may accept and the engine
 * cannot run (flags, Unicode classes, very large patterns) is not evaluated.
 */
export function readPattern(value: unknown): ReadPattern {
  if (typeof value !== 'string') return { type: 'invalid', why: 'expected a regular expression as text' };
  if (compilePattern(value) !== null) return { type: 'pattern', source: value };
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]/.test(value)) {
    return { type: 'invalid', why: 'look-around and back references are not accepted in a regular expression' };
  }
  if (!balanced(value)) return { type: 'invalid', why: 'it is not a regular expression: a bracket is not closed' };
  return { type: 'unsupported', why: 'it uses syntax of regular expressions that is not evaluated' };
}

/** Whether every group and class is closed. */
function balanced(source: string): boolean {
  let groups = 0;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === '\\') i++;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') groups++;
    else if (char === ')' && --groups < 0) return false;
  }
  return groups === 0 && !inClass;
}
