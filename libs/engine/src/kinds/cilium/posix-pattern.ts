/** A pattern of an HTTP rule made ready to run, or why it cannot be. */
export type ReadPattern =
  | { readonly type: 'pattern'; readonly source: string }
  | { readonly type: 'invalid'; readonly why: string }
  | { readonly type: 'unsupported'; readonly why: string };

const LENGTH_LIMIT = 500;
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  xdigit: '0-9A-Fa-f',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  word: '\\w',
};

/**
 * Reads an extended POSIX expression. A pattern whose matching may take very long (repetition inside repetition), or
 * that uses what the proxy's expressions do not have, is not evaluated.
 */
export function readPattern(value: unknown): ReadPattern {
  if (typeof value !== 'string') return { type: 'invalid', why: 'expected a regular expression as text' };
  if (value.length > LENGTH_LIMIT) return { type: 'unsupported', why: `longer than ${LENGTH_LIMIT} characters` };
  const source = value.replace(/\[:(\w+):\]/g, (whole, name: string) => CLASSES[name] ?? whole);
  if (/\(\?(?:[=!]|<[=!])|\\[1-9]/.test(source)) {
    return { type: 'invalid', why: 'look-around and back references are not accepted in a regular expression' };
  }
  try {
    new RegExp(`^(?:${source})$`);
  } catch {
    return { type: 'invalid', why: `\`${value}\` is not a regular expression` };
  }
  if (repeatsRepetition(source)) return { type: 'unsupported', why: 'it repeats a group that repeats' };
  return { type: 'pattern', source };
}

/** Whether a group that holds a repetition is itself repeated, as in `(a+)*`: matching may take exponential time. */
function repeatsRepetition(source: string): boolean {
  const open: boolean[] = [];
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i];
    if (char === '\\') i++;
    else if (inClass) inClass = char !== ']';
    else if (char === '[') inClass = true;
    else if (char === '(') open.push(false);
    else if (char === ')') {
      const repeats = open.pop() ?? false;
      const repeated = /^(?:[*+]|\{\d*,?\d*\})/.test(source.slice(i + 1));
      if (repeats && repeated) return true;
      if ((repeats || repeated) && open.length > 0) open[open.length - 1] = true;
    } else if ((char === '*' || char === '+' || char === '{') && open.length > 0) open[open.length - 1] = true;
  }
  return false;
}
