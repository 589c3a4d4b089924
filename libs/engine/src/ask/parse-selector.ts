import { and } from '../model/index.js';
import type { LabelOwner, Selector } from '../model/index.js';

export type ParsedSelector = { readonly selector: Selector } | { readonly error: string };

const KEY = /^([a-z0-9A-Z]([-a-z0-9A-Z.]{0,251}[a-z0-9A-Z])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/;

/** Whether an object may have such a label. */
export function isLabel(key: string, value: string): boolean {
  return KEY.test(key) && VALUE.test(value);
}

/**
 * Reads a label selector in the text form of `kubectl -l`: `app=web,tier!=db,env in (prod,stage),!canary,owner`.
 * Empty text and `*` choose everything.
 */
export function parseSelector(text: string, owner: LabelOwner): ParsedSelector {
  if (text.trim() === '*') return { selector: and() };
  const tests: Selector[] = [];
  for (const part of requirements(text)) {
    const test = readRequirement(part, owner);
    if (test === null)
      return { error: `\`${part}\` is not a label test, write it as in \`app=web,env in (prod,stage)\`` };
    tests.push(test);
  }
  return { selector: and(...tests) };
}

/** The parts between commas; commas in parentheses do not separate. */
function requirements(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readRequirement(part: string, owner: LabelOwner): Selector | null {
  const set = SET.exec(part);
  if (set !== null) {
    const values = (set[3] as string).split(',').map((value) => value.trim());
    return labelTest(owner, set[1] as string, set[2] === 'in' ? 'in' : 'notIn', values);
  }
  const equality = EQUALITY.exec(part);
  if (equality !== null) {
    return labelTest(owner, equality[1] as string, equality[2] === '!=' ? 'notIn' : 'in', [equality[3] as string]);
  }
  return part.startsWith('!')
    ? labelTest(owner, part.slice(1).trim(), 'notExists', [])
    : labelTest(owner, part, 'exists', []);
}

function labelTest(
  owner: LabelOwner,
  key: string,
  op: 'in' | 'notIn' | 'exists' | 'notExists',
  values: readonly string[],
): Selector | null {
  return KEY.test(key) && values.every((value) => VALUE.test(value)) ? { type: 'label', owner, key, op, values } : null;
}
