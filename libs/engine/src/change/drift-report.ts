import { finish } from '../base/index.js';
import { objectKey, kindId, protocolName } from '../model/index.js';
import type { CniDetection, RuleRef } from '../model/index.js';
import type { CompiledSnapshot } from '../compile/compile-snapshot.js';
import type { ReadingName } from '../eval/evaluate-pair.js';
import { hashText } from '../normalise/hash-text.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import type { MatchBy } from '../drift/match-endpoints.js';
import type { ObjectChange } from '../drift/object-drift.js';
import { findingReachabilityDrift } from '../drift/reachability-drift.js';
import type {
  ConnectionDrift,
  DriftCause,
  DriftEntry,
  EndpointDrift,
  EnforcementDrift,
  IsolationDrift,
} from '../drift/reachability-drift.js';
import { ruleLabel } from '../explain/rule-label.js';
import { formatConnections } from '../reach/connection-set.js';
import type { RuleView } from '../ask/answer.js';
import { ChangeIndex } from './drift-causes.js';
import { peerText, sideOf, sideText } from './drift-side.js';
import { summarise } from './drift-summary.js';
import type { DriftEntryView, DriftReport, DriftType, DriftVerdict, ObjectDriftView } from './drift-view.js';
import { patchLines } from './patch-lines.js';
import { findingPoliciesThatDiffer } from './policy-meaning.js';

/** Two states to compare, with the objects that differ (`objectDrift`, or what a store knows of them). */
export interface DriftQuestion {
  readonly before: CompiledSnapshot;
  readonly after: CompiledSnapshot;
  readonly objects: readonly ObjectChange[];
  /** `enforced` by default. */
  readonly reading?: ReadingName | undefined;
  /** `name` by default. */
  readonly matchBy?: MatchBy | undefined;
}

/** Compares two states in three depths. Pure; equal questions give equal reports, entries in a stable order. */
export function driftReport(question: DriftQuestion): DriftReport {
  return finish(makingDriftReport(question));
}

/** The same in steps: the way there may pause at each null. */
export function* makingDriftReport(question: DriftQuestion): Generator<null, DriftReport> {
  const { before, after, objects, reading = 'enforced', matchBy = 'name' } = question;
  const found = yield* findingReachabilityDrift(before, after, { reading, matchBy });
  yield null;
  const changes = new ChangeIndex(
    objects,
    found.some(({ type }) => type === 'enforcement.changed'),
  );
  const entries: DriftEntryView[] = [];
  for (const entry of found) {
    entries.push(...viewOf(entry, changes));
    yield null;
  }
  entries.push(...endpointEntries(found));
  entries.sort(byWeight);
  yield null;
  const views = yield* objectViews(question);
  return { reading, summary: summarise(views, entries), objects: views, entries };
}

/** Dangerous first, then breaking, then by type and text. */
function byWeight(a: DriftEntryView, b: DriftEntryView): number {
  const weight = (entry: DriftEntryView): number => (entry.dangerous ? 0 : entry.breaking ? 1 : 2);
  return weight(a) - weight(b) || (a.type < b.type ? -1 : a.type > b.type ? 1 : a.summary < b.summary ? -1 : 1);
}

function* objectViews({ before, after, objects }: DriftQuestion): Generator<null, readonly ObjectDriftView[]> {
  const policies = objects.filter(({ object }) => policyKindOf(object) !== null);
  const differ = yield* findingPoliciesThatDiffer(
    before,
    after,
    policies.map(({ object }) => object),
  );
  yield null;
  const out: ObjectDriftView[] = [];
  for (const change of objects) {
    const { type, object } = change;
    const meaning = policyKindOf(object) === null ? null : differ.has(objectKey(object)) ? 'different' : 'same';
    out.push({ type, kindId: kindId(object), object, meaning, patch: patchLines(change) });
    yield null;
  }
  return out;
}

function viewOf(entry: DriftEntry, changes: ChangeIndex): DriftEntryView[] {
  switch (entry.type) {
    case 'enforcement.changed':
      return [enforcementView(entry)];
    case 'isolation.gained':
    case 'isolation.lost':
      return [isolationView(entry, changes)];
    case 'endpoint.added':
    case 'endpoint.removed':
      return [];
    default:
      return [connectionView(entry, changes)];
  }
}

const NOTHING = {
  sources: null,
  destinations: null,
  subjects: null,
  direction: null,
  before: '',
  after: '',
  pairs: 0,
  example: null,
  causes: [],
} as const;

