import { get, items, labelMap, obj, str } from './fields.js';

type Labels = ReadonlyMap<string, string>;

/** `In`: the key is there and its value is listed. */
function inList(labels: Labels, key: string, values: readonly string[]): boolean {
  const value = labels.get(key);
  return value !== undefined && values.includes(value);
}

/** One element of `matchExpressions`. `NotIn` and `DoesNotExist` also choose objects without the key. */
function expressionHolds(expression: unknown, labels: Labels): boolean {
  const key = str(get(expression, 'key'));
  const values = items(get(expression, 'values')).map(str);
  switch (str(get(expression, 'operator'))) {
    case 'In':
      return inList(labels, key, values);
    case 'NotIn':
      return !inList(labels, key, values);
    case 'Exists':
      return labels.has(key);
    case 'DoesNotExist':
      return !labels.has(key);
    default:
      return false;
  }
}

/** A Kubernetes LabelSelector: every label and every expression must hold; the empty selector chooses everything. */
export function selectorMatches(selector: unknown, labels: Labels): boolean {
  for (const [key, value] of labelMap(get(selector, 'matchLabels'))) if (labels.get(key) !== value) return false;
  return items(get(obj(selector), 'matchExpressions')).every((expression) => expressionHolds(expression, labels));
}
