import { canonicalJson, pushTo } from '../base/index.js';
import { objectKey } from '../model/index.js';
import type { CompiledPolicy, ObjectRef, PolicyEntry, PortMatch, Selector } from '../model/index.js';
import { mergeRanges } from '../net/index.js';
import type { Ranges } from '../net/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';

/**
 * Which of the changed policies mean something else than before, by `objectKey`: those that add or take away something
 * that no other policy said, or says now, for any pods, also such as do not exist yet. The others were renamed, reordered
 * or written in other words. The way there may pause at each null.
 */
export function* findingPoliciesThatDiffer(
  before: CompiledSnapshot,
  after: CompiledSnapshot,
  changed: readonly ObjectRef[],
): Generator<null, ReadonlySet<string>> {
  if (changed.length === 0) return new Set();
  const namespaces = new Set(changed.map(({ namespace }) => namespace));
  const [was, is] = [before, after].map((snapshot) =>
    snapshot.intended.sets.flatMap(({ policies }) => policies.filter(({ policy }) => namespaces.has(policy.namespace))),
  ) as [CompiledPolicy[], CompiledPolicy[]];
  const keys = new Set(changed.map(objectKey));
  // What is said of other subjects can neither add to what a changed policy says nor stand for it.
  const subjects = new Set(
    [...was, ...is]
      .filter(({ policy }) => keys.has(objectKey(policy)))
      .flatMap(({ entries }) => entries.map(({ subject }) => selectorText(subject))),
  );
  yield null;
  const rules: RuleTexts = new Map();
  const [said, says] = [yield* saying(was, subjects, rules), yield* saying(is, subjects, rules)];
  const differ = new Set<string>();
  for (const [policies, other] of [
    [was, says],
    [is, said],
  ] as const) {
    for (const compiled of policies) {
      const key = objectKey(compiled.policy);
      if (keys.has(key) && !includes(other, yield* saying([compiled], subjects, rules))) differ.add(key);
    }
  }
  return differ;
}

/** What rules say, apart from their ports, with the ports that it is said of. */
type Statements = ReadonlyMap<string, ReadonlyMap<string, Ranges>>;

/** What entries say to each of their peers, without ports: both states have most of them. */
type RuleTexts = Map<PolicyEntry, readonly string[]>;

/** What policies say of some subjects. */
function* saying(
  policies: readonly CompiledPolicy[],
  subjects: ReadonlySet<string>,
  rules: RuleTexts,
): Generator<null, Statements> {
  const out = new Map<string, Map<string, (readonly [number, number])[]>>();
  const say = (what: string, [space, from, to]: readonly [string, number, number]): void => {
    let spaces = out.get(what);
    if (spaces === undefined) out.set(what, (spaces = new Map<string, (readonly [number, number])[]>()));
    pushTo(spaces, space, [from, to]);
  };
  for (const { entries, refused } of policies) {
    yield null;
    if (refused) continue;
    for (const entry of entries) {
      const subject = selectorText(entry.subject);
      if (!subjects.has(subject)) continue;
      if (entry.isolates) say(`isolates ${entry.tier} ${entry.direction} ${subject}`, NO_PORT);
      const texts = rules.get(entry) ?? ruleTexts(entry, subject);
      rules.set(entry, texts);
      const ports = portsOf(entry);
      for (const what of texts) for (const port of ports) say(what, port);
    }
  }
  return new Map(
    [...out].map(([what, spaces]) => [
      what,
      new Map([...spaces].map(([space, ranges]) => [space, mergeRanges(ranges)])),
    ]),
  );
}

const NO_PORT = ['', 0, 0] as const;

function ruleTexts(entry: PolicyEntry, subject: string): readonly string[] {
  const conditions = entry.conditions.length === 0 ? '' : canonicalJson(entry.conditions);
  const rule = `${subject} ${JSON.stringify([...placeOf(entry), entry.action, entry.family])}${conditions}`;
  return peersOf(entry).map((peer) => `${rule} ${peer}`);
}

/** Policies share selectors that are equal. */
const SELECTORS = new WeakMap<Selector, string>();

function selectorText(selector: Selector): string {
  let text = SELECTORS.get(selector);
  if (text === undefined) SELECTORS.set(selector, (text = canonicalJson(canonical(selector))));
  return text;
}

/** Where a rule stands. Among rules that only allow the order means nothing. */
function placeOf(entry: PolicyEntry): readonly unknown[] {
  const { tier, order, direction, tieUndefined, source } = entry;
  const ordered = entry.action !== 'allow' || tieUndefined;
  return [tier, direction, order, ordered ? source.index : -1];
}

function peersOf({ peers }: PolicyEntry): readonly string[] {
  if (peers.type === 'none') return [];
  return peers.type === 'any' ? ['any'] : peers.selectors.map(selectorText);
}

/** The ports of a rule, each with the space that it is a number in. What is left out makes a space of its own. */
function portsOf({ ports }: PolicyEntry): readonly (readonly [string, number, number])[] {
  const except = ports.except.length === 0 ? '' : canonicalJson(ports.except.map(portOf).sort());
  if (ports.include === 'any') return [[`any${except}`, 0, 0]];
  return ports.include.map((match) => {
    const [space, from, to] = portOf(match);
    return [space + except, from, to];
  });
}

function portOf(match: PortMatch): readonly [string, number, number] {
  if (match.type === 'range') return [`ports of ${match.protocol}`, match.from, match.to];
  return [canonicalJson(match), 0, 0];
}

function includes(whole: Statements, part: Statements): boolean {
  for (const [what, spaces] of part) {
    const there = whole.get(what);
    if (there === undefined) return false;
    for (const [space, ranges] of spaces) {
      const known = there.get(space);
      if (known === undefined) return false;
      if (!ranges.every(([from, to]) => known.some(([low, high]) => low <= from && to <= high))) return false;
    }
  }
  return true;
}

/** A selector with its lists in order, so that equal ones have equal text. */
function canonical(selector: Selector): Selector {
  switch (selector.type) {
    case 'and':
    case 'or':
      return { ...selector, of: sorted(selector.of.map(canonical)) };
    case 'not':
      return { ...selector, of: canonical(selector.of) };
    case 'label':
      return { ...selector, values: selector.values.toSorted() };
    case 'namespace':
    case 'serviceAccount':
    case 'nodeName':
    case 'endpoint':
    case 'special':
      return { ...selector, names: selector.names.toSorted() };
    case 'kind':
      return { ...selector, kinds: selector.kinds.toSorted() };
    case 'cidr':
      return { ...selector, except: selector.except.toSorted() };
    default:
      return selector;
  }
}

function sorted(selectors: readonly Selector[]): readonly Selector[] {
  if (selectors.length < 2) return selectors;
  return selectors
    .map((selector) => [canonicalJson(selector), selector] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, selector]) => selector);
}
