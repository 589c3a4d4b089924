import { compilePattern } from '../base/index.js';
import type { TextMatcher } from '../base/index.js';
import type {
  BeforeTranslation,
  Condition,
  L7Question,
  L7Rule,
  Limit,
  PathReading,
  PolicyEntry,
  TextTest,
} from '../model/index.js';
import { BLANK_ENDPOINT } from '../compile/endpoint.js';
import { MAYBE, NO, YES } from '../compile/match-selector.js';
import type { Tri } from '../compile/match-selector.js';
import { contains, formatRanges, hasNumber, parseCidr } from '../net/index.js';
import type { Ip } from '../net/index.js';
import type { Flow } from './flow.js';
import { matchPorts } from './match-ports.js';
import { calicoPath, readPath } from './read-path.js';

/** Does the condition hold for the flow? Attributes that the question leaves open make it `maybe`. */
export function matchCondition(condition: Condition, flow: Flow): Tri {
  switch (condition.type) {
    case 'unsupported':
      if (condition.before !== undefined) return matchEntered(condition.before, flow);
      if (condition.carried === undefined || flow.carried === undefined) return MAYBE;
      return condition.carried === flow.carried ? YES : NO;
    case 'direct':
      return isDirect(flow) ? YES : NO;
    case 'sourcePort': {
      const port = flow.sourcePort;
      if (port === undefined) return MAYBE;
      return hasNumber(condition.ranges, port) ? YES : NO;
    }
    case 'authentication':
      if (flow.authenticated === undefined) return MAYBE;
      return flow.authenticated === (condition.mode === 'mutual') ? YES : NO;
    case 'service':
      return condition.outside === true ? opposite(matchService(condition, flow)) : matchService(condition, flow);
    case 'l7':
      return flow.l7 === undefined ? MAYBE : matchRequest(condition, flow.l7);
  }
}

/** Whether an entry asks if the two sides have authenticated to each other. */
export const asksForAuthentication = ({ conditions }: PolicyEntry): boolean =>
  conditions.some(({ type }) => type === 'authentication');

/** Whether an entry asks if the mesh carries the connection: all entries that a flow meets see it the same way. */
export const asksWhetherCarried = ({ conditions }: PolicyEntry): boolean =>
  conditions.some((condition) => condition.type === 'unsupported' && condition.carried !== undefined);

const opposite = (value: Tri): Tri => (value === MAYBE ? MAYBE : value === YES ? NO : YES);

function matchService(
  { names, ports }: Extract<Condition, { type: 'service' }>,
  { service, servicePort: port }: Flow,
): Tri {
  if (service === undefined || !names.includes(service)) return NO;
  if (ports === undefined) return YES;
  if (port === undefined) return MAYBE;
  return hasNumber(ports, port) ? YES : NO;
}

const isDirect = ({ service, entered }: Flow): boolean => service === undefined && entered === undefined;

/** Names of ports are those of an interface of a host, which has none. */
function matchEntered({ ports, within, without }: BeforeTranslation, flow: Flow): Tri {
  if (isDirect(flow)) return NO;
  if (flow.entered === undefined) return MAYBE;
  const isIn = (blocks: readonly string[], ip: Ip): boolean =>
    blocks.map(parseCidr).some((block) => block !== null && contains(block, ip));
  const matching = flow.entered.filter(({ ip, port }) => {
    if (matchPorts(ports, { ...flow, port }, BLANK_ENDPOINT) === NO || isIn(without, ip)) return false;
    return within === null || within.every((blocks) => isIn(blocks, ip));
  });
  if (matching.length === 0) return NO;
  return within === null || matching.length < flow.entered.length ? MAYBE : YES;
}

type RequestCondition = Extract<Condition, { type: 'l7' }>;

function matchRequest(condition: RequestCondition, asked: L7Question): Tri {
  const question = asWritten(condition.protocol, asked);
  if (isAboutProtocol(condition, question)) return anyRule(condition.rules, question);
  return condition.others ? YES : NO;
}

/** Whether a question may be about the protocol that the condition looks at, where the condition looks for it. */
function isAboutProtocol(condition: RequestCondition, { protocol, fields }: L7Question): boolean {
  // A server name is what tells a question about TLS, whichever protocol is spoken inside.
  const overTls = protocol === 'tls' || fields?.['sni'] !== undefined;
  if (condition.protocol === 'tls') return overTls || protocol === undefined;
  if (overTls && condition.transport === 'clear') return false;
  if (!overTls && protocol !== undefined && condition.transport === 'tls') return false;
  // Of a question about TLS alone it is open what is spoken inside.
  if (protocol === 'tls') return condition.transport === 'tls';
  return protocol === undefined || protocol === condition.protocol;
}

/** Whether what is made of the path that the question tells is not known, so that telling more does not settle it. */
export function readsPathEitherWay(condition: Limit, { l7 }: Flow): boolean {
  if (condition.type !== 'l7' || l7?.path === undefined) return false;
  const { path } = l7;
  const isOpen = ({ paths = [], except = [] }: L7Rule): boolean =>
    paths.some((test) => matchText(test, path) === MAYBE) || except.some(isOpen);
  return condition.rules.some(isOpen);
}

/** The question in the terms of a condition's protocol: gRPC is HTTP, names are compared in lower case. */
function asWritten(protocol: string, question: L7Question): L7Question {
  if (protocol === 'http' && question.protocol === 'grpc') {
    const called = question.fields?.['method'];
    const path = question.path ?? (called === undefined ? undefined : `/${called.replace(/^\//, '')}`);
    return { ...question, protocol: 'http', method: 'POST', ...(path === undefined ? {} : { path }) };
  }
  if ((protocol === 'dns' || protocol === 'tls') && question.fields !== undefined) {
    const clean = ([key, value]: [string, string]): [string, string] => [key, value.toLowerCase().replace(/\.$/, '')];
    return { ...question, fields: Object.fromEntries(Object.entries(question.fields).map(clean)) };
  }
  return question;
}

