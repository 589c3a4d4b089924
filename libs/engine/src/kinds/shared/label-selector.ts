import { field, isObject, list, pointer } from '../../base/index.js';
import { ALL, and, NONE } from '../../model/index.js';
import type { LabelOwner, Selector } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';

const OPERATORS = { In: 'in', NotIn: 'notIn', Exists: 'exists', DoesNotExist: 'notExists' } as const;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** A domain in lower case, as most objects are called. */
export const isSubdomain = (name: string): boolean => SUBDOMAIN.test(name);

/** A name, alone or behind a domain in lower case. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  return NAME.test(key.slice(slash + 1)) && (slash < 0 || isSubdomain(key.slice(0, slash)));
}

export const isLabelValue = (value: string): boolean => VALUE.test(value);

/**
 * Reads a Kubernetes LabelSelector over `owner`'s labels: `matchLabels` and `matchExpressions` are ANDed, an empty
 * selector is `all`. What cannot be read is an error and makes the selector `none`.
 * (k8s.io/apimachinery pkg/apis/meta/v1, LabelSelector; pkg/apis/meta/v1/validation)
 */
export function readLabelSelector(value: unknown, owner: LabelOwner, at: string, problems: ProblemList): Selector {
  if (!isObject(value)) {
    problems.error('selector.type', at, `expected a label selector, found ${describe(value)}`);
    return NONE;
  }
  for (const key of Object.keys(value)) {
    if (key !== 'matchLabels' && key !== 'matchExpressions') {
      problems.error('selector.field', pointer(at, key), 'unknown field, expected `matchLabels` or `matchExpressions`');
    }
  }
  return and(
    readMatchLabels(field(value, 'matchLabels'), owner, pointer(at, 'matchLabels'), problems),
    readExpressions(field(value, 'matchExpressions'), owner, pointer(at, 'matchExpressions'), problems),
  );
}

function readMatchLabels(value: unknown, owner: LabelOwner, at: string, problems: ProblemList): Selector {
  if (value === undefined) return ALL;
  if (!isObject(value)) {
    problems.error('selector.labels', at, `expected an object of text values, found ${describe(value)}`);
    return NONE;
  }
  const tests: Selector[] = [];
  for (const key of Object.keys(value).sort()) {
    const entry = value[key];
    checkKey(key, pointer(at, key), problems);
    if (typeof entry !== 'string') {
      problems.error('selector.value', pointer(at, key), `expected text, found ${describe(entry)}; put it in quotes`);
      tests.push(NONE);
      continue;
    }
    checkValue(entry, pointer(at, key), problems);
    tests.push({ type: 'label', owner, key, op: 'in', values: [entry] });
  }
  return and(...tests);
}

function readExpressions(value: unknown, owner: LabelOwner, at: string, problems: ProblemList): Selector {
  if (value === undefined) return ALL;
  if (!Array.isArray(value)) {
    problems.error('selector.expressions', at, `expected a list, found ${describe(value)}`);
    return NONE;
  }
  return and(...value.map((entry, index) => readExpression(entry, owner, pointer(at, index), problems)));
}

function readExpression(value: unknown, owner: LabelOwner, at: string, problems: ProblemList): Selector {
  const key = field(value, 'key');
  if (typeof key !== 'string' || key === '') {
    problems.error('selector.key', pointer(at, 'key'), `expected a label key, found ${describe(key)}`);
    return NONE;
  }
  checkKey(key, pointer(at, 'key'), problems);
  const operator = field(value, 'operator');
  if (typeof operator !== 'string' || !Object.hasOwn(OPERATORS, operator)) {
    const expected = Object.keys(OPERATORS).join(', ');
    problems.error('selector.operator', pointer(at, 'operator'), `expected ${expected}, found ${describe(operator)}`);
    return NONE;
  }
  const op = OPERATORS[operator as keyof typeof OPERATORS];
  const values = list(field(value, 'values'));
  const needsValues = op === 'in' || op === 'notIn';
  if (needsValues && values.length === 0) {
    problems.error('selector.values', pointer(at, 'values'), `\`${operator}\` needs at least one value`);
    return NONE;
  }
  if (!needsValues && values.length > 0) {
    problems.error('selector.values', pointer(at, 'values'), `\`${operator}\` takes no values`);
    return NONE;
  }
  const texts: string[] = [];
  for (const [index, entry] of values.entries()) {
    if (typeof entry === 'string') {
      checkValue(entry, pointer(at, 'values', index), problems);
      texts.push(entry);
    } else problems.error('selector.value', pointer(at, 'values', index), `expected text, found ${describe(entry)}`);
  }
  return texts.length < values.length ? NONE : { type: 'label', owner, key, op, values: texts.sort() };
}

function checkKey(key: string, at: string, problems: ProblemList): void {
  if (!isLabelKey(key)) problems.error('selector.key', at, `\`${key}\` is not a valid label key`);
}

function checkValue(value: string, at: string, problems: ProblemList): void {
  if (!isLabelValue(value)) problems.error('selector.value', at, `\`${value}\` is not a valid label value`);
}
