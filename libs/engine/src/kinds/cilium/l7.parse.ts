import { field, isObject, list, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { TCP } from '../../model/index.js';
import type { L7Rule, PathReading, TextTest } from '../../model/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { RawL7, RawPort } from './cilium.raw.js';
import { exactly, parseKafka } from './kafka.parse.js';
import { listField } from './list-field.js';
import { namePattern } from './name-pattern.js';
import { parseName } from './names.parse.js';
import { readPattern } from './posix-pattern.js';
import type { RuleContext } from './rule.parse.js';
import { warnUnknownFields } from './unknown-fields.js';

const PARSERS = ['http', 'kafka', 'dns'] as const;

/** Reads the rules about requests; null when there is none. */
export function parseL7(
  value: Json | undefined,
  ports: readonly RawPort[],
  at: string,
  context: RuleContext,
): RawL7 | null {
  const { problems, options } = context;
  if (value === undefined) return null;
  if (!isObject(value)) {
    problems.error('cilium.l7', at, `expected an object, found ${describe(value)}`);
    return null;
  }
  warnUnknownFields(value, [...PARSERS, 'l7proto', 'l7'], at, problems);
  if (!options.otherParsers && ['kafka', 'l7proto'].some((name) => field(value, name) !== undefined)) {
    const why = 'rules about other requests than HTTP and DNS were removed in Cilium 1.20: every request passes';
    problems.suspect('cilium.parser_removed', at, why);
    return null;
  }
  const named = [...PARSERS, 'l7proto'].filter((name) => field(value, name) !== undefined);
  if (options.exactlyOne && named.length !== 1) {
    problems.error('cilium.l7_one', at, 'needs exactly one of `http`, `dns`, `kafka` and `l7proto`');
  }
  const given: string[] = PARSERS.filter((name) => listField(value, name, at, problems).length > 0);
  const proto = text(field(value, 'l7proto'));
  if (proto !== '') given.push('l7proto');
  else if (listField(value, 'l7', at, problems).length > 0) {
    problems.error('cilium.l7_proto', pointer(at, 'l7'), 'needs `l7proto` beside it');
  }
  const [first, second] = given;
  if (first === undefined) return null;
  if (second !== undefined) {
    problems.error('cilium.l7_mixed', pointer(at, second), `cannot stand beside \`${first}\``);
  }
  if (!options.l7Proxy) problems.error('cilium.l7_off', at, 'the agent refuses it: enable-l7-proxy is off');
  checkPlace(first, ports, pointer(at, first), context);
  const unsupported: string[] = [];
  const entries = list(field(value, first === 'l7proto' ? 'l7' : first));
  const rules = entries.map((entry, index) => {
    const here = pointer(at, first === 'l7proto' ? 'l7' : first, index);
    if (first === 'http') return parseHttp(entry, here, context, unsupported);
    if (first === 'kafka') return parseKafka(entry, here, context);
    return first === 'dns' ? parseDns(entry, here, context) : parseGeneric(entry, here, context);
  });
  return {
    protocol: first === 'l7proto' ? proto.toLowerCase() : first,
    // A parser without rules of its own lets every request of its protocol pass.
    rules: rules.length === 0 ? [{}] : rules,
    unsupported,
  };
}

/** Requests are seen on TCP only, DNS on UDP too; never on every port at once. */
function checkPlace(parser: string, ports: readonly RawPort[], at: string, context: RuleContext): void {
  const { problems, direction, host, options } = context;
  const dns = parser === 'dns';
  if (dns && direction === 'ingress') problems.error('cilium.l7_place', at, 'DNS rules are accepted on egress only');
  if (host && !(dns && direction === 'egress')) {
    problems.error('cilium.l7_place', at, 'policies for nodes may only have DNS rules, on egress');
  } else if (host && !options.nodeDns) {
    problems.error('cilium.l7_place', at, 'policies for nodes may not have DNS rules before Cilium 1.17');
  }
  if (dns && ports.length === 0) problems.error('cilium.l7_place', at, 'DNS rules need a port');
  for (const { port, endPort, protocols } of ports) {
    if (port === 0) problems.error('cilium.l7_place', at, 'rules about requests cannot stand with port 0');
    if (dns && endPort !== port) problems.error('cilium.l7_place', at, 'DNS rules do not accept port ranges');
    if (!dns && (protocols.length !== 1 || protocols[0] !== TCP)) {
      problems.error('cilium.l7_place', at, 'rules about requests need `protocol: TCP` on every port');
    }
  }
}

const HTTP_FIELDS = ['path', 'method', 'host', 'headers', 'headerMatches'];

function parseHttp(value: Json, at: string, context: RuleContext, unsupported: string[]): L7Rule {
  const { problems, options } = context;
  if (!isObject(value)) problems.error('cilium.http', at, `expected an HTTP rule, found ${describe(value)}`);
  warnUnknownFields(value, HTTP_FIELDS, at, problems);
  // Escaped slashes are answered with a redirection to the path without them.
  const form = options.normalPaths ? 'decoded' : 'as-sent';
  const read: PathReading = { form, query: 'kept', certain: true };
  const pattern = (name: string): readonly TextTest[] | undefined => {
    const written = field(value, name);
    if (written === undefined || written === '') return undefined;
    const read = readPattern(written);
    const here = pointer(at, name);
    // The agent does not look at the pattern of a host, Envoy does.
    if (read.type === 'invalid' && (name !== 'host' || typeof written !== 'string'))
      problems.error('cilium.pattern', here, read.why);
    else if (read.type !== 'pattern') {
      problems.unsupported('cilium.pattern', here, read.why);
      unsupported.push(`the ${name} of an HTTP rule is not evaluated: ${read.why}`);
    } else return [{ op: 'regex', value: read.source }];
    return undefined;
  };
  const methods = pattern('method');
  const paths = pattern('path')?.map((test) => ({ ...test, read }));
  const hosts = pattern('host');
  const headers = [
    ...list(field(value, 'headers')).flatMap((header, index) =>
      parseHeader(header, pointer(at, 'headers', index), context),
    ),
    ...list(field(value, 'headerMatches')).flatMap((header, index) =>
      parseHeaderMatch(header, pointer(at, 'headerMatches', index), context, unsupported),
    ),
  ];
  return {
    ...(methods === undefined ? {} : { methods }),
    ...(paths === undefined ? {} : { paths }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(headers.length === 0 ? {} : { headers }),
  };
}

type HeaderTest = NonNullable<L7Rule['headers']>[number];

/** `Name: value`, or a name alone for a header that must be there. */
function parseHeader(value: Json, at: string, context: RuleContext): HeaderTest[] {
  if (typeof value !== 'string' || value.trim() === '') {
    context.problems.error('cilium.header', at, `expected a text such as \`X-Token: 1\`, found ${describe(value)}`);
    return [];
  }
  const space = value.trim().indexOf(' ');
  const colon = value.indexOf(':');
  const cut = colon >= 0 ? colon : space;
  const name = (cut < 0 ? value : value.slice(0, cut)).trim();
  const wanted = cut < 0 ? '' : value.slice(cut + 1).trim();
  return [{ name, test: wanted === '' ? { op: 'present', value: '' } : { op: 'exact', value: wanted } }];
}

/** A header test that may, instead of refusing, only log or change the request; then it limits nothing. */
function parseHeaderMatch(value: Json, at: string, context: RuleContext, unsupported: string[]): HeaderTest[] {
  const { problems } = context;
  const name = text(field(value, 'name'));
  const mismatch = text(field(value, 'mismatch'));
  if (name === '') problems.error('cilium.header', pointer(at, 'name'), 'a header match needs a name');
  if (mismatch !== '' && !['LOG', 'ADD', 'DELETE', 'REPLACE'].includes(mismatch)) {
    const found = describe(mismatch);
    problems.error('cilium.header', pointer(at, 'mismatch'), `expected LOG, ADD, DELETE or REPLACE, found ${found}`);
  }
  const secret = field(value, 'secret');
  if (secret !== undefined && text(field(secret, 'name')) === '') {
    problems.error('cilium.header', pointer(at, 'secret'), 'a Secret needs a name');
  }
  if (mismatch !== '') return [];
  if (secret !== undefined) unsupported.push(`the value of header \`${name}\` is in a Secret`);
  const wanted = text(field(value, 'value'));
  return [{ name, test: wanted === '' ? { op: 'present', value: '' } : { op: 'exact', value: wanted } }];
}

function parseDns(value: Json, at: string, context: RuleContext): L7Rule {
  // Without a name it is about none, and no question is for the empty one.
  const names = parseName(value, at, context);
  return { fields: { name: names.length === 0 ? exactly('') : names.map(namePattern) } };
}

/** Key-value pairs of a parser that a proxy plugin brings. */
function parseGeneric(value: Json, at: string, context: RuleContext): L7Rule {
  if (!isObject(value)) {
    context.problems.error('cilium.l7', at, `expected an object of texts, found ${describe(value)}`);
    return {};
  }
  const fields: Record<string, readonly TextTest[]> = Object.create(null) as Record<string, readonly TextTest[]>;
  if (Object.hasOwn(value, '')) context.problems.error('cilium.l7', at, 'a key of a rule must not be empty');
  for (const key of Object.keys(value).sort()) {
    const wanted = text(value[key]);
    fields[key] = wanted === '' ? [{ op: 'present', value: '' }] : exactly(wanted);
  }
  return { fields };
}
