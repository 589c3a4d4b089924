import type { CalicoSelector, TestOperator } from './selector.ast.js';
import { tokenize } from './selector.tokens.js';
import type { SelectorFault, Token } from './selector.tokens.js';

const DEPTH_LIMIT = 100;
const TEXT_TESTS: Readonly<Partial<Record<Token['kind'], TestOperator>>> = {
  '==': 'in',
  '!=': 'notIn',
  contains: 'contains',
  'starts with': 'startsWith',
  'ends with': 'endsWith',
};
const SET_TESTS: Readonly<Partial<Record<Token['kind'], TestOperator>>> = { in: 'in', 'not in': 'notIn' };

/**
 * Reads a selector expression: tests, `!`, then `&&`, then `||`, with parentheses. Nothing at all selects everything.
 * A fault tells its place in the text, counted from 0. (CAL-20)
 */
export function parseSelector(text: string): { readonly selector: CalicoSelector } | SelectorFault {
  const tokens = tokenize(text);
  if (!Array.isArray(tokens)) return tokens as SelectorFault;
  try {
    return { selector: new Parser(tokens as readonly Token[]).parse() };
  } catch (error) {
    if (error instanceof Fault) return { at: error.at, message: error.message };
    throw error;
  }
}

class Fault extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): CalicoSelector {
    if (this.#peek().kind === 'end') return { type: 'all' };
    const selector = this.#any(0);
    const rest = this.#peek();
    if (rest.kind !== 'end') throw new Fault(rest.at, `expected \`&&\`, \`||\` or the end, found ${nameOf(rest)}`);
    return selector;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  /** The next token; the last one, `end`, stays for ever. */
  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #any(depth: number): CalicoSelector {
    const of = this.#list('||', () => this.#every(depth));
    return of.length === 1 ? (of[0] as CalicoSelector) : { type: 'or', of };
  }

  #every(depth: number): CalicoSelector {
    const of = this.#list('&&', () => this.#operation(depth));
    return of.length === 1 ? (of[0] as CalicoSelector) : { type: 'and', of };
  }

  #list(between: '||' | '&&', member: () => CalicoSelector): CalicoSelector[] {
    const of = [member()];
    while (this.#peek().kind === between) {
      this.#take();
      of.push(member());
    }
    return of;
  }

  #operation(depth: number): CalicoSelector {
    let negated = false;
    while (this.#peek().kind === '!') {
      this.#take();
      negated = !negated;
    }
    const inner = this.#term(depth);
    return negated ? { type: 'not', of: inner } : inner;
  }

  #term(depth: number): CalicoSelector {
    const token = this.#take();
    switch (token.kind) {
      case 'all()':
        return { type: 'all' };
      case 'global()':
        return { type: 'global' };
      case 'has':
        return { type: 'has', key: token.value };
      case 'label':
        return this.#test(token.value);
      case '(': {
        if (depth >= DEPTH_LIMIT) throw new Fault(token.at, `parentheses are nested more than ${DEPTH_LIMIT} deep`);
        const inner = this.#any(depth + 1);
        const close = this.#take();
        if (close.kind !== ')') throw new Fault(close.at, `expected \`)\`, found ${nameOf(close)}`);
        return inner;
      }
      default:
        throw new Fault(token.at, `expected a label, \`has(…)\`, \`all()\` or \`(\`, found ${nameOf(token)}`);
    }
  }

  #test(key: string): CalicoSelector {
    const operator = this.#take();
    const textTest = TEXT_TESTS[operator.kind];
    if (textTest !== undefined) return { type: 'test', key, op: textTest, values: [this.#text()] };
    const setTest = SET_TESTS[operator.kind];
    if (setTest !== undefined) return { type: 'test', key, op: setTest, values: this.#set() };
    throw new Fault(operator.at, `expected an operator after \`${key}\`, found ${nameOf(operator)}`);
  }

  #text(): string {
    const token = this.#take();
    if (token.kind !== 'text') throw new Fault(token.at, `expected text in quotes, found ${nameOf(token)}`);
    return token.value;
  }

  /** `{"a", "b"}`; it may be empty, and a comma may stand at its end. */
  #set(): readonly string[] {
    const open = this.#take();
    if (open.kind !== '{') throw new Fault(open.at, `expected \`{\`, found ${nameOf(open)}`);
    const values = new Set<string>();
    while (this.#peek().kind === 'text') {
      values.add(this.#text());
      if (this.#peek().kind !== ',') break;
      this.#take();
    }
    const close = this.#take();
    if (close.kind !== '}') throw new Fault(close.at, `expected \`}\`, found ${nameOf(close)}`);
    return [...values].sort();
  }
}

function nameOf(token: Token): string {
  if (token.kind === 'end') return 'the end';
  return token.value === '' ? `\`${token.kind}\`` : `\`${token.value}\``;
}
