/** What is not of the subset: thrown and caught here alone. */
const NOT_PLAIN = new Error('not plain');

/** Characters that make lines, indentation or text mean more than is read here. */
const ODD_CHARACTER = /[\0-\t\v-\x1f\x7f\uFEFF]/;
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_./:-]*$/;
/** What may begin a value that is neither quoted nor of several lines. */
const PLAIN_START = /[A-Za-z0-9_/.+(^$=<-]/;
const DECIMAL = /^-?[1-9][0-9]{0,14}$|^0$/;
const OTHER_NUMBER =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const QUOTED = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\n]|'')*'/y;
const REST_OF_LINE = /^ *(?: #.*)?$/;

/** Words that are no text when they stand alone, the booleans of YAML 1.1 among them. */
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...wordsOf(null, ['null', 'Null', 'NULL']),
  ...wordsOf(true, ['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']),
  ...wordsOf(false, ['false', 'False', 'FALSE', 'no', 'No', 'NO', 'off', 'Off', 'OFF']),
]);

function wordsOf<T>(value: T, words: readonly string[]): (readonly [string, T])[] {
  return words.map((word) => [word, value] as const);
}

/** Nested deeper, a document is left to the parser, which counts. */
const DEEP = 100;
const LONG_KEY = 1000;

const SPACE = 0x20;
const DASH = 0x2d;
const COLON = 0x3a;
const HASH = 0x23;

/**
 * Reads the form of YAML that kubectl, Helm and most people write: blocks of keys and dashes, values on one line, text
 * behind `|`. It is many times faster than the parser of all YAML, and says the same. Undefined for a document in which
 * anything else stands, faults included: that one is the parser's.
 */
export function readPlainYaml(text: string): { readonly value: unknown } | undefined {
  if (ODD_CHARACTER.test(text)) return undefined;
  try {
    return { value: new PlainReader(text).document() };
  } catch (thrown) {
    if (thrown !== NOT_PLAIN) throw thrown;
    return undefined;
  }
}

