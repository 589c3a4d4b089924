import { field, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { L7Rule, TextTest } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readList, readObject, warnUnknownFields } from './fields.parse.js';

const FIELDS: ReadonlySet<string> = new Set(['methods', 'paths']);
const PATH = /^\/[^? #]*$/;

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
  if (new Set(methods).size < methods.length) {
    problems.error('calico.http_method', pointer(at, 'methods'), 'a method may be given once only');
  }
  const paths = readList(field(raw, 'paths'), pointer(at, 'paths'), problems).flatMap((path, index) =>
    parsePath(path, pointer(at, 'paths', index), problems),
  );
  const anyMethod = methods.length === 0 || methods.includes('*');
  return {
    ...(anyMethod ? {} : { methods: methods.map((method): TextTest => ({ op: 'exact', value: method })) }),
    ...(paths.length === 0 ? {} : { paths }),
  };
}

/** One of `exact` and `prefix`, with a path. */
function parsePath(value: Json, at: string, problems: ProblemList): TextTest[] {
  const given = (['exact', 'prefix'] as const).filter((op) => (field(value, op) ?? '') !== '');
  const [op] = given;
  const path = op === undefined ? undefined : field(value, op);
  if (op !== undefined && given.length === 1 && typeof path === 'string' && PATH.test(path))
    return [{ op, value: path }];
  const expected = 'one of `exact` and `prefix` with a path that starts with `/` and has no `?`, `#` or blank';
  problems.error('calico.http_path', at, `expected ${expected}, found ${describe(value)}`);
  return [];
}
