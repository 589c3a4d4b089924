type Labels = ReadonlyMap<string, string>;
type Test = (labels: Labels) => boolean;

const TOKEN = /\s*(&&|\|\||==|!=|[!(){},]|"[^"]*"|'[^']*'|[A-Za-z0-9_./-]+)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] as string);
  return tokens;
}

/** Reads Calico's selector language by descent: or, and, not, test. Selectors made at random are always valid. */
class SelectorReader {
  readonly #tokens: string[];

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  or(): Test {
    const parts = [this.#and()];
    while (this.#skip('||')) parts.push(this.#and());
    return (labels) => parts.some((part) => part(labels));
  }

  #and(): Test {
    const parts = [this.#not()];
    while (this.#skip('&&')) parts.push(this.#not());
    return (labels) => parts.every((part) => part(labels));
  }

  #not(): Test {
    if (!this.#skip('!')) return this.#test();
    const inner = this.#not();
    return (labels) => !inner(labels);
  }

  #test(): Test {
    if (this.#skip('(')) return this.#closed(this.or());
    const word = this.#next();
    if (word === 'all' && this.#skip('(')) return this.#closed(() => true);
    if (word === 'global' && this.#skip('('))
      return this.#closed((labels) => !labels.has('projectcalico.org/namespace'));
    if (word === 'has' && this.#skip('(')) {
      const key = this.#next();
      return this.#closed((labels) => labels.has(key));
    }
    return this.#comparison(word);
  }

  #comparison(key: string): Test {
    const operator = this.#next();
    if (operator === 'in') return inSet(key, this.#set());
    if (operator === 'not') {
      this.#next();
      const inside = inSet(key, this.#set());
      return (labels) => !inside(labels);
    }
    if (operator === 'starts' || operator === 'ends') this.#next();
    const value = this.#literal();
    switch (operator) {
      case '==':
        return (labels) => labels.get(key) === value;
      case '!=':
        return (labels) => labels.get(key) !== value;
      case 'contains':
        return (labels) => labels.get(key)?.includes(value) === true;
      case 'starts':
        return (labels) => labels.get(key)?.startsWith(value) === true;
      case 'ends':
        return (labels) => labels.get(key)?.endsWith(value) === true;
      default:
        throw new Error(`no test begins with \`${key} ${operator}\``);
    }
  }

  #set(): string[] {
    const values: string[] = [];
    this.#next();
    while (!this.#skip('}')) if (!this.#skip(',')) values.push(this.#literal());
    return values;
  }

  #literal(): string {
    return this.#next().slice(1, -1);
  }

  #closed(test: Test): Test {
    this.#next();
    return test;
  }

  #skip(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #next(): string {
    return this.#tokens.shift() ?? '';
  }
}

function inSet(key: string, values: readonly string[]): Test {
  return (labels) => values.includes(labels.get(key) ?? '\0');
}

/** Whether a Calico selector holds for labels; the empty selector holds for all. */
export function calicoSelectorHolds(selector: string, labels: Labels): boolean {
  return selector.trim() === '' || new SelectorReader(selector).or()(labels);
}