class PlainReader {
  readonly #text: string;
  /** The line at hand: where its content begins and ends, and how far it is indented; −1 behind the last. */
  #start = 0;
  #end = -1;
  #indent = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    this.#nextLine();
    if (this.#indent === 0 && this.#text.startsWith('---', this.#start)) {
      if (!REST_OF_LINE.test(this.#lineFrom(this.#start + 3))) throw NOT_PLAIN;
      this.#nextLine();
    }
    if (this.#indent !== 0) throw NOT_PLAIN;
    const value = this.#block(0);
    if (!this.#isOver) throw NOT_PLAIN;
    return value;
  }

  /** No line is left. */
  get #isOver(): boolean {
    return this.#indent < 0;
  }

  /** The keys or dashes that stand at `indent`, from the line at hand on. */
  #block(indent: number): unknown {
    if (++this.#depth > DEEP) throw NOT_PLAIN;
    const value = this.#isItem() ? this.#items(indent) : this.#fields(indent);
    this.#depth -= 1;
    return value;
  }

  #items(indent: number): unknown[] {
    const out: unknown[] = [];
    while (this.#indent === indent && this.#isItem()) {
      const at = this.#skipSpaces(this.#start + 1);
      if (at >= this.#end || this.#isComment(at)) {
        this.#nextLine();
        out.push(this.#indent > indent ? this.#block(this.#indent) : null);
        continue;
      }
      // What stands behind the dash may be the first of several fields.
      const column = indent + at - this.#start;
      if (this.#keyEnd(at) >= 0) {
        this.#start = at;
        this.#indent = column;
        out.push(this.#block(column));
      } else out.push(this.#value(at, indent));
    }
    if (this.#indent > indent) throw NOT_PLAIN;
    return out;
  }

  #fields(indent: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    while (this.#indent === indent && !this.#isItem()) {
      const colon = this.#keyEnd(this.#start);
      if (colon < 0) throw NOT_PLAIN;
      const key = this.#key(this.#start, colon);
      if (key === '__proto__' || Object.hasOwn(out, key)) throw NOT_PLAIN;
      const at = this.#skipSpaces(colon + 1);
      out[key] = at >= this.#end || this.#isComment(at) ? this.#below(indent) : this.#value(at, indent);
    }
    if (this.#indent > indent) throw NOT_PLAIN;
    return out;
  }

  /** The value of a key with nothing behind it: what is indented further, or dashes below it, or null. */
  #below(indent: number): unknown {
    this.#nextLine();
    if (this.#indent > indent) return this.#block(this.#indent);
    return this.#indent === indent && this.#isItem() ? this.#block(indent) : null;
  }

  /** Where the colon behind the key at `from` stands; −1 when no key begins there. */
  #keyEnd(from: number): number {
    const first = this.#text.charAt(from);
    if (first === '"' || first === "'") {
      const end = this.#quotedEnd(from);
      return this.#isKeyColon(end) ? end : -1;
    }
    let at = this.#text.indexOf(':', from);
    while (at >= 0 && at < this.#end && !this.#isKeyColon(at)) at = this.#text.indexOf(':', at + 1);
    return at >= this.#end ? -1 : at;
  }

  #isKeyColon(at: number): boolean {
    return this.#text.charCodeAt(at) === COLON && (at + 1 === this.#end || this.#text.charCodeAt(at + 1) === SPACE);
  }

  #key(from: number, colon: number): string {
    if (colon - from > LONG_KEY) throw NOT_PLAIN;
    const written = this.#text.slice(from, colon);
    if (written.startsWith('"') || written.startsWith("'")) return unquoted(written);
    if (!PLAIN_KEY.test(written) || WORDS.has(written)) throw NOT_PLAIN;
    return written;
  }

  /** The value that begins at `at` of the line at hand, of a key or a dash that stands at `indent`. */
  #value(at: number, indent: number): unknown {
    const first = this.#text.charAt(at);
    if (first === '|') return this.#literal(at, indent);
    const value = first === '"' || first === "'" ? this.#quoted(at) : this.#plain(at, first);
    this.#nextLine();
    return value;
  }

  #quoted(at: number): string {
    const end = this.#quotedEnd(at);
    if (!REST_OF_LINE.test(this.#lineFrom(end))) throw NOT_PLAIN;
    return unquoted(this.#text.slice(at, end));
  }

  #quotedEnd(at: number): number {
    QUOTED.lastIndex = at;
    if (!QUOTED.test(this.#text)) throw NOT_PLAIN;
    return QUOTED.lastIndex;
  }

  #plain(at: number, first: string): unknown {
    let written = this.#lineFrom(at);
    const comment = written.indexOf(' #');
    if (comment >= 0) written = written.slice(0, comment);
    written = written.trimEnd();
    if (written === '{}') return {};
    if (written === '[]') return [];
    if (!PLAIN_START.test(first) || (first === '-' && (written.length === 1 || written.startsWith('- ')))) {
      throw NOT_PLAIN;
    }
    if (written.includes(': ') || written.endsWith(':')) throw NOT_PLAIN;
    if (written.length <= 5) {
      const word = WORDS.get(written);
      if (word !== undefined) return word;
    }
    if (DECIMAL.test(written)) return Number(written);
    if (OTHER_NUMBER.test(written)) throw NOT_PLAIN;
    return written;
  }

  /** Lines behind `|` or `|-`. */
  #literal(at: number, indent: number): string {
    const header = this.#lineFrom(at).trimEnd();
    if (header !== '|' && header !== '|-') throw NOT_PLAIN;
    const lines: string[] = [];
    let own = -1;
    let from = this.#end + 1;
    while (from <= this.#text.length) {
      const end = this.#endOfLine(from);
      const start = this.#skipSpaces(from, end);
      if (start === end) {
        // Spaces alone may be text or none: only an empty line says which.
        if (start !== from || own < 0) throw NOT_PLAIN;
        lines.push('');
      } else {
        if (own < 0) own = start - from;
        if (own <= indent || start - from < own) break;
        lines.push(this.#text.slice(from + own, end));
      }
      from = end + 1;
    }
    this.#end = from - 1;
    this.#nextLine();
    while (lines.at(-1) === '') lines.pop();
    if (lines.length === 0) throw NOT_PLAIN;
    return header === '|' ? `${lines.join('\n')}\n` : lines.join('\n');
  }

  #isItem(): boolean {
    if (this.#text.charCodeAt(this.#start) !== DASH) return false;
    return this.#start + 1 === this.#end || this.#text.charCodeAt(this.#start + 1) === SPACE;
  }

  #isComment(at: number): boolean {
    return this.#text.charCodeAt(at) === HASH && this.#text.charCodeAt(at - 1) === SPACE;
  }

  #lineFrom(at: number): string {
    return this.#text.slice(at, this.#end);
  }

  #skipSpaces(from: number, end = this.#end): number {
    let at = from;
    while (at < end && this.#text.charCodeAt(at) === SPACE) at += 1;
    return at;
  }

  #endOfLine(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end < 0 ? this.#text.length : end;
  }

  /** Goes to the next line that says something. */
  #nextLine(): void {
    let from = this.#end + 1;
    while (from <= this.#text.length) {
      const end = this.#endOfLine(from);
      const start = this.#skipSpaces(from, end);
      if (start < end && this.#text.charCodeAt(start) !== HASH) {
        this.#start = start;
        this.#end = end;
        this.#indent = start - from;
        return;
      }
      from = end + 1;
    }
    this.#start = this.#end = this.#text.length;
    this.#indent = -1;
  }
}

function unquoted(written: string): string {
  const inside = written.slice(1, -1);
  if (written.startsWith("'")) return inside.replaceAll("''", "'");
  if (!inside.includes('\\')) return inside;
  try {
    return JSON.parse(written) as string;
  } catch {
    throw NOT_PLAIN;
  }
}
