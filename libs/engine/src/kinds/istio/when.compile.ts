import { field, pointer, text } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { not } from '../../model/index.js';
import type { Condition, L7Rule, Selector, TextTest } from '../../model/index.js';
import { ALL_PORTS, subtractRanges } from '../../net/index.js';
import { readTexts, warnUnknownFields } from './fields.parse.js';
import { readPorts } from './operation.compile.js';
import { addresses, remoteAddress, requestTest, sourceTest } from './source.compile.js';
import type { RuleContext } from './rule-context.js';
import { ANY_TERM, bothOfEach } from './term.js';
import type { Term } from './term.js';
import { textTest } from './text-match.js';

const HEADER = /^request\.headers\[([^\]]+)\]$/;
const KEYS =
  /^(?:source\.(?:ip|namespace|principal|serviceAccount|trustDomain)|remote\.ip|request\.(?:headers\[.+\]|auth\..+)|destination\.(?:ip|port)|connection\.sni|experimental\..+)$/;

/**
 * Reads one entry of `when`: a key with values of which one must hold and values of which none may (IM-22). One of the
 * terms must hold.
 */
export function compileWhen(value: Json, at: string, context: RuleContext): readonly Term[] {
  const { problems } = context;
  warnUnknownFields(value, ['key', 'values', 'notValues'], at, problems);
  const key = text(field(value, 'key'));
  if (!KEYS.test(key))
    problems.error('istio.when_key', pointer(at, 'key'), `\`${key}\` is no attribute that Istio knows`);
  const wanted = readTexts(field(value, 'values'), pointer(at, 'values'), problems);
  const unwanted = readTexts(field(value, 'notValues'), pointer(at, 'notValues'), problems);
  if (wanted.length === 0 && unwanted.length === 0) {
    problems.error('istio.when_values', at, 'expected `values` or `notValues`');
  }
  const parts = [
    ...(wanted.length === 0 ? [] : [keyTerms(key, wanted, false, pointer(at, 'values'), context)]),
    ...(unwanted.length === 0 ? [] : [keyTerms(key, unwanted, true, pointer(at, 'notValues'), context)]),
  ];
  const terms = parts.reduce(bothOfEach, [ANY_TERM]);
  if (READ_BY_ZTUNNEL.has(key)) return terms;
  context.differs();
  return (context.proxy === 'sidecar' ? terms : [ANY_TERM]).map((term) => ({ ...term, unread: true }));
}

const SOURCES = {
  'source.namespace': 'namespaces',
  'source.principal': 'principals',
  'source.serviceAccount': 'serviceAccounts',
  'source.trustDomain': 'trustDomains',
  'source.ip': 'ipBlocks',
} as const;

/** The keys that ztunnel knows; those of identity are fewer than at a sidecar (IM-22). */
const READ_BY_ZTUNNEL: ReadonlySet<string> = new Set([
  'source.ip',
  'source.namespace',
  'source.principal',
  'destination.ip',
  'destination.port',
]);

function keyTerms(
  key: string,
  values: readonly string[],
  negated: boolean,
  at: string,
  context: RuleContext,
): readonly Term[] {
  if (key === 'remote.ip' && context.proxy === 'sidecar') return remoteAddress(values, negated, at, context);
  return [keyTerm(key, values, negated, at, context)];
}

function keyTerm(key: string, values: readonly string[], negated: boolean, at: string, context: RuleContext): Term {
  const signed = (selector: Selector): Selector => (negated ? not(selector) : selector);
  if (Object.hasOwn(SOURCES, key)) {
    const test = sourceTest(SOURCES[key as keyof typeof SOURCES], values, at, context);
    if ('type' in test) return { ...ANY_TERM, peer: signed(test) };
  }
  switch (key) {
    case 'destination.ip':
      return { ...ANY_TERM, subject: signed(addresses(values, at, context.problems)) };
    case 'destination.port': {
      const ports = readPorts(values, at, context.problems);
      return { ...ANY_TERM, ports: negated ? subtractRanges(ALL_PORTS, ports) : ports };
    }
    case 'connection.sni':
      return { ...ANY_TERM, requests: [serverName(values.map(textTest), negated)] };
    default:
      return { ...ANY_TERM, requests: requestTerm(key, values.map(textTest), negated) };
  }
}

function serverName(tests: readonly TextTest[], negated: boolean): Condition {
  const rule: L7Rule = { fields: { sni: tests } };
  return { type: 'l7', protocol: 'tls', rules: negated ? [{ except: [rule] }] : [rule] };
}

function requestTerm(key: string, tests: readonly TextTest[], negated: boolean): readonly Condition[] {
  const header = HEADER.exec(key)?.[1];
  if (header === undefined) return requestTest({ attribute: key, tests }, negated);
  const rules = tests.map((test): L7Rule => ({ headers: [{ name: header, test }] }));
  return [{ type: 'l7', protocol: 'http', rules: negated ? [{ except: rules }] : rules }];
}
