import { objectKey } from '../model/index.js';
import type { Fact, NamespaceFact, ObjectRef, PodFact, PolicyFact } from '../model/index.js';
import { policyKindOf } from '../normalise/normalise-object.js';
import { canonicalGroup, compareObjects, indexFacts, indexOf } from './facts-index.js';
import type { FactsIndex } from './facts-index.js';
import { RevaluedMap } from './revalued-map.js';
import type { SortedList } from './sorted-list.js';

/** Objects that came, changed or went between two states. */
export interface FactEdits {
  readonly upserts?: readonly Fact[];
  readonly removes?: readonly ObjectRef[];
}

/** One object in both states; null where it is not there. */
export interface FactEdit {
  readonly ref: ObjectRef;
  readonly before: Fact | null;
  readonly after: Fact | null;
}

/** Every fact of an index. */
export function factsOf(index: FactsIndex): Fact[] {
  return [...index.pods, ...factsButPods(index)];
}

function factsButPods(index: FactsIndex): Fact[] {
  return [...index.policies, ...fewFacts(index)];
}

function fewFacts(index: FactsIndex): Fact[] {
  return [
    ...index.namespaces.values(),
    ...index.workloads,
    ...index.nodes,
    ...index.services.values(),
    ...[...index.slices.values()].flat(),
    ...index.serviceAccounts.values(),
    ...index.rejected,
    ...[...index.aux.values()].flat(),
    ...index.hidden,
  ];
}

/** What really changes: of several changes of one object the last counts, a removal after an upsert. */
export function changesTo(index: FactsIndex, { upserts = [], removes = [] }: FactEdits): readonly FactEdit[] {
  const after = new Map<string, readonly [ObjectRef, Fact | null]>();
  for (const fact of upserts) after.set(objectKey(fact.meta), [fact.meta, fact]);
  for (const ref of removes) after.set(objectKey(ref), [ref, null]);
  const find = finderIn(index);
  return [...after.values()]
    .map(([ref, fact]): FactEdit => ({ ref, before: find(ref), after: fact }))
    .filter(({ before, after: now }) => before !== now);
}

/** The index with the changes, the same as one of all its facts. Types that no change concerns are shared. */
export function updateIndex(index: FactsIndex, changes: readonly FactEdit[]): FactsIndex {
  const types = new Set(changes.flatMap(({ before, after }) => [before, after]).flatMap((fact) => fact?.type ?? []));
  let { pods, policies } = index.sorted;
  if (types.delete('pod')) pods = edited(pods, changes, isPod);
  if (types.has('policy') && !changes.some(concernsCalico)) {
    types.delete('policy');
    policies = edited(policies, changes, isPolicy);
  }
  let { namespaces } = index;
  if (changes.every(({ before, after }) => (before?.type === 'namespace') === (after?.type === 'namespace'))) {
    types.delete('namespace');
    namespaces = relabelled(namespaces, changes);
  }
  const { workloads, nodes, services, slices, serviceAccounts, rejected, aux, hidden } = index;
  const few = { namespaces, workloads, nodes, services, slices, serviceAccounts, rejected, aux, hidden };
  const out = indexOf({ ...few, sorted: { pods, policies } });
  return types.size === 0 ? out : rebuilt(out, changes, types);
}

/** Namespaces of which some changed and none came or went: their order is what it was. */
function relabelled(namespaces: FactsIndex['namespaces'], changes: readonly FactEdit[]): FactsIndex['namespaces'] {
  const now = new Map<string, NamespaceFact>();
  for (const { after } of changes) if (after?.type === 'namespace') now.set(after.meta.name, after);
  return now.size === 0 ? namespaces : RevaluedMap.of(namespaces, now);
}

const isPod = (fact: Fact): fact is PodFact => fact.type === 'pod';
const isPolicy = (fact: Fact): fact is PolicyFact => fact.type === 'policy';
/** Calico's objects may stand for one another across its groups. */
const concernsCalico = ({ ref }: FactEdit): boolean => canonicalGroup(ref.group) === 'projectcalico.org';

/** A sorted list with its part of the changes. */
function edited<F extends Fact>(
  list: SortedList<F>,
  changes: readonly FactEdit[],
  isOne: (fact: Fact) => fact is F,
): SortedList<F> {
  let out = list;
  for (const { ref, before, after } of changes) {
    const is = after !== null && isOne(after) ? after : null;
    if (is !== null || (before !== null && isOne(before))) out = out.with(({ meta }) => compareObjects(meta, ref), is);
  }
  return out;
}

/** Types that are few: sorted and put together again. */
function rebuilt(index: FactsIndex, changes: readonly FactEdit[], types: ReadonlySet<Fact['type']>): FactsIndex {
  const keys = new Set(changes.map(({ ref }) => objectKey(ref)));
  // Policies and auxiliary objects hide one another only inside their type, but share the list of the hidden.
  const withHidden = types.has('aux') || types.has('policy');
  const wanted = (fact: Fact): boolean =>
    types.has(fact.type) || (withHidden && (fact.type === 'aux' || fact.type === 'policy'));
  const stay = factsButPods(index).filter((fact) => wanted(fact) && !keys.has(objectKey(fact.meta)));
  const come = changes.flatMap(({ after }) => (after !== null && wanted(after) ? [after] : []));
  const fresh = indexFacts([...stay, ...come]);
  const { pods } = index.sorted;
  return indexOf({
    namespaces: types.has('namespace') ? fresh.namespaces : index.namespaces,
    workloads: types.has('workload') ? fresh.workloads : index.workloads,
    nodes: types.has('node') ? fresh.nodes : index.nodes,
    services: types.has('service') ? fresh.services : index.services,
    slices: types.has('endpointslice') ? fresh.slices : index.slices,
    serviceAccounts: types.has('serviceaccount') ? fresh.serviceAccounts : index.serviceAccounts,
    rejected: types.has('rejected') ? fresh.rejected : index.rejected,
    aux: withHidden ? fresh.aux : index.aux,
    hidden: withHidden ? fresh.hidden : index.hidden,
    sorted: { pods, policies: withHidden ? fresh.sorted.policies : index.sorted.policies },
  });
}

/** Finds the fact of an object. The types that are few are arranged when the first of them is asked for. */
function finderIn(index: FactsIndex): (ref: ObjectRef) => Fact | null {
  let rest: ReadonlyMap<string, Fact> | null = null;
  const among = (list: readonly Fact[], ref: ObjectRef): Fact | null =>
    list.find(({ meta }) => compareObjects(meta, ref) === 0) ?? null;
  return (ref) => {
    const { pods, policies } = index.sorted;
    if (policyKindOf(ref) !== null) {
      const known = policies.at(({ meta }) => compareObjects(meta, ref));
      return known ?? among(index.hidden, ref) ?? among(index.rejected, ref);
    }
    if (ref.group === '' && ref.kind === 'Pod') {
      return pods.at(({ meta }) => compareObjects(meta, ref)) ?? among(index.rejected, ref);
    }
    const namespace = ref.group === '' && ref.kind === 'Namespace' ? index.namespaces.get(ref.name) : undefined;
    if (namespace !== undefined) return namespace;
    rest ??= new Map(fewFacts(index).map((fact) => [objectKey(fact.meta), fact]));
    return rest.get(objectKey(ref)) ?? null;
  };
}
