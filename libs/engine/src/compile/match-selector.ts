import { assertNever } from '../base/index.js';
import { writtenLabel } from '../model/index.js';
import type { Labels, NamePattern, Selector, WrittenLabel } from '../model/index.js';
import { contains, isWithin, parseCidr, everyAddress } from '../net/index.js';
import type { Cidr } from '../net/index.js';
import type { Endpoint } from './endpoint.js';

/** Three-valued truth: 0 no, 1 yes, 2 cannot be told. */
export type Tri = 0 | 1 | 2;
export const NO: Tri = 0;
export const YES: Tri = 1;
export const MAYBE: Tri = 2;

/** A selector made ready to run. `subject` is the endpoint that relative tests compare with. */
export type Matcher = (endpoint: Endpoint, subject: Endpoint) => Tri;

/** Turns selectors into matchers, each distinct selector once. */
export class MatcherTable {
  readonly #known = new Map<string, Matcher>();
  readonly #same = new WeakMap<Selector, Matcher>();

  matcher(selector: Selector): Matcher {
    let known = this.#same.get(selector);
    if (known !== undefined) return known;
    const key = JSON.stringify(selector);
    known = this.#known.get(key);
    if (known === undefined) {
      known = compileSelector(selector);
      this.#known.set(key, known);
    }
    this.#same.set(selector, known);
    return known;
  }
}

const yes: Matcher = () => YES;
const no: Matcher = () => NO;
export const maybe: Matcher = () => MAYBE;
const tri = (value: boolean): Tri => (value ? YES : NO);

/** What a selector asks of endpoints, without what brings several questions together. */
export type SelectorTest = Exclude<Selector, { readonly type: 'and' | 'or' | 'not' }>;

export function compileSelector(selector: Selector): Matcher {
  return compileBy(compileTest, selector);
}

/** A selector whose single tests are run as `test` says. */
export function compileBy(test: (one: SelectorTest) => Matcher, selector: Selector): Matcher {
  switch (selector.type) {
    case 'and':
      return allOf(selector.of.map((member) => compileBy(test, member)));
    case 'or':
      return anyOf(selector.of.map((member) => compileBy(test, member)));
    case 'not': {
      const inner = compileBy(test, selector.of);
      return (endpoint, subject) => {
        const value = inner(endpoint, subject);
        return value === MAYBE ? MAYBE : tri(value === NO);
      };
    }
    default:
      return test(selector);
  }
}

export function compileTest(selector: SelectorTest): Matcher {
  switch (selector.type) {
    case 'all':
      return yes;
    case 'none':
      return no;
    case 'unknown':
      return maybe;
    case 'kind': {
      const kinds = selector.kinds;
      return (endpoint) => tri(kinds.includes(endpoint.kind));
    }
    case 'namespace':
      return oneOf(selector.names, (endpoint) => endpoint.namespace);
    case 'serviceAccount':
      return oneOf(selector.names, (endpoint) => endpoint.serviceAccount);
    case 'nodeName': {
      const isOn = oneOf(selector.names, (endpoint) => endpoint.node);
      return (endpoint, subject) => (isNowhereYet(endpoint) ? MAYBE : isOn(endpoint, subject));
    }
    case 'endpoint': {
      const names = new Set(selector.names);
      return (endpoint) => tri(endpoint.namespace === selector.namespace && names.has(endpoint.name));
    }
    case 'special':
      return (endpoint) => tri(selector.names.some((name) => endpoint.special.includes(name)));
    case 'label':
      return compileLabel(selector);
    case 'cidr':
      return compileCidr(selector.cidr, selector.except);
    case 'hostName':
      return compileHostName(selector.pattern);
    case 'same':
      return compileSame(selector);
    default:
      return assertNever(selector);
  }
}

function allOf(members: readonly Matcher[]): Matcher {
  return (endpoint, subject) => {
    let result: Tri = YES;
    for (const member of members) {
      const value = member(endpoint, subject);
      if (value === NO) return NO;
      if (value === MAYBE) result = MAYBE;
    }
    return result;
  };
}

