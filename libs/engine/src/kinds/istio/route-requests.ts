import { field, isObject } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { L7Rule, PathReading, TextTest } from '../../model/index.js';

/** What a condition may say of the connection, which is looked at before. */
export const OF_CONNECTION: readonly string[] = ['gateways', 'port', 'name', 'statPrefix'];

/** The requests of a condition that asks for path and method as written or begun so; null for any other (IM-55). */
export function requestsOf(condition: Json, form: PathReading['form']): L7Rule | null {
  if (!isObject(condition)) return null;
  const parts = Object.entries(condition).map(([key, value]): L7Rule | null => {
    if (OF_CONNECTION.includes(key) || (key === 'ignoreUriCase' && value === false)) return {};
    const test = textOf(value ?? null);
    if (test === null) return null;
    if (key === 'method') return { methods: [test] };
    return key === 'uri' ? { paths: [{ read: { form, query: 'cut', certain: true }, ...test }] } : null;
  });
  const told = parts.filter((part) => part !== null);
  return told.length < parts.length ? null : told.reduce((all, part) => ({ ...all, ...part }), {});
}

function textOf(match: Json): Pick<TextTest, 'op' | 'value'> | null {
  if (!isObject(match) || Object.keys(match).length !== 1) return null;
  for (const op of ['exact', 'prefix'] as const) {
    const value = field(match, op);
    if (typeof value === 'string' && value !== '') return { op, value };
  }
  return null;
}
