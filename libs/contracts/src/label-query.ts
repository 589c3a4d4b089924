/** One requirement of a label query. `notIn` and `notExists` also hold when the key is absent. */
export interface LabelRequirement {
  readonly key: string;
  readonly op: 'in' | 'notIn' | 'exists' | 'notExists';
  readonly values: readonly string[];
}

/** Requirements that all must hold; an empty query matches everything. */
export type LabelQuery = readonly LabelRequirement[];

const KEY = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const VALUE = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?`;
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^()]*)\)$`);
const EQUAL = new RegExp(String.raw`^(${KEY})\s*(==|=|!=)\s*(${VALUE})$`);
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const MAX_CHARACTERS = 4_096;

/**
 * A label selector in the syntax of Kubernetes (`app=web,tier in (a, b),!legacy`), or null for text that is none.
 */
export function parseLabelQuery(text: string): LabelQuery | null {
  if (text.length > MAX_CHARACTERS) return null;
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const parts = trimmed.split(/,(?![^(]*\))/).map((part) => parseRequirement(part.trim()));
  return parts.every((part) => part !== null) ? parts : null;
}

function parseRequirement(text: string): LabelRequirement | null {
  const [, setKey, setOp, list] = SET.exec(text) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    const isValid = values.every((value) => new RegExp(`^${VALUE}$`).test(value));
    return isValid ? { key: setKey, op: setOp === 'in' ? 'in' : 'notIn', values } : null;
  }
  const [, key, sign, value] = EQUAL.exec(text) ?? [];
  if (key !== undefined && value !== undefined) return { key, op: sign === '!=' ? 'notIn' : 'in', values: [value] };
  const [, not, present] = EXISTS.exec(text) ?? [];
  return present === undefined ? null : { key: present, op: not === '!' ? 'notExists' : 'exists', values: [] };
}

/** A label query as it is written. */
export function labelQueryText(query: LabelQuery): string {
  return query.map(requirementText).join(',');
}

function requirementText({ key, op, values }: LabelRequirement): string {
  if (op === 'exists') return key;
  if (op === 'notExists') return `!${key}`;
  if (values.length === 1) return `${key}${op === 'in' ? '=' : '!='}${values.join()}`;
  return `${key} ${op === 'in' ? 'in' : 'notin'} (${values.join(', ')})`;
}

/** Whether labels satisfy every requirement. */
export function matchesLabels(query: LabelQuery, labels: Readonly<Record<string, string>>): boolean {
  return query.every(({ key, op, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (op === 'exists') return value !== undefined;
    if (op === 'notExists') return value === undefined;
    return (value !== undefined && values.includes(value)) === (op === 'in');
  });
}