function anyOf(members: readonly Matcher[]): Matcher {
  return (endpoint, subject) => {
    let result: Tri = NO;
    for (const member of members) {
      const value = member(endpoint, subject);
      if (value === YES) return YES;
      if (value === MAYBE) result = MAYBE;
    }
    return result;
  };
}

function oneOf(names: readonly string[], of: (endpoint: Endpoint) => string): Matcher {
  const single = names[0];
  if (names.length === 1) return (endpoint) => tri(of(endpoint) === single);
  const set = new Set(names);
  return (endpoint) => tri(set.has(of(endpoint)));
}

/** A pod that may come to run on any node: of a template, or one that waits for a node. (NP-55) */
function isNowhereYet({ kind, node, ips }: Endpoint): boolean {
  return node === '' && ips.length === 0 && (kind === 'pod' || kind === 'hostpod');
}

function labelsOf(endpoint: Endpoint, owner: 'pod' | 'namespace' | 'serviceAccount' | 'node'): Labels {
  switch (owner) {
    case 'pod':
      return endpoint.labels;
    case 'namespace':
      return endpoint.namespaceLabels;
    case 'serviceAccount':
      return endpoint.serviceAccountLabels;
    case 'node':
      return endpoint.nodeLabels;
  }
}

type LabelTest = Extract<Selector, { type: 'label' }>;

function compileLabel(selector: LabelTest): Matcher {
  const settled = settledLabel(selector);
  const written = selector.owner === 'pod' ? writtenLabel(selector.key) : null;
  if (written === null) return settled;
  return (endpoint, subject) => {
    const workload = unsaidBy(endpoint, selector.key);
    return workload === null ? settled(endpoint, subject) : unsaidLabel(selector, written, workload);
  };
}

/** The workload of a template that does not say the value of a label, which its controller will; null for others. (NP-54) */
export function unsaidBy({ hypothetical, workload, labels }: Endpoint, key: string): string | null {
  if (!hypothetical || workload === null || labels[key] !== undefined) return null;
  return writtenLabel(key)?.kinds.includes(workload.kind) === true ? workload.name : null;
}

/** Whether the pods of a template may have a value of a label that it leaves to its controller. */
export function mayBeGiven(endpoint: Endpoint, key: string, value: string): boolean {
  const workload = unsaidBy(endpoint, key);
  return workload !== null && writtenLabel(key)?.mayBe(value, workload) === true;
}

function unsaidLabel({ op, values }: LabelTest, written: WrittenLabel, workload: string): Tri {
  const isThere = written.always ? YES : MAYBE;
  switch (op) {
    case 'exists':
      return isThere;
    case 'notExists':
      return isThere === YES ? NO : MAYBE;
    case 'in':
      return values.some((value) => written.mayBe(value, workload)) ? MAYBE : NO;
    case 'notIn':
      return values.some((value) => written.mayBe(value, workload)) ? MAYBE : YES;
    default:
      return MAYBE;
  }
}

function settledLabel(selector: LabelTest): Matcher {
  const { owner, key, op, values } = selector;
  const read = (endpoint: Endpoint): string | undefined => labelsOf(endpoint, owner)[key];
  const first = values[0] ?? '';
  switch (op) {
    case 'in': {
      if (values.length === 1) return (endpoint) => tri(read(endpoint) === first);
      const set = new Set<string | undefined>(values);
      return (endpoint) => tri(set.has(read(endpoint)));
    }
    case 'notIn': {
      const set = new Set<string | undefined>(values);
      return (endpoint) => tri(!set.has(read(endpoint)));
    }
    case 'exists':
      return (endpoint) => tri(read(endpoint) !== undefined);
    case 'notExists':
      return (endpoint) => tri(read(endpoint) === undefined);
    case 'contains':
      return (endpoint) => tri(read(endpoint)?.includes(first) ?? false);
    case 'startsWith':
      return (endpoint) => tri(read(endpoint)?.startsWith(first) ?? false);
    case 'endsWith':
      return (endpoint) => tri(read(endpoint)?.endsWith(first) ?? false);
  }
}