/** An entry with the id that its content gives it. */
function entry(content: Omit<DriftEntryView, 'id' | keyof typeof NOTHING> & Partial<DriftEntryView>): DriftEntryView {
  const whole = Object.assign({ id: '' }, NOTHING, content);
  const { type, sources, destinations, subjects, direction, before, after } = whole;
  whole.id = hashText(JSON.stringify([type, sources, destinations, subjects, direction, before, after])).slice(0, 16);
  return whole;
}

function connectionView(drift: ConnectionDrift, changes: ChangeIndex): DriftEntryView {
  const [sources, destinations] = [sideOf(drift.sources), sideOf(drift.destinations)];
  const [before, after] = [formatConnections(drift.before), formatConnections(drift.after)];
  const { example, cause } = drift;
  const type = typeOf(drift);
  return entry({
    type,
    ...effectOf(type),
    summary: `${sideText(sources)} → ${sideText(destinations)}: ${before} → ${after}`,
    sources,
    destinations,
    before,
    after,
    pairs: drift.pairs,
    example: {
      from: peerText(example.after[0]),
      to: peerText(example.after[1]),
      protocol: protocolName(example.protocol),
      port: example.port,
      before: verdictOf(cause.before),
      after: verdictOf(cause.after),
    },
    causes: changes.ofConnection(drift),
  });
}

function typeOf({ type, cause }: ConnectionDrift): DriftType {
  if (type !== 'uncertain') return type;
  return cause.after.verdict === 'unknown' ? 'became-unknown' : 'became-known';
}

const DANGEROUS: ReadonlySet<DriftType> = new Set(['opened', 'widened', 'changed', 'became-known', 'isolation-lost']);
const BREAKING: ReadonlySet<DriftType> = new Set(['closed', 'narrowed', 'changed', 'became-unknown']);

function effectOf(type: DriftType): Pick<DriftEntryView, 'dangerous' | 'breaking'> {
  return { dangerous: DANGEROUS.has(type), breaking: BREAKING.has(type) };
}

function verdictOf({ verdict, rules }: DriftCause): DriftVerdict {
  return { verdict, rules: rules.map(ruleView) };
}

function ruleView(rule: RuleRef): RuleView {
  return { policy: rule.policy, pointer: rule.pointer, label: ruleLabel(rule) };
}

function isolationView(drift: IsolationDrift, changes: ChangeIndex): DriftEntryView {
  const type = drift.type === 'isolation.gained' ? 'isolation-gained' : 'isolation-lost';
  const subjects = sideOf(drift.endpoints);
  const names = drift.policies.map(({ namespace, name }) => (namespace === '' ? name : `${namespace}/${name}`));
  const policies = `isolated by ${names.join(', ')}`;
  const [before, after] = type === 'isolation-gained' ? ['open', policies] : [policies, 'open'];
  return entry({
    type,
    ...effectOf(type),
    summary: `${drift.direction} of ${sideText(subjects)}: ${before} → ${after}`,
    subjects,
    direction: drift.direction,
    before,
    after,
    causes: changes.ofIsolation(drift),
  });
}

function enforcementView({ before, after }: EnforcementDrift): DriftEntryView {
  const [was, is] = [cniText(before), cniText(after)];
  const weight = { yes: 2, unknown: 1, no: 0 } as const;
  const weaker =
    weight[after.enforced] < weight[before.enforced] || after.unenforcedNodes.length > before.unenforcedNodes.length;
  return entry({
    type: 'enforcement-changed',
    dangerous: weaker,
    breaking: weight[after.enforced] > weight[before.enforced],
    summary: `policy is enforced by ${was} → ${is}`,
    before: was,
    after: is,
    causes: [{ type: 'enforcement', change: 'changed', object: null, text: `${was} → ${is}` }],
  });
}

function cniText({ title, enforced, unenforcedNodes }: CniDetection): string {
  const known =
    enforced === 'yes' ? title : `${title} (${enforced === 'no' ? 'not enforced' : 'not known to enforce'})`;
  return unenforcedNodes.length === 0 ? known : `${known}, not on ${unenforcedNodes.length} nodes`;
}

/** What came and what went, one entry each. */
function endpointEntries(found: readonly DriftEntry[]): DriftEntryView[] {
  return (['endpoint.added', 'endpoint.removed'] as const).flatMap((sort) => {
    const endpoints = found
      .filter((drift): drift is EndpointDrift => drift.type === sort)
      .map(({ endpoint }) => endpoint);
    if (endpoints.length === 0) return [];
    const subjects = sideOf(endpoints);
    const type = sort === 'endpoint.added' ? 'endpoints-added' : 'endpoints-removed';
    const summary = `${sideText(subjects)} ${sort === 'endpoint.added' ? 'came' : 'went'}`;
    return [entry({ type, ...effectOf(type), summary, subjects })];
  });
}