function anyRule(rules: readonly L7Rule[], question: L7Question): Tri {
  return anyOf(rules, (rule) => matchRule(rule, question));
}

function anyOf<T>(members: readonly T[], match: (member: T) => Tri): Tri {
  let result: Tri = NO;
  for (const member of members) {
    const value = match(member);
    if (value === YES) return YES;
    if (value === MAYBE) result = MAYBE;
  }
  return result;
}

function matchRule(rule: L7Rule, question: L7Question): Tri {
  const results: Tri[] = [
    matchTexts(rule.methods, question.method),
    matchTexts(rule.paths, question.path),
    matchTexts(rule.hosts, question.host),
  ];
  for (const { name, test } of rule.headers ?? []) {
    // A request whose headers are given has exactly those.
    results.push(question.headers === undefined ? MAYBE : headerTest(test, question.headers, name));
  }
  for (const [name, tests] of Object.entries(rule.fields ?? {})) {
    results.push(matchTexts(tests, question.fields?.[name]));
  }
  if (results.includes(NO)) return NO;
  const excepted = anyRule(rule.except ?? [], question);
  if (excepted === YES) return NO;
  return excepted === MAYBE || results.includes(MAYBE) ? MAYBE : YES;
}

function headerTest(test: TextTest, headers: Readonly<Record<string, string>>, name: string): Tri {
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? NO : matchText(test, headers[key] as string);
}

function matchTexts(tests: readonly TextTest[] | undefined, value: string | undefined): Tri {
  if (tests === undefined || tests.length === 0) return YES;
  if (value === undefined) return MAYBE;
  return anyOf(tests, (test) => matchText(test, value));
}

function matchText(test: TextTest, asked: string): Tri {
  const { read } = test;
  if (read === undefined || read === 'small') {
    return isText(test, read === undefined ? asked : asked.toLowerCase()) ? YES : NO;
  }
  const { query, certain } = read;
  const forms: readonly PathReading['form'][] = certain ? [read.form] : [read.form, 'as-sent'];
  const results = new Set(
    forms.flatMap((form) => readPath(asked, { form, query }).map((path) => path !== null && isPath(test, path, form))),
  );
  return results.size > 1 ? MAYBE : results.has(true) ? YES : NO;
}

function isPath(test: TextTest, path: string, form: PathReading['form']): boolean {
  if (form !== 'calico') return isText(test, path);
  const named = calicoPath(test.value);
  if (named === null || test.op !== 'prefix') return path === named;
  return named === '/' || path === named || path.startsWith(`${named}/`);
}

function isText(test: TextTest, value: string): boolean {
  switch (test.op) {
    case 'exact':
      return value === test.value;
    case 'prefix':
      return value.startsWith(test.value);
    case 'suffix':
      return value.endsWith(test.value);
    case 'present':
      return true;
    case 'regex':
      return regexTest(test.value, value);
    case 'glob':
      return globTest(test.value, value);
  }
}

const PATTERNS = new Map<string, TextMatcher | null>();

/** Anchored at both ends. A pattern that cannot be read matches nothing; its frontend has reported it. */
function regexTest(pattern: string, value: string): boolean {
  let known = PATTERNS.get(pattern);
  if (known === undefined) {
    // Policies come and go: the table starts anew rather than grow for ever.
    if (PATTERNS.size > 10_000) PATTERNS.clear();
    PATTERNS.set(pattern, (known = compilePattern(pattern)));
  }
  return known?.(value) ?? false;
}

function globTest(pattern: string, value: string): boolean {
  // No regular expression can be made of very long texts, and what is longer than the value cannot match but by stars.
  if (pattern.replaceAll('*', '').length > value.length) return false;
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(value);
}

/** The limit in words, as `HTTP GET /api/*`. */
export function describeLimit(condition: Limit): string {
  switch (condition.type) {
    case 'hostName':
      return `host name ${condition.patterns.map(({ pattern }) => pattern).join(', ')}`;
    case 'unsupported':
      return condition.what;
    case 'sourcePort':
      return `source port ${formatRanges(condition.ranges)}`;
    case 'authentication':
      return `peers that ${condition.mode === 'mutual' ? '' : 'do not '}authenticate to each other`;
    case 'direct':
      return 'clients that use its own address';
    case 'service':
      return `${condition.outside === true ? 'not ' : ''}through Service ${condition.names.join(', ')}${condition.ports === undefined ? '' : ` on port ${formatRanges(condition.ports)}`}`;
    case 'l7': {
      const rules = condition.rules.map(describeRule).join(' or ');
      return `${condition.protocol.toUpperCase()} ${rules}`.trim();
    }
  }
}

function describeRule(rule: L7Rule): string {
  const texts = (tests: readonly TextTest[] | undefined): string[] =>
    tests === undefined ? [] : [tests.map((test) => test.value).join('|')];
  const parts = [...texts(rule.methods), ...texts(rule.paths)];
  if (rule.hosts !== undefined) parts.push(`host ${texts(rule.hosts).join('')}`);
  for (const header of rule.headers ?? []) parts.push(`header ${header.name}`);
  for (const [name, tests] of Object.entries(rule.fields ?? {})) parts.push(`${name} ${texts(tests).join('')}`);
  if (parts.length === 0) parts.push('any request');
  for (const except of rule.except ?? []) parts.push(`except ${describeRule(except)}`);
  return parts.join(' ');
}
