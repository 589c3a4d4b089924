import { canonicalJson, sameJson, ValueMap } from '../base/index.js';
import type { Json } from '../base/index.js';
import type { CompiledPolicy, Direction, Labels, PolicyEntry, Selector } from '../model/index.js';
import { objectKey } from '../model/index.js';
import type { Reading } from '../compile/compile-snapshot.js';
import { BoundPolicy } from '../compile/bound-policy.js';
import type { Endpoint } from '../compile/endpoint.js';
import { MatcherTable } from '../compile/match-selector.js';
import type { PolicySet } from '../compile/policy-set.js';
import { hasBit, unionRows } from '../reach/matrix/bit-row.js';
import type { BitRow } from '../reach/matrix/bit-row.js';
import type { ClassTable } from '../reach/matrix/class-table.js';
import { relativity, SelectorRows } from '../reach/matrix/selector-rows.js';
import { familyViews } from '../reach/rows/family-views.js';
import type { ComparedClasses } from '../reach/rows/refine-tables.js';
import { isolationOf } from './isolation.js';

/** One of two states: its policies, its classes of endpoints, and the endpoints in their order. */
export interface ComparedState {
  readonly reading: Reading;
  readonly classes: ClassTable;
  readonly endpoints: readonly Endpoint[];
}

/**
 * The sources and destinations between which something may be allowed that was not before, or the other way round: what
 * an entry that one state alone has speaks of. Null where more may differ than such connections: endpoints themselves,
 * who is isolated, how policy is enforced. The way there may pause at each null.
 */
export function* findingAffectedClasses(
  before: ComparedState,
  after: ComparedState,
  pairs: readonly (readonly [number, number])[],
): Generator<null, ComparedClasses | null> {
  const entries = yield* findingEntriesThatDiffer(before.reading, after.reading);
  if (entries === null || !(yield* haveSameTraits(before, after, pairs))) return null;
  const named = [matching(before), matching(after)] as const;
  for (const direction of DIRECTIONS) {
    const [gone, come] = isolatingIn(entries, direction);
    if (gone.length + come.length === 0) continue;
    const isolated = [subjectsOf(gone, named[0]), subjectsOf(come, named[1])] as const;
    yield null;
    if (yield* isolationDiffers(before, after, pairs, isolated, direction)) return null;
  }
  const was = yield* findingSides(entries[0], named[0]);
  const is = yield* findingSides(entries[1], named[1]);
  return {
    isSource: (inBefore, inAfter) => hasBit(was.sources, inBefore) || hasBit(is.sources, inAfter),
    isDestination: (inBefore, inAfter) => hasBit(was.destinations, inBefore) || hasBit(is.destinations, inAfter),
  };
}

/** Policies, entries or pairs between two pauses. */
const EACH = 256;

const DIRECTIONS = ['ingress', 'egress'] as const;

/** What each of two states alone has. */
type EntriesApart = readonly [readonly PolicyEntry[], readonly PolicyEntry[]];

function isolatingIn([gone, come]: EntriesApart, direction: Direction): EntriesApart {
  const isolates = (entry: PolicyEntry): boolean => entry.isolates && entry.direction === direction;
  return [gone.filter(isolates), come.filter(isolates)];
}

/** Whether some endpoint that is `isolated` in one state is not isolated likewise in the other. */
function* isolationDiffers(
  before: ComparedState,
  after: ComparedState,
  pairs: readonly (readonly [number, number])[],
  [was, is]: readonly [BitRow, BitRow],
  direction: Direction,
): Generator<null, boolean> {
  const seen = new Set<number>();
  for (const [index, [a, b]] of pairs.entries()) {
    if (index % EACH === EACH - 1) yield null;
    const [inBefore, inAfter] = [before.classes.classOf[a] as number, after.classes.classOf[b] as number];
    const key = inBefore * after.classes.count + inAfter;
    if (seen.has(key) || !(hasBit(was, inBefore) || hasBit(is, inAfter))) continue;
    seen.add(key);
    const earlier = isolationOf(before.reading, before.endpoints[a] as Endpoint, direction);
    if (earlier !== isolationOf(after.reading, after.endpoints[b] as Endpoint, direction)) return true;
  }
  return false;
}

/** What each state alone has; null where the two differ in more than entries. */
function* findingEntriesThatDiffer(before: Reading, after: Reading): Generator<null, EntriesApart | null> {
  if (frameOf(before) !== frameOf(after)) return null;
  const gone: PolicyEntry[] = [];
  const come: PolicyEntry[] = [];
  for (const [i, set] of before.sets.entries()) {
    const known = new Map(set.policies.map((policy) => [objectKey(policy.policy), policy]));
    if (known.size !== set.policies.length) return null;
    yield null;
    for (const [index, policy] of (after.sets[i] as PolicySet).policies.entries()) {
      if (index % EACH === EACH - 1) yield null;
      const key = objectKey(policy.policy);
      const was = known.get(key);
      known.delete(key);
      if (was === policy) continue;
      const [lost, found] = was === undefined ? [[], policy.entries] : entriesApart(was, policy);
      gone.push(...lost);
      come.push(...found);
    }
    for (const policy of known.values()) gone.push(...policy.entries);
  }
  return [gone, come];
}

