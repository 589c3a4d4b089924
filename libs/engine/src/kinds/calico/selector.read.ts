import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { namesGlobal } from './selector.ast.js';
import type { CalicoSelector } from './selector.ast.js';
import { parseSelector } from './selector.parse.js';

/** Reads a selector field; null when it is absent or empty. A fault is an error that names its place in the text. */
export function readSelector(value: unknown, at: string, problems: ProblemList): CalicoSelector | null {
  if (value === undefined || value === '') return null;
  if (typeof value !== 'string') {
    problems.error('calico.selector', at, `expected a selector as text, found ${describe(value)}`);
    return null;
  }
  const parsed = parseSelector(value);
  if ('selector' in parsed) return parsed.selector;
  problems.error('calico.selector', at, `\`${excerpt(value)}\` at character ${parsed.at + 1}: ${parsed.message}`);
  return null;
}

/** Reads a selector over endpoints or service accounts, which are not chosen by being in no namespace. */
export function readPlainSelector(value: unknown, at: string, problems: ProblemList): CalicoSelector | null {
  const selector = readSelector(value, at, problems);
  if (selector !== null && namesGlobal(selector)) {
    problems.error('calico.selector_global', at, '`global()` has a meaning in the `namespaceSelector` of a rule only');
  }
  return selector;
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
