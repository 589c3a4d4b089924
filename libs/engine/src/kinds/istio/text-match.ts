import type { PathReading, TextTest } from '../../model/index.js';

/** A value as Istio reads it: exact, `x*`, `*x`, or `*` for any that is there (IM-20). */
export function textTest(value: string): TextTest {
  if (value === '*') return { op: 'present', value: '' };
  if (value.startsWith('*')) return { op: 'suffix', value: value.slice(1) };
  if (value.endsWith('*')) return { op: 'prefix', value: value.slice(0, -1) };
  return { op: 'exact', value };
}

/** A name of a host: capital and small letters are the same. */
export function hostTest(value: string): TextTest {
  return { ...textTest(value.toLowerCase()), read: 'small' };
}

/** A path without its query, which may also be a template: `{*}` is one segment, `{**}` any number of them. */
export function pathTest(value: string, form: PathReading['form']): TextTest {
  const read: PathReading = { form, query: 'cut', certain: true };
  if (!value.includes('{*}') && !value.includes('{**}')) return { ...textTest(value), read };
  const parts = value.split(/(\{\*\*?\})/).map((part) => {
    if (part === '{*}') return '[^/]+';
    return part === '{**}' ? '.*' : literally(part);
  });
  return { op: 'regex', value: parts.join(''), read };
}

/** The regular expression of nothing but this text. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Whether a text that is known when policy is compiled passes the test. */
export function passes({ op, value }: TextTest, text: string): boolean {
  switch (op) {
    case 'present':
      return text !== '';
    case 'prefix':
      return text.startsWith(value);
    case 'suffix':
      return text.endsWith(value);
    default:
      return text === value;
  }
}
