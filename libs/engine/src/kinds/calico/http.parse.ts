import { field, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { L7Rule, TextTest } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readList, readObject, warnUnknownFields } from './fields.parse.js';

const FIELDS: ReadonlySet<string> = new Set(['methods', 'paths']);

/** Reads `http`: methods and paths, each list ORed, `*` any method. */
export function parseHttp(value: Json | undefined, at: string, problems: ProblemList): L7Rule | null {
  const raw = readObject(value, at, problems);
  if (raw === undefined) return null;
  warnUnknownFields(raw, FIELDS, at, problems);
  const methods = readList(field(raw, 'methods'), pointer(at, 'methods'), problems).flatMap((method, index) => {
    if (typeof method === 'string' && method !== '') return [method];
    const here = pointer(at, 'methods', index);
    problems.error('calico.http_method', here, `expected an HTTP method, found ${describe(method)}`);
    return [];
  });
  const paths = readList(field(raw, 'paths'), pointer(at, 'paths'), problems).flatMap((path, index) =>
    parsePath(path, pointer(at, 'paths', index), problems),
  );
  const anyMethod = methods.length === 0 || methods.includes('*');
  return {
    ...(anyMethod ? {} : { methods: methods.map((method): TextTest => ({ op: 'exact', value: method })) }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}

function parsePath(value: Json, at: string, problems: ProblemList): TextTest[] {
  for (const op of ['exact', 'prefix'] as const) {
    const text = field(value, op);
    if (typeof text === 'string') return [{ op, value: text }];
  }
  problems.error('calico.http_path', at, `expected \`exact\` or \`prefix\` with a path, found ${describe(value)}`);
  return [];
}
