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
  const broken = syntaxError(value);
  if (broken !== null) return { type: 'invalid', why: `it is not a regular expression: ${broken}` };
  if (compilePattern(value) !== null) return { type: 'pattern', source: value };
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]/.test(value)) {
    return { type: 'invalid', why: 'look-around and back references are not accepted in a regular expression' };
  }
  return { type: 'unsupported', why: 'it uses syntax of regular expressions that is not evaluated' };
}

/** What is wrong with its brackets and repetitions; null when nothing is. */
function syntaxError(source: string): string | null {
  let groups = 0;
  /** Where the first member of a class stands, which may be the bracket that closes classes elsewhere. */
  let firstMember: number | null = null;
  let before = '|';
  for (let i = 0; i < source.length; i++) {
    const char = source[i] as string;
    if (firstMember !== null) {
      if (char === ']' && i > firstMember) firstMember = null;
    } else if (char === '*' || char === '+' ? '|(*+?'.includes(before) : char === '?' && before === '|') {
      return `nothing stands before \`${char}\` that it could repeat`;
    } else if (char === '[') firstMember = source[i + 1] === '^' ? i + 2 : i + 1;
    else if (char === '(') groups++;
    else if (char === ')' && --groups < 0) break;
    if (char === '\\') i++;
    before = char;
  }
  return groups !== 0 || firstMember !== null ? 'a bracket is not closed' : null;
}
