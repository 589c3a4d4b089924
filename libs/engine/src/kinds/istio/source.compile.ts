import { field, isObject, pointer } from '../../base/index.js';
import type { Json } from '../../base/index.js';
import { and, not, or } from '../../model/index.js';
import type { Condition, L7Rule, Selector, TextTest } from '../../model/index.js';
import { canonicalIp } from '../../net/index.js';
import { describe } from '../../normalise/problem-list.js';
import type { ProblemList } from '../../normalise/problem-list.js';
import { readCidr } from '../shared/index.js';
import { readTexts, warnUnknownFields } from './fields.parse.js';
import { inTrustDomain, namespaceIdentity, principal, serviceAccountIdentity } from './identity.compile.js';
import type { RuleContext } from './rule-context.js';
import { ANY_TERM, bothOfEach } from './term.js';
import type { Term } from './term.js';
import { textTest } from './text-match.js';

const FIELDS = [
  'principals',
  'requestPrincipals',
  'namespaces',
  'serviceAccounts',
  'ipBlocks',
  'remoteIpBlocks',
  'trustDomains',
] as const;
const capital = (name: string): string => `not${name.charAt(0).toUpperCase()}${name.slice(1)}`;
const KNOWN = FIELDS.flatMap((name) => [name, capital(name)]);

/**
 * Reads one `source`: its fields are ANDed, the values of one field ORed, `not` fields negate (IM-13). One of the terms
 * must hold.
 */
export function compileSource(value: Json | undefined, at: string, context: RuleContext): readonly Term[] {
  const { problems } = context;
  if (!isObject(value)) {
    problems.error('istio.source', at, `expected a source, found ${describe(value)}`);
    return [ANY_TERM];
  }
  warnUnknownFields(value, KNOWN, at, problems);
  const peers: Selector[] = [];
  const requests: Condition[] = [];
  let [unread, read] = [false, false];
  let terms: readonly Term[] = [ANY_TERM];
  for (const name of FIELDS) {
    for (const negated of [false, true]) {
      const key = negated ? capital(name) : name;
      const here = pointer(at, key);
      const values = readTexts(field(value, key), here, problems);
      if (values.length === 0) continue;
      if (name === 'remoteIpBlocks' && context.proxy === 'sidecar') {
        terms = bothOfEach(terms, remoteAddress(values, negated, here, context));
        continue;
      }
      const test = sourceTest(name, values, here, context);
      const isRead = 'type' in test && name !== 'trustDomains';
      read ||= isRead;
      unread ||= !isRead;
      if (name === 'trustDomains') context.differs();
      if (!('type' in test)) requests.push(...requestTest(test, negated));
      else if (isRead || context.proxy === 'sidecar') peers.push(negated ? not(test) : test);
    }
  }
  return bothOfEach(terms, [{ ...ANY_TERM, peer: and(...peers), requests, unread, read }]);
}

/**
 * The client's address as a sidecar takes it: that of the connection, but of a request the one that it is forwarded for.
 * (IM-21)
 */
export function remoteAddress(
  values: readonly string[],
  negated: boolean,
  at: string,
  context: RuleContext,
): readonly Term[] {
  context.differs();
  const here = addresses(values, at, context.problems);
  const requests = requestTest({ attribute: REMOTE, tests: values.map(textTest) }, negated);
  return [
    { ...ANY_TERM, peer: negated ? not(here) : here, unread: true },
    { ...ANY_TERM, requests, unread: true },
  ];
}

/** Whether a condition asks for what only requests of HTTP have; an address every connection has. */
export function isOfRequests(condition: Condition): condition is Extract<Condition, { type: 'l7' }> {
  return condition.type === 'l7' && condition.protocol === 'http' && !condition.rules.every(asksForAddress);
}

function asksForAddress({ fields, except = [], ...others }: L7Rule): boolean {
  const isAlone = fields === undefined ? except.length > 0 : Object.keys(fields).join() === REMOTE;
  return isAlone && Object.keys(others).length === 0 && except.every(asksForAddress);
}

const REMOTE = 'remote.ip';

interface RequestAttribute {
  readonly attribute: string;
  readonly tests: readonly TextTest[];
}

/** A test of the client's address or identity, or of what a request says of itself. */
export function sourceTest(
  name: (typeof FIELDS)[number],
  values: readonly string[],
  at: string,
  context: RuleContext,
): Selector | RequestAttribute {
  const { namespace, identified, problems } = context;
  const identity = (test: (entry: string) => Selector): Selector => and(identified, or(...values.map(test)));
  switch (name) {
    case 'principals':
      return identity((entry) => principal(entry, context));
    case 'namespaces':
      return identity((entry) => namespaceIdentity(entry, context));
    case 'serviceAccounts':
      return identity((entry) => serviceAccountIdentity(entry, namespace));
    case 'trustDomains':
      return identity((entry) => inTrustDomain(entry, context));
    case 'ipBlocks':
      return addresses(values, at, problems);
    case 'requestPrincipals':
      return { attribute: 'request.auth.principal', tests: values.map(textTest) };
    case 'remoteIpBlocks':
      return { attribute: REMOTE, tests: values.map(textTest) };
  }
}

/** A request that says so; negation becomes what the request must not say (IM-21). */
export function requestTest({ attribute, tests }: RequestAttribute, negated: boolean): Condition[] {
  const rule = { fields: { [attribute]: tests } };
  return [{ type: 'l7', protocol: 'http', rules: negated ? [{ except: [rule] }] : [rule] }];
}

/** Endpoints with one of the addresses, which may be single ones or blocks. The mesh sees pods' own (IM-17). */
export function addresses(values: readonly string[], at: string, problems: ProblemList): Selector {
  return or(
    ...values.map((value, index): Selector => {
      const single = canonicalIp(value);
      const block = single === null ? value : `${single}/${single.includes(':') ? 128 : 32}`;
      const cidr = readCidr(block, pointer(at, index), problems);
      return cidr === null ? { type: 'none' } : { type: 'cidr', cidr, except: [] };
    }),
  );
}