/** Blocks that no pod and no node has its address in: of the link, of the host, of groups. */
const NEVER_OF_CLUSTER = ['169.254.0.0/16', '127.0.0.0/8', '224.0.0.0/4', 'fe80::/10', '::1/128', 'ff00::/8'].map(
  (text) => parseCidr(text) as Cidr,
);

const isNeverOfCluster = (block: Cidr): boolean => NEVER_OF_CLUSTER.some((range) => isWithin(block, range));

/** Addresses that are not known (a template, a host name) may lie in any block that is not its whole family. */
function compileCidr(text: string, exceptText: readonly string[]): Matcher {
  const block = parseCidr(text);
  if (block === null) return no;
  const except = exceptText.map(parseCidr).filter((cidr): cidr is Cidr => cidr !== null);
  const everything = isWithin(everyAddress(block.family), block);
  const ofHostName = everything && except.length === 0 ? YES : MAYBE;
  const ofCluster = isNeverOfCluster(block) ? NO : everything && except.every(isNeverOfCluster) ? YES : MAYBE;
  return (endpoint) => {
    if (endpoint.ips.length === 0) {
      if (endpoint.kind !== 'external') return ofCluster;
      return endpoint.family === null || endpoint.family === block.family ? ofHostName : NO;
    }
    for (const ip of endpoint.ips) {
      if (contains(block, ip) && !except.some((range) => contains(range, ip))) return YES;
    }
    return NO;
  };
}

/**
 * Name rules follow the DNS answers that clients were seen to get. A bare address outside the cluster may be one of
 * them; pods and nodes are not (Cilium and ClusterNetworkPolicy both leave in-cluster addresses out).
 */
function compileHostName(pattern: NamePattern): Matcher {
  const test = nameTest(pattern);
  return (endpoint) => {
    if (endpoint.hostName !== '') return tri(test(endpoint.hostName));
    return endpoint.kind === 'external' ? MAYBE : NO;
  };
}

/** Far longer than any name of DNS, and far shorter than what no regular expression can be made of. */
const LONGEST_PATTERN = 4096;

/** Tests a host name, without regard to case and a trailing dot. */
export function nameTest(pattern: NamePattern): (name: string) => boolean {
  if (pattern.pattern.length > LONGEST_PATTERN) return () => false;
  const clean = (name: string): string => name.toLowerCase().replace(/\.$/, '');
  const text = clean(pattern.pattern);
  const literal = (part: string): string => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const source = ((): string => {
    switch (pattern.dialect) {
      case 'exact':
        return literal(text);
      case 'labels-any-depth':
        return text.startsWith('*.') ? `(?:[^.]+\\.)+${literal(text.slice(2))}` : literal(text);
      case 'label':
        if (text === '*') return '.+';
        if (text.startsWith('**.')) return `(?:[^.]+\\.)+${text.slice(3).split('*').map(literal).join('[^.]*')}`;
        return text.split('*').map(literal).join('[^.]*');
      case 'any':
        return text.split('*').map(literal).join('.*');
    }
  })();
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(clean(name));
}

function compileSame(selector: Extract<Selector, { type: 'same' }>): Matcher {
  if (selector.as === 'namespace') return (e, subject) => tri(e.namespace !== '' && e.namespace === subject.namespace);
  if (selector.as === 'node') {
    return (endpoint, subject) => {
      if (endpoint.node === '' || subject.node === '') return MAYBE;
      return tri(endpoint.node === subject.node);
    };
  }
  const keys = selector.keys;
  return (endpoint, subject) =>
    tri(
      keys.every((key) => {
        const value = subject.namespaceLabels[key];
        return value !== undefined && endpoint.namespaceLabels[key] === value;
      }),
    );
}
