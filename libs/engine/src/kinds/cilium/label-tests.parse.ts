import { field, isObject, list, pointer, scalarTexts } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { isLabelKey, isLabelValue } from '../shared/index.js';
import type { LabelTest, LabelTests } from './cilium.raw.js';
import { listField } from './list-field.js';

const OPERATORS = { In: 'in', NotIn: 'notIn', Exists: 'exists', DoesNotExist: 'notExists' } as const;
const SOURCE = /^[A-Za-z0-9]+$/;

/** Reads a selector over Cilium labels: a Kubernetes LabelSelector whose keys may name their source. */
export function parseLabelTests(value: Json | undefined, at: string, problems: ProblemList): LabelTests {
  if (!isObject(value)) {
    problems.error('cilium.selector', at, `expected a selector, found ${describe(value)}`);
    return [];
  }
  for (const key of Object.keys(value)) {
    if (key !== 'matchLabels' && key !== 'matchExpressions') {
      const expected = 'expected `matchLabels` or `matchExpressions`';
      problems.suspect('cilium.selector_field', pointer(at, key), `unknown field, ignored; ${expected}`);
    }
  }
  return [
    ...parseMatchLabels(field(value, 'matchLabels'), pointer(at, 'matchLabels'), problems),
    ...parseExpressions(field(value, 'matchExpressions'), pointer(at, 'matchExpressions'), problems),
  ];
}

function parseMatchLabels(value: Json | undefined, at: string, problems: ProblemList): LabelTest[] {
  if (value === undefined) return [];
  if (!isObject(value)) {
    problems.error('cilium.selector_labels', at, `expected an object of text values, found ${describe(value)}`);
    return [];
  }
  return Object.keys(value)
    .sort()
    .map((name) => {
      const entry = value[name];
      const here = pointer(at, name);
      if (typeof entry !== 'string') {
        problems.error('cilium.selector_value', here, `expected text, found ${describe(entry)}; put it in quotes`);
      } else checkValue(entry, here, problems);
      return { ...splitKey(name, here, problems), op: 'in', values: [typeof entry === 'string' ? entry : ''] };
    });
}

function parseExpressions(value: Json | undefined, at: string, problems: ProblemList): LabelTest[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.error('cilium.selector_expressions', at, `expected a list, found ${describe(value)}`);
    return [];
  }
  return list(value).flatMap((entry, index) => parseExpression(entry, pointer(at, index), problems));
}

function parseExpression(value: Json, at: string, problems: ProblemList): LabelTest[] {
  const name = field(value, 'key');
  const operator = field(value, 'operator');
  if (typeof name !== 'string' || name === '') {
    problems.error('cilium.selector_key', pointer(at, 'key'), `expected a label key, found ${describe(name)}`);
    return [];
  }
  if (typeof operator !== 'string' || !Object.hasOwn(OPERATORS, operator)) {
    const expected = Object.keys(OPERATORS).join(', ');
    const found = describe(operator);
    problems.error('cilium.selector_operator', pointer(at, 'operator'), `expected ${expected}, found ${found}`);
    return [];
  }
  const op = OPERATORS[operator as keyof typeof OPERATORS];
  const values = listField(value, 'values', at, problems);
  const needsValues = op === 'in' || op === 'notIn';
  if (needsValues !== values.length > 0) {
    const rule = needsValues ? 'needs at least one value' : 'takes no values';
    problems.error('cilium.selector_values', pointer(at, 'values'), `\`${operator}\` ${rule}`);
  }
  for (const [index, entry] of values.entries()) {
    const here = pointer(at, 'values', index);
    if (typeof entry === 'string') checkValue(entry, here, problems);
    else problems.error('cilium.selector_value', here, `expected text, found ${describe(entry)}`);
  }
  const listed = op === 'in' && values.length === 1 ? ({ listed: true } as const) : {};
  return [{ ...splitKey(name, pointer(at, 'key'), problems), op, values: scalarTexts(values).sort(), ...listed }];
}

/** `k8s:app` is the label `app` of the source `k8s`; without a source it is a label of any. */
function splitKey(name: string, at: string, problems: ProblemList): Pick<LabelTest, 'source' | 'key'> {
  const colon = name.indexOf(':');
  const source = colon <= 0 ? 'any' : name.slice(0, colon);
  const key = name.slice(colon + 1);
  if (!SOURCE.test(source) || !isLabelKey(key))
    problems.error('cilium.selector_key', at, `\`${name}\` is not a valid label key`);
  return { source, key };
}

function checkValue(value: string, at: string, problems: ProblemList): void {
  if (!isLabelValue(value)) problems.error('cilium.selector_value', at, `\`${value}\` is not a valid label value`);
}
