/** A word of a selector expression with its place in the text, counted from 0. */
export type Token =
  | { readonly kind: 'label' | 'text' | 'has'; readonly value: string; readonly at: number }
  | { readonly kind: Mark; readonly value: ''; readonly at: number };

export type Mark =
  | '('
  | ')'
  | '{'
  | '}'
  | ','
  | '=='
  | '!='
  | '!'
  | '&&'
  | '||'
  | 'in'
  | 'not in'
  | 'contains'
  | 'starts with'
  | 'ends with'
  | 'all()'
  | 'global()'
  | 'end';

/** What is wrong with an expression and where. */
export interface SelectorFault {
  readonly at: number;
  readonly message: string;
}

const KEY_LIMIT = 512;
const KEY = /[A-Za-z0-9_./-]+/y;
const SPACE = /[ \t]*/y;
/** Inside `has(…)` and between the two words of an operator a line may end; elsewhere it may not. */
const INNER_SPACE = /[ \t\n\f\r]*/y;
const CALL = /(all|global)\([ \t\n\f\r]*/y;
const OPERATOR = /(contains)|(starts|ends)[ \t\n\f\r]*with|(not)[ \t\n\f\r]*in|(in)/y;
const PAIRS = ['==', '!=', '&&', '||'] as const;
const SINGLES = '(){},!';

/** Splits an expression into tokens, the last of which is `end`. */
export function tokenize(text: string): readonly Token[] | SelectorFault {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, text, at)?.[0].length ?? 0;
    if (at >= text.length) {
      tokens.push({ kind: 'end', value: '', at: text.length });
      return tokens;
    }
    const next = readToken(text, at, tokens.at(-1)?.kind === 'label');
    if ('message' in next) return next;
    tokens.push(next.token);
    at = next.end;
  }
}

type Read = { readonly token: Token; readonly end: number } | SelectorFault;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const mark = (kind: Mark, at: number, end: number): Read => ({ token: { kind, value: '', at }, end });

function readToken(text: string, at: number, afterLabel: boolean): Read {
  const pair = PAIRS.find((candidate) => text.startsWith(candidate, at));
  if (pair !== undefined) return mark(pair, at, at + 2);
  const char = text[at] as string;
  if (SINGLES.includes(char)) return mark(char as Mark, at, at + 1);
  if (char === '"' || char === "'") return readText(text, at, char);
  if ('=&|'.includes(char)) return { at, message: `expected \`${char}${char}\`` };
  return afterLabel ? readOperator(text, at) : readWord(text, at);
}

/** Text has no escapes: it ends at the next quote of its kind. */
function readText(text: string, at: number, quote: string): Read {
  const close = text.indexOf(quote, at + 1);
  if (close < 0) return { at, message: 'the text that starts here is not closed' };
  return { token: { kind: 'text', value: text.slice(at + 1, close), at }, end: close + 1 };
}

/** After a label only an operator may stand, so a label may be named like one. */
function readOperator(text: string, at: number): Read {
  const match = matchAt(OPERATOR, text, at);
  if (match === null) {
    const known = '`==`, `!=`, `in`, `not in`, `contains`, `starts with` or `ends with`';
    return { at, message: `expected ${known} after the label` };
  }
  const [, contains, side, negated] = match;
  const end = at + match[0].length;
  if (contains !== undefined) return mark('contains', at, end);
  if (side !== undefined) return mark(side === 'starts' ? 'starts with' : 'ends with', at, end);
  return mark(negated === undefined ? 'in' : 'not in', at, end);
}

function readWord(text: string, at: number): Read {
  if (text.startsWith('has(', at)) return readHas(text, at);
  const call = matchAt(CALL, text, at);
  if (call !== null) {
    const end = at + call[0].length;
    if (text[end] !== ')') return { at: end, message: `expected \`)\` after \`${call[1] ?? ''}(\`` };
    return mark(call[1] === 'all' ? 'all()' : 'global()', at, end + 1);
  }
  const key = matchAt(KEY, text, at);
  if (key === null) return { at, message: `unexpected character \`${shown(text[at] as string)}\`` };
  if (key[0].length > KEY_LIMIT) return { at, message: `a label key has at most ${KEY_LIMIT} characters` };
  return { token: { kind: 'label', value: key[0], at }, end: at + key[0].length };
}

function readHas(text: string, at: number): Read {
  const open = at + 'has('.length;
  const start = open + (matchAt(INNER_SPACE, text, open)?.[0].length ?? 0);
  const key = matchAt(KEY, text, start);
  if (key === null) return { at: start, message: 'expected a label key in `has(…)`' };
  const after = start + key[0].length;
  const close = after + (matchAt(INNER_SPACE, text, after)?.[0].length ?? 0);
  if (text[close] !== ')') return { at: close, message: 'expected `)` after `has(`' };
  return { token: { kind: 'has', value: key[0], at }, end: close + 1 };
}

function shown(char: string): string {
  return char < ' ' ? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}` : char;
}