/** All that verdicts depend on beside entries and endpoints. */
function frameOf({ engines }: Reading): string {
  return canonicalJson(
    engines.map(({ variants, enforcement }) => [
      [...enforcement.unenforcedNodes].sort(),
      variants.map(({ semantics, gates }) => [
        semantics,
        gates.map(({ id, tiers }) => [id, tiers.map(({ tier }) => tier)]),
      ]),
    ]),
  );
}

/** What each of two policies of one name alone has. */
function entriesApart(was: CompiledPolicy, is: CompiledPolicy): EntriesApart {
  const isBound = was instanceof BoundPolicy && is instanceof BoundPolicy && sameJson(was.order, is.order);
  // What else a pattern depends on is in the frame.
  if (isBound && sameJson(was.spec, is.spec)) return [[], []];
  // Policies mostly share their patterns, and nothing else of them can differ.
  const [before, after] = isBound ? [was.pattern.entries, is.pattern.entries] : [was.entries, is.entries];
  if (before.length === after.length && before.every((entry, i) => isAlike(entry, after[i] as PolicyEntry))) {
    return [[], []];
  }
  const marks = new ValueMap<object>();
  const markOf = (entry: PolicyEntry): object => marks.for(meaningOf(entry), () => ({}));
  const [marksBefore, marksAfter] = [before.map(markOf), after.map(markOf)];
  const [inBefore, inAfter] = [new Set(marksBefore), new Set(marksAfter)];
  return [
    was.entries.filter((_, i) => !inAfter.has(marksBefore[i] as object)),
    is.entries.filter((_, i) => !inBefore.has(marksAfter[i] as object)),
  ];
}

/** An entry without where it is written, but for its place among those of its policy. */
function meaningOf(entry: PolicyEntry): Json {
  return { ...entry, source: entry.source.index } as unknown as Json;
}

function isAlike(a: PolicyEntry, b: PolicyEntry): boolean {
  return a === b || sameJson(meaningOf(a), meaningOf(b));
}

/** The source and the destination classes that entries may speak of. */
function* findingSides(
  entries: readonly PolicyEntry[],
  named: Named,
): Generator<null, Record<'sources' | 'destinations', BitRow>> {
  const sources: BitRow[] = [];
  const destinations: BitRow[] = [];
  for (const [index, { direction, subject, peers }] of entries.entries()) {
    if (index % EACH === EACH - 1) yield null;
    const [ofSubject, ofPeers] = direction === 'egress' ? [sources, destinations] : [destinations, sources];
    ofSubject.push(named.by(subject));
    if (peers.type === 'any') ofPeers.push(named.all);
    else if (peers.type === 'of') ofPeers.push(...peers.selectors.map(named.by));
  }
  yield null;
  return { sources: unionRows(sources), destinations: unionRows(destinations) };
}

/** The classes that entries may be for. */
function subjectsOf(entries: readonly PolicyEntry[], named: Named): BitRow {
  return unionRows(entries.map(({ subject }) => named.by(subject)));
}

/** The classes of a state: all, and those that a selector may match. */
interface Named {
  readonly all: BitRow;
  readonly by: (selector: Selector) => BitRow;
}

/** Selectors that are equal are asked once. What matches an endpoint in one of its families is enough, as in rows. */
function matching({ classes, reading }: ComparedState): Named {
  const views = familyViews(classes, reading.sets).map((view) => new SelectorRows(view.classes));
  const [{ all }] = views as [SelectorRows];
  const matchers = new MatcherTable();
  const by = (selector: Selector): BitRow => {
    if (relativity(selector) === 'other') return all;
    return unionRows(views.map((rows) => rows.ofSelector(selector, matchers.matcher(selector)).maybe));
  };
  return { all, by };
}

/** Whether of every class that is compared some endpoint is in both states what it was. */
function* haveSameTraits(
  before: ComparedState,
  after: ComparedState,
  pairs: readonly (readonly [number, number])[],
): Generator<null, boolean> {
  const same = new Set<number>();
  const all = new Set<number>();
  for (const [index, [a, b]] of pairs.entries()) {
    if (index % EACH === EACH - 1) yield null;
    const key = (before.classes.classOf[a] as number) * after.classes.count + (after.classes.classOf[b] as number);
    if (same.has(key)) continue;
    all.add(key);
    if (isSame(before.endpoints[a] as Endpoint, after.endpoints[b] as Endpoint)) same.add(key);
  }
  return same.size === all.size;
}

/** Whether nothing that policy may look at is another. */
function isSame(a: Endpoint, b: Endpoint): boolean {
  if (a === b) return true;
  return (
    TEXT_TRAITS.every((trait) => a[trait] === b[trait]) &&
    LABEL_TRAITS.every((trait) => haveSameLabels(a[trait], b[trait])) &&
    isSameList(a.special, b.special, (x, y) => x === y) &&
    isSameList(a.ips, b.ips, (x, y) => x.family === y.family && x.value === y.value) &&
    isSameList(a.ports, b.ports, (x, y) => x.name === y.name && x.port === y.port && x.protocol === y.protocol)
  );
}

const TEXT_TRAITS = ['kind', 'namespace', 'name', 'serviceAccount', 'node', 'hostName'] as const;
const LABEL_TRAITS = ['labels', 'namespaceLabels', 'serviceAccountLabels', 'nodeLabels'] as const;

function haveSameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function isSameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  return a === b || (a.length === b.length && a.every((each, i) => same(each, b[i] as T)));
}
