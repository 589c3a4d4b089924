import { field, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import type { L7Rule, TextTest } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import type { RawRule } from './antrea.raw.js';
import { readItems, readText, warnUnknownFields } from './fields.parse.js';

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'PUT',
  'HEAD',
  'DELETE',
  'TRACE',
  'OPTIONS',
  'CONNECT',
  'PATCH',
]);

/** Reads `l7Protocols` (AT-34). */
export function parseRequests(value: Json | undefined, at: string, problems: ProblemList): RawRule['requests'] {
  return readItems(value, at, problems).flatMap((item, index) => parseItem(item, pointer(at, index), problems));
}

function parseItem(item: Json, at: string, problems: ProblemList): RawRule['requests'] {
  warnUnknownFields(item, ['http', 'tls'], at, problems);
  const http = field(item, 'http');
  const tls = field(item, 'tls');
  if ((http === undefined) === (tls === undefined)) {
    problems.error('antrea.l7', at, 'expected exactly one of `http` and `tls`');
    return [];
  }
  if (http !== undefined) return [{ protocol: 'http', rule: parseHttp(http, pointer(at, 'http'), problems) }];
  const here = pointer(at, 'tls');
  warnUnknownFields(tls, ['sni'], here, problems);
  const sni = readText(field(tls, 'sni'), pointer(here, 'sni'), problems);
  return [{ protocol: 'tls', rule: sni === '' ? {} : { fields: { sni: [wildcard(sni.toLowerCase())] } } }];
}

function parseHttp(http: Json, at: string, problems: ProblemList): L7Rule {
  warnUnknownFields(http, ['method', 'path', 'host'], at, problems);
  const read = (key: string): string => readText(field(http, key), pointer(at, key), problems);
  const [method, path, host] = [read('method'), read('path'), read('host')];
  if (method !== '' && !METHODS.has(method)) {
    problems.error('antrea.l7_method', pointer(at, 'method'), `expected an HTTP method, found ${describe(method)}`);
  }
  return {
    ...(method === '' ? {} : { methods: [{ op: 'exact', value: method }] }),
    ...(path === '' ? {} : { paths: [wildcard(path)] }),
    ...(host === '' ? {} : { hosts: [wildcard(host)] }),
  };
}

/** Runs of `*` mean what one means. */
function wildcard(value: string): TextTest {
  return value.includes('*') ? { op: 'glob', value: value.replace(/\*+/g, '*') } : { op: 'exact', value };
}
