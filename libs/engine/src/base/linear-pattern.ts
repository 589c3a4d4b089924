/** Tests whole texts against one pattern. */
export type TextMatcher = (text: string) => boolean;

type CharTest = (code: number) => boolean;

/** A pattern as a tree. */
type Node =
  | { readonly type: 'char'; readonly test: CharTest }
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'all'; readonly of: readonly Node[] }
  | { readonly type: 'any'; readonly of: readonly Node[] }
  | { readonly type: 'repeat'; readonly of: Node; readonly min: number; readonly max: number };

/** One step of the machine that a pattern compiles to. */
type Step =
  | { readonly op: 'char'; readonly test: CharTest }
  | { readonly op: 'start' | 'end' | 'match' }
  | { readonly op: 'split'; readonly first: number; readonly second: number };

const PATTERN_LIMIT = 1000;
const STEP_LIMIT = 4000;
const DEPTH_LIMIT = 50;

class Unsupported extends Error {}

/**
 * Compiles an extended POSIX or RE2 expression into a matcher of whole texts whose time is proportional to the text's
 * length, whatever the pattern: policies are written by anyone. Null for syntax beyond literals, classes, groups,
 * alternation, repetition and anchors, and for patterns that are too large.
 */
export function compilePattern(pattern: string): TextMatcher | null {
  if (pattern.length > PATTERN_LIMIT) return null;
  try {
    const steps: Step[] = [];
    emit(new PatternReader(pattern).read(), steps);
    steps.push({ op: 'match' });
    return (text) => run(steps, text);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

/** Reads a pattern by recursive descent. */
class PatternReader {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#chars = Array.from(pattern);
  }

  read(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#chars.length) throw new Unsupported();
    return node;
  }

  #alternatives(): Node {
    if (++this.#depth > DEPTH_LIMIT) throw new Unsupported();
    const of = [this.#sequence()];
    while (this.#take('|')) of.push(this.#sequence());
    this.#depth--;
    return of.length === 1 ? (of[0] as Node) : { type: 'any', of };
  }

  #sequence(): Node {
    const of: Node[] = [];
    while (this.#at < this.#chars.length && this.#peek() !== '|' && this.#peek() !== ')') of.push(this.#repetition());
    return { type: 'all', of };
  }

  #repetition(): Node {
    let node = this.#atom();
    for (;;) {
      if (this.#take('*')) node = { type: 'repeat', of: node, min: 0, max: Infinity };
      else if (this.#take('+')) node = { type: 'repeat', of: node, min: 1, max: Infinity };
      else if (this.#take('?')) node = { type: 'repeat', of: node, min: 0, max: 1 };
      else if (this.#peek() === '{') node = this.#counted(node);
      else return node;
      // A lazy repetition matches the same whole texts.
      this.#take('?');
    }
  }

  #counted(of: Node): Node {
    const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 12).join(''));
    if (found === null) throw new Unsupported();
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3]);
    if (max < min) throw new Unsupported();
    return { type: 'repeat', of, min, max };
  }

  #atom(): Node {
    const char = this.#next();
    switch (char) {
      case '(': {
        if (this.#take('?') && !this.#take(':')) throw new Unsupported();
        const node = this.#alternatives();
        if (!this.#take(')')) throw new Unsupported();
        return node;
      }
      case '[':
        return { type: 'char', test: this.#class() };
      case '.':
        return { type: 'char', test: (code) => code !== 10 };
      case '^':
        return { type: 'start' };
      case '$':
        return { type: 'end' };
      case '\\':
        return { type: 'char', test: escaped(this.#next()) };
      case '*':
      case '+':
      case '?':
      case '{':
        throw new Unsupported();
      default:
        return { type: 'char', test: exactly(char) };
    }
  }

  /** The inside of `[…]`, with ranges, negation, escapes and POSIX classes. */
  #class(): CharTest {
    const negated = this.#take('^');
    const tests: CharTest[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const char = this.#next();
      if (char === '[' && this.#peek() === ':') tests.push(this.#posixClass());
      else if (char === '\\') tests.push(escaped(this.#next()));
      else if (this.#peek() === '-' && this.#chars[this.#at + 1] !== ']' && this.#chars[this.#at + 1] !== undefined) {
        this.#at++;
        const from = char.codePointAt(0) as number;
        const last = this.#next();
        const to = (last === '\\' ? this.#next() : last).codePointAt(0) as number;
        if (to < from) throw new Unsupported();
        tests.push((code) => from <= code && code <= to);
      } else tests.push(exactly(char));
    }
    this.#at++;
    return (code) => tests.some((test) => test(code)) !== negated;
  }

  #posixClass(): CharTest {
    const found = /^:([a-z]+):\]/.exec(this.#chars.slice(this.#at, this.#at + 12).join(''));
    const test = found === null ? undefined : POSIX_CLASSES[found[1] as string];
    if (found === null || test === undefined) throw new Unsupported();
    this.#at += found[0].length;
    return test;
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #take(char: string): boolean {
    if (this.#chars[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw new Unsupported();
    return char;
  }
}

const between =
  (...ranges: readonly (readonly [number, number])[]): CharTest =>
  (code) =>
    ranges.some(([from, to]) => from <= code && code <= to);
const not =
  (test: CharTest): CharTest =>
  (code) =>
    !test(code);
const exactly = (char: string): CharTest => {
  const wanted = char.codePointAt(0);
  return (code) => code === wanted;
};

const DIGIT = between([48, 57]);
const LOWER = between([97, 122]);
const UPPER = between([65, 90]);
const ALPHA = between([65, 90], [97, 122]);
const ALNUM = between([48, 57], [65, 90], [97, 122]);
const WORD = between([48, 57], [65, 90], [95, 95], [97, 122]);
const SPACE = between([9, 13], [32, 32]);

const POSIX_CLASSES: Readonly<Record<string, CharTest | undefined>> = {
  alpha: ALPHA,
  digit: DIGIT,
  alnum: ALNUM,
  upper: UPPER,
  lower: LOWER,
  word: WORD,
  space: SPACE,
  blank: between([9, 9], [32, 32]),
  xdigit: between([48, 57], [65, 70], [97, 102]),
  punct: between([33, 47], [58, 64], [91, 96], [123, 126]),
};

/** What stands behind a backslash: a class, a control character, or a sign taken as it is. Other letters are refused. */
function escaped(char: string): CharTest {
  switch (char) {
    case 'd':
      return DIGIT;
    case 'D':
      return not(DIGIT);
    case 'w':
      return WORD;
    case 'W':
      return not(WORD);
    case 's':
      return SPACE;
    case 'S':
      return not(SPACE);
    case 'n':
      return exactly('\n');
    case 'r':
      return exactly('\r');
    case 't':
      return exactly('\t');
    default:
      if (/[A-Za-z0-9]/.test(char)) throw new Unsupported();
      return exactly(char);
  }
}

function emit(node: Node, out: Step[]): void {
  if (out.length > STEP_LIMIT) throw new Unsupported();
  switch (node.type) {
    case 'char':
      out.push({ op: 'char', test: node.test });
      return;
    case 'start':
    case 'end':
      out.push({ op: node.type });
      return;
    case 'all':
      for (const member of node.of) emit(member, out);
      return;
    case 'any':
      emitAlternatives(node.of, out);
      return;
    case 'repeat':
      emitRepeat(node, out);
  }
}

function emitAlternatives(members: readonly Node[], out: Step[]): void {
  const ends: number[] = [];
  for (const [index, member] of members.entries()) {
    if (index === members.length - 1) emit(member, out);
    else {
      const split = out.push({ op: 'match' }) - 1;
      emit(member, out);
      ends.push(out.push({ op: 'match' }) - 1);
      out[split] = { op: 'split', first: split + 1, second: out.length };
    }
  }
  for (const end of ends) out[end] = { op: 'split', first: out.length, second: out.length };
}

function emitRepeat({ of, min, max }: Extract<Node, { type: 'repeat' }>, out: Step[]): void {
  for (let i = 0; i < min; i++) {
    const before = out.length;
    emit(of, out);
    // Repeating what matches only nothing adds nothing, however often.
    if (out.length === before) return;
  }
  if (max === Infinity) {
    const split = out.push({ op: 'match' }) - 1;
    emit(of, out);
    out.push({ op: 'split', first: split, second: split });
    out[split] = { op: 'split', first: split + 1, second: out.length };
    return;
  }
  const splits: number[] = [];
  for (let i = min; i < max; i++) {
    splits.push(out.push({ op: 'match' }) - 1);
    emit(of, out);
  }
  for (const split of splits) out[split] = { op: 'split', first: split + 1, second: out.length };
}

/** Follows every path through the machine at once, one character at a time. */
function run(steps: readonly Step[], text: string): boolean {
  let current: number[] = [];
  let matched = enter(steps, [0], 0, text, current);
  let position = 0;
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    const entered: number[] = [];
    for (const at of current) {
      const step = steps[at] as Step;
      if (step.op === 'char' && step.test(code)) entered.push(at + 1);
    }
    position += char.length;
    current = [];
    if (entered.length === 0) return false;
    matched = enter(steps, entered, position, text, current);
  }
  return matched;
}

/** Adds all steps reachable without a character to `into`; true when the end of the pattern is among them. */
function enter(
  steps: readonly Step[],
  from: readonly number[],
  position: number,
  text: string,
  into: number[],
): boolean {
  const seen = new Set<number>();
  const open = [...from];
  let matched = false;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const step = steps[at] as Step;
    if (step.op === 'char') into.push(at);
    else if (step.op === 'match') matched = true;
    else if (step.op === 'split') open.push(step.first, step.second);
    else if (step.op === 'start' ? position === 0 : position === text.length) open.push(at + 1);
  }
  return matched;
}
